import { escapeHtml } from '../../escape-html.ts';
import { timeText } from '../../time-text.ts';
import { handledText } from './email-message.ts';
import type { AlertItem, AlertMessage } from './message.ts';

/** Styles stand in the elements, because mail programs drop what stands in the head. */
const FONT = 'font-family:Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5;color:#1d1c1d';
const QUIET = 'color:#616061;font-size:13px';
const CODE =
  'background:#f6f6f6;border:1px solid #ddd;border-radius:4px;padding:8px;margin:8px 0;white-space:pre-wrap;font-size:13px';
const BUTTON =
  'display:inline-block;background:#0b5f8a;color:#ffffff;text-decoration:none;border-radius:4px;padding:6px 14px';

const BARS: Record<AlertItem['state'], string> = {
  pending: '#c62828',
  open: '#c62828',
  acknowledged: '#e6a700',
  silenced: '#8d8d8d',
  resolved: '#2e7d32',
};

/** The message as an HTML email, with the same content as the plain text. No images, scripts or trackers. */
export function emailHtml(message: AlertMessage): string {
  const { headline, items, more, sender, timeZone } = message;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(headline)}</title></head>
<body style="margin:0;padding:16px;background:#ffffff">
<div style="max-width:640px;margin:0 auto;${FONT}">
<h1 style="font-size:20px;margin:0 0 16px">${escapeHtml(headline)}</h1>
${items.map((item) => itemHtml(item, timeZone)).join('\n')}
${more === undefined ? '' : `<p>${escapeHtml(more)}</p>`}
<p style="${QUIET};border-top:1px solid #ddd;padding-top:8px">${escapeHtml(sender)}</p>
</div>
</body>
</html>
`;
}

function itemHtml(item: AlertItem, timeZone: string): string {
  const { state, title, about, error, note, handled, since, resolvedAt, remedy, link, readBy } = item;
  const times =
    resolvedAt === undefined
      ? `Since ${timeText(since, timeZone)}`
      : `From ${timeText(since, timeZone)} to ${timeText(resolvedAt, timeZone)}`;
  const rows = about.map(
    ({ label, text }) =>
      `<tr><td style="${QUIET};padding:0 12px 0 0;vertical-align:top">${escapeHtml(label)}</td><td>${escapeHtml(text)}</td></tr>`,
  );
  const parts = [
    `<h2 style="font-size:16px;margin:0 0 4px">${state === 'resolved' ? '&#10003; ' : ''}${escapeHtml(title)}</h2>`,
    rows.length === 0
      ? ''
      : `<table role="presentation" style="border-spacing:0;${FONT}">${rows.join('')}</table>`,
    error === undefined ? '' : `<pre style="${CODE}">${escapeHtml(error)}</pre>`,
    note === undefined ? '' : `<p style="margin:4px 0"><i>${escapeHtml(note)}</i></p>`,
    handled === undefined ? '' : `<p style="margin:4px 0">${escapeHtml(handledText(handled, timeZone))}</p>`,
    `<p style="${QUIET};margin:4px 0">${escapeHtml(times)}</p>`,
    remedy === undefined
      ? ''
      : `<p style="margin:4px 0"><b>${escapeHtml(remedy.label)}:</b> ${escapeHtml(remedy.text)}</p>`,
    link === undefined
      ? ''
      : `<p style="margin:8px 0"><a href="${escapeHtml(link.url)}" style="${BUTTON}">${escapeHtml(link.text)}</a></p>`,
    state === 'resolved' || readBy === 'estimators'
      ? ''
      : `<p style="${QUIET};margin:4px 0">Incident ${escapeHtml(item.incidentId)}</p>`,
  ];
  return `<div style="border-left:4px solid ${BARS[state]};padding:2px 0 2px 12px;margin:0 0 20px">
${parts.filter((part) => part !== '').join('\n')}
</div>`;
}
