import { describe, expect, it } from 'vitest';
import { emailMessage } from '../../../shared/alerts/messages/email-message.ts';
import { type SlackBlock, slackMessage } from '../../../shared/alerts/messages/slack-message.ts';
import {
  type Finding,
  type Reader,
  RULE_WORDS,
  RULES,
  type RuleName,
} from '../../../shared/alerts/rules/rule.ts';
import { EXAMPLE_FINDINGS, exampleAnnouncement, exampleMessage } from '../../support/alerts/examples.ts';

const HOSTILE: Record<string, string> = {
  'markup that would break out':
    '*bold* _it_ ~st~ `code` ```fence``` <https://evil.example|click> &amp; > quote',
  mentions: '<!channel> <!here|here> <@U12345> <!subteam^S1> @channel @here @everyone',
  'control characters': 'a\u0000b\u0007c\u001b[31md\u0085e\r\nf\u2028g\u202eh\u200bi',
  emoji: ':fire: 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 '.repeat(200),
  '10,000 characters': 'x'.repeat(10_000),
  '10,000 ampersands': '&'.repeat(10_000),
  '10,000 line breaks': 'a\n'.repeat(5_000),
  'one character of 10,000 marks': `e${'\u0301'.repeat(10_000)}`,
  'half a character': `\ud83d text \udc00`,
  nothing: '',
};

function messageWith(text: string, count = 15) {
  const finding: Finding = {
    ...EXAMPLE_FINDINGS['file-sync-failed'],
    error: text,
    projectName: text,
    opportunityName: text,
    opportunityId: text,
    projectId: text,
    remedy: text,
    facts: {},
    readings: { 'File status': text },
  };
  const change = { number: 2, kind: 'acknowledged', at: '2026-11-22T08:00:00.000Z', who: text } as const;
  const announcements = Array.from({ length: count }, () =>
    exampleAnnouncement(finding, 'acknowledged', { change }),
  );
  return exampleMessage(announcements);
}

function textsOf(blocks: readonly SlackBlock[]): { type: string; text: string }[] {
  return blocks.flatMap((block) => {
    switch (block.type) {
      case 'divider':
        return [];
      case 'context':
        return block.elements;
      case 'actions':
        return block.elements.map(({ text }) => text);
      default:
        return [block.text];
    }
  });
}

describe('a message that something is over', () => {
  it.each(['file-sync-failed', 'stale', 'quarantine'] as const)('says nothing of how it was: %s', (rule) => {
    const finding = EXAMPLE_FINDINGS[rule];
    const labelsOf = (kind: 'opened' | 'resolved') =>
      exampleMessage([exampleAnnouncement(finding, kind)]).items.flatMap(({ about }) =>
        about.map(({ label }) => label),
      );
    const readings = Object.keys(finding.readings ?? {});
    const ofTheMoment = [...readings, 'Bids due'];

    expect(labelsOf('opened')).toEqual(expect.arrayContaining(readings));
    expect(labelsOf('resolved')).toEqual(labelsOf('opened').filter((label) => !ofTheMoment.includes(label)));
  });

  it('says what it was about', () => {
    const { items } = exampleMessage([exampleAnnouncement(EXAMPLE_FINDINGS['job-failed'], 'resolved')]);

    expect(items[0]?.about.map(({ label }) => label)).toEqual(expect.arrayContaining(['Account', 'Request']));
  });
});

describe('a Slack message', () => {
  it.each(Object.entries(HOSTILE))('stays within the limits of Slack with %s', (_what, text) => {
    const { text: fallback, blocks } = slackMessage(messageWith(text, 40));

    expect(blocks.length).toBeLessThanOrEqual(50);
    for (const block of blocks) {
      if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(150);
    }
    for (const { text } of textsOf(blocks)) {
      expect(text.length).toBeGreaterThan(0);
      expect(text.length).toBeLessThanOrEqual(3_000);
      expect(text.isWellFormed()).toBe(true);
    }
    expect(fallback.length).toBeGreaterThan(0);
  });

  it.each(Object.entries(HOSTILE))('lets nothing act in %s', (_what, text) => {
    const { blocks, text: fallback } = slackMessage(messageWith(text));

    for (const { text } of [...textsOf(blocks), { text: fallback }]) {
      // All that Slack would act on is our own: dates and the link to the opportunity.
      const acting = text.match(/<[^>]*>/g) ?? [];
      for (const one of acting)
        expect(one).toMatch(/^<(!date\^\d+\^|https:\/\/app\.buildingconnected\.com\/)/);
      expect(text).not.toMatch(/&(?!(amp|lt|gt);)/);
      expect(text).not.toMatch(/@(channel|here|everyone)/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/);
      expect(text.match(/```/g)?.length ?? 0).toBeLessThanOrEqual(2);
    }
  });

  it('shows a foreign name without its markup taking effect', () => {
    const [, section] = slackMessage(messageWith('*Tower* :fire: _B_', 1)).blocks;

    expect(JSON.stringify(section)).toContain('Project: ∗Tower∗ ∶fire: ˍBˍ');
  });

  it.each([
    [1, 'File transfer failed: Riverside Clinic (26-118)'],
    [3, '3 file transfers failed'],
  ])('comes to the point in the header and the fallback text, with %i', (count, headline) => {
    const failed = exampleAnnouncement(EXAMPLE_FINDINGS['file-sync-failed']);
    const message = slackMessage(exampleMessage(Array.from({ length: count }, () => failed)));

    expect(message.text).toBe(headline);
    expect(message.blocks[0]).toMatchObject({ type: 'header', text: { text: headline } });
  });

  it('links to the opportunity and shows the time where the reader is', () => {
    const [, section] = slackMessage(
      exampleMessage([exampleAnnouncement(EXAMPLE_FINDINGS['file-sync-failed'])]),
    ).blocks;
    const text = JSON.stringify(section);

    expect(text).toContain('<https://app.buildingconnected.com/opportunities/60d21b4667d0d8992e610c85/info|');
    expect(text).toContain('<!date^1795183500^{date_short_pretty} {time}|Nov 20, 2026, 8:05 AM CST>');
  });
});

describe('an email', () => {
  it.each(Object.entries(HOSTILE))(
    'has a subject that SNS takes, and a body without surprises, with %s',
    (_what, text) => {
      const { subject } = emailMessage({ ...messageWith(text), headline: `${text} 3 failed\n` });
      const { body } = emailMessage(messageWith(text));

      expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
      expect(subject).toMatch(/^BuildingConnected: /);
      expect(Buffer.byteLength(body)).toBeLessThan(256 * 1024);
      expect(body).not.toContain('\r');
    },
  );

  it('indents foreign text, so that no line of it passes for one of ours', () => {
    const { body } = emailMessage(messageWith('fine\n[PROBLEM] Pay this bill', 1));

    expect(body).toContain('    [PROBLEM] Pay this bill');
    expect(body.match(/^\[PROBLEM\]/gm)).toHaveLength(1);
  });

  it('says the same as Slack', () => {
    const message = exampleMessage(
      Object.values(EXAMPLE_FINDINGS).map((finding) => exampleAnnouncement(finding)),
    );
    const { body } = emailMessage(message);
    const slack = JSON.stringify(slackMessage(message));

    for (const { title, remedy } of message.items) {
      expect(body).toContain(title);
      expect(slack).toContain(title);
      expect(body).toContain(remedy?.text);
    }
  });
});

describe('what a message tells to do', () => {
  const said = (rule: RuleName) => {
    const message = exampleMessage([exampleAnnouncement(EXAMPLE_FINDINGS[rule])]);
    return [emailMessage(message).body, JSON.stringify(slackMessage(message))];
  };
  const rulesReadBy = (reader: Reader) => RULES.filter((rule) => RULE_WORDS[rule].readBy === reader);

  it.each(rulesReadBy('estimators'))('has no command and no incident id for estimators: %s', (rule) => {
    for (const text of said(rule)) {
      expect(text).toContain('What to do:');
      expect(text).not.toMatch(/npm run|\bops\b| --\w|Incident:/i);
    }
  });

  it.each(rulesReadBy('engineers'))('is marked as theirs for engineers, with the id: %s', (rule) => {
    for (const text of said(rule)) {
      expect(text).toContain('What to do (engineer):');
      expect(text).toContain(exampleAnnouncement(EXAMPLE_FINDINGS[rule]).incident.id);
    }
  });
});
