import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emailHtml } from '../../../shared/alerts/messages/email-html.ts';
import { RULES } from '../../../shared/alerts/rules/rule.ts';
import { EXAMPLE_FINDINGS, exampleAnnouncement, exampleMessage } from '../../support/alerts/examples.ts';

describe('the HTML of an email', () => {
  it.each(RULES)('says what the plain text says: %s', (rule) => {
    const message = exampleMessage([exampleAnnouncement(EXAMPLE_FINDINGS[rule])]);
    const text = visible(emailHtml(message));
    const [item] = message.items;

    for (const part of [
      item?.title,
      item?.error,
      item?.remedy?.text,
      ...(item?.about ?? []).map((a) => a.text),
    ]) {
      if (part !== undefined) expect(text).toContain(part);
    }
  });

  it('never lets a text from outside be more than text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const hostile = `<script>${text}</script>"'><img src=x onerror=alert(1)>`;
        const finding = { ...EXAMPLE_FINDINGS['file-sync-failed'], error: hostile, projectName: hostile };
        const html = emailHtml(exampleMessage([exampleAnnouncement(finding)]));

        expect(html).not.toMatch(/<script|<img/i);
        expect(html.match(/<a href="([^"]*)"/g)).toHaveLength(1);
      }),
    );
  });

  it('loads nothing from anywhere', () => {
    const html = emailHtml(exampleMessage([exampleAnnouncement(EXAMPLE_FINDINGS['file-sync-failed'])]));
    expect(html).not.toMatch(/\ssrc=|url\(|<link|@import/i);
  });
});

function visible(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_mark, code: string) => String.fromCharCode(Number(code)));
}
