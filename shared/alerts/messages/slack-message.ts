import { timeText } from '../../time-text.ts';
import { cutText } from '../rules/plain-text.ts';
import type { AlertItem, AlertMessage } from './message.ts';
import { type Accessory, type ActionsBlock, accessory, buttons } from './slack-actions.ts';

/** Slack's limits: characters of a header, of a section's text; blocks of a message. */
const HEADER_LENGTH = 150;
const SECTION_LENGTH = 3_000;
/** Of the fallback text and of the parts of a section, so that a section always fits. */
const FALLBACK_LENGTH = 1_000;
const TITLE_LENGTH = 300;
const ABOUT_LENGTH = 700;
const ERROR_LENGTH = 800;
const NOTE_LENGTH = 300;
const REMEDY_LENGTH = 500;

/** Up to so many incidents have buttons of their own; in longer messages each has a menu, which takes no block. */
const MOST_WITH_BUTTONS = 5;

type PlainText = { type: 'plain_text'; text: string; emoji: false };
export type SlackBlock =
  | { type: 'header'; text: PlainText }
  | { type: 'section'; text: PlainText | { type: 'mrkdwn'; text: string }; accessory?: Accessory }
  | ActionsBlock
  | { type: 'divider' }
  | { type: 'context'; elements: PlainText[] };

export interface SlackMessage {
  /** What notifications show, and all that is left where blocks cannot be. */
  text: string;
  blocks: SlackBlock[];
}

/** The message in Block Kit: a header, one section an incident, a footer; at most 33 blocks of the 50 that Slack takes. */
export function slackMessage(message: AlertMessage): SlackMessage {
  const blocks: SlackBlock[] = [
    { type: 'header', text: plain(message.headline, HEADER_LENGTH) },
    ...message.items.flatMap((item, index): SlackBlock[] => [
      ...(index > 0 ? [DIVIDER] : []),
      ...itemBlocks(item, message),
    ]),
    ...(message.more === undefined ? [] : [section(plain(message.more, SECTION_LENGTH))]),
    { type: 'context', elements: [plain(message.sender, FALLBACK_LENGTH)] },
  ];
  return { text: within(FALLBACK_LENGTH, message.headline), blocks };
}

const DIVIDER: SlackBlock = { type: 'divider' };

function itemBlocks(item: AlertItem, { items, timeZone }: AlertMessage): SlackBlock[] {
  const text = section({ type: 'mrkdwn', text: sectionText(item, timeZone) });
  const { incidentId, actions = [] } = item;
  const beside = accessory(incidentId, actions);
  if (beside === undefined) return [text];
  return items.length <= MOST_WITH_BUTTONS
    ? [text, buttons(incidentId, actions)]
    : [{ ...text, accessory: beside }];
}

function section(text: PlainText | { type: 'mrkdwn'; text: string }) {
  return { type: 'section', text } as const;
}

function sectionText(item: AlertItem, timeZone: string): string {
  const lines = [
    titleLine(item),
    ...aboutLines(item),
    ...(item.error === undefined ? [] : [quoted(item.error)]),
    ...(item.note === undefined ? [] : [`_${within(NOTE_LENGTH, item.note)}_`]),
    timeLine(item, timeZone),
    ...(item.handled === undefined ? [] : [handledLine(item.handled, timeZone)]),
    ...(item.remedy === undefined
      ? []
      : [`*${item.remedy.label}:* ${within(REMEDY_LENGTH, item.remedy.text)}`]),
    ...(item.link === undefined ? [] : [`<${item.link.url}|${within(NOTE_LENGTH, item.link.text)}>`]),
    ...(item.state === 'resolved' || item.readBy === 'estimators'
      ? []
      : [`Incident: \`${escaped(item.incidentId)}\``]),
  ];
  return lines.join('\n');
}

/** A plain text as Slack takes it in a message without blocks. */
export function slackText(text: string): string {
  return within(FALLBACK_LENGTH, text);
}

const MARKS: Record<AlertItem['state'], string> = {
  pending: ':red_circle:',
  open: ':red_circle:',
  acknowledged: ':large_yellow_circle:',
  silenced: ':no_bell:',
  resolved: ':white_check_mark:',
};

function titleLine({ state, title, wasTitle }: AlertItem): string {
  const struck = wasTitle === undefined ? '' : `~${within(TITLE_LENGTH, wasTitle)}~ `;
  return `${MARKS[state]} ${struck}*${within(TITLE_LENGTH, title)}*`;
}

/** Slack shows the name of its own users by their id. */
function handledLine(
  { who, slackUserId, at, silencedUntil }: NonNullable<AlertItem['handled']>,
  timeZone: string,
): string {
  const person = slackUserId === undefined ? within(NOTE_LENGTH, who) : `<@${escaped(slackUserId)}>`;
  return silencedUntil === undefined
    ? `Acknowledged by ${person}, ${localTime(at, timeZone)}`
    : `Silenced by ${person} until ${localTime(silencedUntil, timeZone)}`;
}

function aboutLines(item: AlertItem): string[] {
  const share = Math.floor(ABOUT_LENGTH / Math.max(1, item.about.length));
  return item.about.map(({ label, text }) => `${label}: ${within(share, text)}`);
}

function timeLine(item: AlertItem, timeZone: string): string {
  if (item.resolvedAt === undefined) return `Since ${localTime(item.since, timeZone)}`;
  return `From ${localTime(item.since, timeZone)} to ${localTime(item.resolvedAt, timeZone)}`;
}

/** Shown in the reader's own time zone; in the stage's where Slack cannot. */
function localTime(iso: string, timeZone: string): string {
  const seconds = Math.floor(Date.parse(iso) / 1000);
  const fallback = timeText(iso, timeZone);
  return Number.isNaN(seconds) ? fallback : `<!date^${seconds}^{date_short_pretty} {time}|${fallback}>`;
}

/** In a code block nothing is marked up, linked or turned into emoji; only its own fence has to be kept out. */
function quoted(error: string): string {
  return `\`\`\`\n${fitted(ERROR_LENGTH, error, (text) => escaped(text.replaceAll('`', 'ˋ')))}\n\`\`\``;
}

/** Text inside marked-up text. */
function within(length: number, text: string): string {
  return fitted(length, text, (part) =>
    escaped(part.replace(/[*_~`]|:(?=[^\s:]+:)/g, (mark) => HARMLESS[mark] ?? mark)),
  );
}

/** Slack has no escape for its marks, so they are replaced by characters that look like them. */
const HARMLESS: Record<string, string> = { '*': '∗', _: 'ˍ', '~': '∼', '`': 'ˋ', ':': '∶' };

/** Slack's three control characters, and words that notify people in places where it parses plain text. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@(?=channel|here|everyone)/gi, '＠');
}

/** Cuts before it escapes, so that no escape is cut in two, until the result fits. */
function fitted(length: number, text: string, escapeText: (text: string) => string): string {
  let kept = cutText(text, length);
  while (escapeText(kept).length > length) kept = cutText(kept, Math.floor(kept.length * 0.8));
  return escapeText(kept);
}

function plain(text: string, length: number): PlainText {
  return { type: 'plain_text', text: cutText(text, length), emoji: false };
}
