import { timeText } from '../../time-text.ts';
import type { AlertItem, AlertMessage } from './message.ts';

/** SNS takes subjects of fewer than 100 ASCII characters without line breaks. */
const SUBJECT_LENGTH = 99;

export interface EmailMessage {
  subject: string;
  body: string;
}

/** The message as a plain text email, with the same content as on every other channel. */
export function emailMessage(message: AlertMessage): EmailMessage {
  const parts = [
    `${message.headline}.`,
    ...message.items.map((item) => itemText(item, message.timeZone)),
    ...(message.more === undefined ? [] : [message.more]),
    `-- \n${message.sender}`,
  ];
  return { subject: subjectOf(message.headline), body: `${parts.join('\n\n')}\n` };
}

function subjectOf(headline: string): string {
  const ascii = `BuildingConnected: ${headline}`.normalize('NFKD').replace(/[^\x20-\x7e]/g, '');
  return ascii.length <= SUBJECT_LENGTH ? ascii : `${ascii.slice(0, SUBJECT_LENGTH - 3).trimEnd()}...`;
}

/** An error is indented, so that no line of a foreign text can pass for one of ours. */
function itemText(item: AlertItem, timeZone: string): string {
  const lines = [
    `${item.state === 'resolved' ? '[RESOLVED]' : '[PROBLEM]'} ${item.title}`,
    ...item.about.map(({ label, text }) => `${label}: ${text}`),
    ...(item.error === undefined ? [] : ['Error:', item.error.replace(/^/gm, '    ')]),
    ...(item.note === undefined ? [] : [item.note]),
    ...(item.handled === undefined ? [] : [handledText(item.handled, timeZone)]),
    item.resolvedAt === undefined
      ? `Since: ${timeText(item.since, timeZone)}`
      : `From ${timeText(item.since, timeZone)} to ${timeText(item.resolvedAt, timeZone)}`,
    ...(item.remedy === undefined ? [] : [`${item.remedy.label}: ${item.remedy.text}`]),
    ...(item.link === undefined ? [] : [`${item.link.text}: ${item.link.url}`]),
    ...(item.state === 'resolved' || item.readBy === 'estimators' ? [] : [`Incident: ${item.incidentId}`]),
  ];
  return lines.join('\n');
}

/** Who has acknowledged or silenced an incident. */
export function handledText(
  { who, at, silencedUntil }: NonNullable<AlertItem['handled']>,
  timeZone: string,
): string {
  return silencedUntil === undefined
    ? `Acknowledged by ${who}, ${timeText(at, timeZone)}`
    : `Silenced by ${who} until ${timeText(silencedUntil, timeZone)}`;
}
