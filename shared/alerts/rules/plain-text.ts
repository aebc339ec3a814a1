/** Text from outside made fit to show: what people read, and nothing that acts. */

// C0 and C1 controls except the line feed, and the invisible marks that reorder or hide text. The joiner U+200D
// stays: emoji are made with it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Made when it is first needed: it takes longer than the rest of this function's start. */
let graphemes: Intl.Segmenter | undefined;

/** Several lines: line ends unified, runs of blank lines and trailing spaces gone, nothing invisible left. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/\t/g, ' ')
    .replace(UNSEEN, '')
    .replace(/[ \u00a0]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The same on one line. */
export function oneLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ');
}

/** At most `max` UTF-16 units, with an ellipsis where something is missing; never half a character. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  let kept = '';
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  for (const { segment } of graphemes.segment(text.slice(0, max))) {
    if (kept.length + segment.length > max - 1) break;
    kept += segment;
  }
  // One character can be made of thousands of marks; then it is cut inside.
  if (kept === '') kept = text.slice(0, max - 1);
  return `${kept.toWellFormed().trimEnd()}…`;
}
