import { escapeHtml } from '../../../shared/escape-html.ts';
import { SANDBOX_PERSON } from './workspace.ts';

/** Slack's markup as HTML, as far as our messages use it: https://docs.slack.dev/messaging/formatting-message-text */

/** The emoji of our messages; drawn as dots, because not every machine has a font with them. */
const MARKS = ['red_circle', 'large_yellow_circle', 'no_bell', 'white_check_mark'];

/** Text that is marked up; what stands in it is escaped already, as Slack wants it. */
export function mrkdwnToHtml(text: string): string {
  return text
    .split(/```\n?([\s\S]*?)\n?```/)
    .map((part, index) => (index % 2 === 1 ? `<pre>${quoted(part)}</pre>` : lines(part)))
    .join('');
}

function lines(text: string): string {
  return quoted(text)
    .trim()
    .replace(/:([a-z_]+):/g, (mark, name: string) =>
      MARKS.includes(name) ? `<span class="mark ${name}" title="${mark}"></span>` : mark,
    )
    .replace(/&#60;!date\^\d+\^[^|]*\|([^&]*)&#62;/g, '$1')
    .replace(/&#60;(https:[^|&]*)\|([^&]*)&#62;/g, '<a href="$1" rel="noreferrer">$2</a>')
    .replace(/&#60;@(\w+)&#62;/g, (_mark, id: string) => `<b>@${personName(id)}</b>`)
    .replace(/`([^`\n]+)`/g, '<code>$1</code>')
    .replace(/\*([^*\n]+)\*/g, '<b>$1</b>')
    .replace(/(^|\s)_([^_\n]+)_/g, '$1<i>$2</i>')
    .replace(/~([^~\n]+)~/g, '<s>$1</s>')
    .replaceAll('\n', '<br>');
}

function personName(id: string): string {
  return id === SANDBOX_PERSON.id ? SANDBOX_PERSON.name : id;
}

/** `&amp;`, `&lt;` and `&gt;` are Slack's escapes; angle brackets that stand for themselves are its markup. */
function quoted(text: string): string {
  const plain = text.replaceAll('&lt;', '\u0001').replaceAll('&gt;', '\u0002').replaceAll('&amp;', '&');
  return escapeHtml(plain).replaceAll('\u0001', '&lt;').replaceAll('\u0002', '&gt;');
}
