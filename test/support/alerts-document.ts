import { emailMessage } from '../../shared/alerts/messages/email-message.ts';
import { type SlackBlock, slackMessage } from '../../shared/alerts/messages/slack-message.ts';
import { RULE_WORDS, RULES, type RuleName } from '../../shared/alerts/rules/rule.ts';
import { alertRules } from '../../shared/alerts/rules/settings.ts';
import { EXAMPLE_FINDINGS, exampleAnnouncement, exampleMessage } from './alerts-examples.ts';

const CONDITIONS: Record<RuleName, string> = {
  connection: 'Autodesk refuses the refresh token: a person has to sign in again.',
  'channel-refused':
    'Slack or SNS turns our messages down for good, such as a revoked webhook address. Told on the other channel. It ends when a message gets through, such as the one of `ops alerts-test`.',
  'mass-deletion-stopped':
    'A full sync would have marked too many records as deleted and stopped. It ends when a full sync completes.',
  'file-sync-failed': 'A pair has `fileStatus` FAILED, or a `fileSyncingError`.',
  'relink-needed': 'A pair has `shouldRelinkGroup` true.',
  'file-sync-stuck':
    'A pair has been QUEUED or IN_PROGRESS for `afterMinutes`, counted from the earlier of its `updatedAt` and the first time it was seen so. Where it was seen in another state before, from the end of that.',
  'job-failed':
    'The latest ended job of a Data Connector request was no success, and ended within `withinDays`. Judged after each sync of the jobs.',
  stale:
    'The last complete sync of a resource began more than `afterHours` ago. Not judged in the first 30 minutes of a sync that is under way.',
  quarantine: 'At least `minimumRecords` records of a resource could not be stored and were quarantined.',
};

/** docs/alerts.md. */
export function alertsDocument(): string {
  return `${[
    INTRODUCTION,
    ...RULES.map(ruleSection),
    section('Over', 'What a channel hears when a condition it was told of has passed.', [
      exampleAnnouncement(EXAMPLE_FINDINGS['file-sync-failed'], 'resolved'),
    ]),
    section('Several at once', 'More than 15 are counted.', [
      exampleAnnouncement(EXAMPLE_FINDINGS.connection),
      ...Array.from({ length: 16 }, (_, index) =>
        exampleAnnouncement(
          { ...EXAMPLE_FINDINGS['file-sync-failed'], projectId: `project-${index + 1}` },
          'opened',
          { id: `file-sync-failed-${String(index + 1).padStart(8, '0')}` },
        ),
      ),
    ]),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `# Alerts

<!-- Written by test/shared/alerts/document.test.ts: change that, then run it with UPDATE_DOCS=1. -->

An evaluation looks at everything that may be wrong, from what is stored now. It runs every minute, and after each
sync. What it finds becomes an incident, and each change of an incident is told once on each channel, in one message
an evaluation: the most important first, at most 15 in full, the others counted.

| state | meaning | leads to |
|---|---|---|
| pending | seen, but inside the rule's wait; nothing is told | open, or nothing at all when it passes |
| open | told | acknowledged, silenced, resolved |
| acknowledged | somebody has taken it (\`ops ack\`): no more reminders | silenced, resolved |
| silenced | nothing is told until a moment (\`ops silence\`), except that it is over | open when the moment has come, resolved |
| resolved | over; listed for 30 days | a new incident when it comes back |

Told are: opened, error text changed, reminded, acknowledged, silenced, silence ended, resolved.

- A channel that fails is tried again alone, after half a minute to five minutes, or as long as it asks. When it works
  again it gets one message with what is true then. What healed before its opening was delivered is not mentioned.
- Reminders fall on full hours; those that come more than a day apart at 14:00 UTC, so that they share a message.
- A crash between sending and recording repeats that one message; nothing else does.
- While the connection is lost, and for 30 minutes after, stale data and failed jobs are not told.
- The history of an incident (who, when, what) and of each pair's file status are kept in the \`State\` table.

## Settings

\`ALERT_RULES\` is a JSON object of rule and settings; what is absent has its default. Every rule takes:

| setting | meaning |
|---|---|
| \`enabled\` | false: the rule is off, and its incidents end without a word |
| \`channels\` | \`["slack", "email"]\` or one of them |
| \`waitMinutes\` | a condition that passes within so many minutes is never told |
| \`remindAfterHours\` | said again after so many hours while nobody has acknowledged it; 0: never |

Example: \`{"file-sync-stuck": {"afterMinutes": 240}, "relink-needed": {"channels": ["email"]}}\``;

function ruleSection(rule: RuleName): string {
  const settings = Object.entries(alertRules.parse({})[rule])
    .map(([name, value]) => `\`${name}\` ${JSON.stringify(value)}`)
    .join(', ');
  return section(
    rule,
    `${CONDITIONS[rule]}\n\nDefaults: ${settings}.`,
    [exampleAnnouncement(EXAMPLE_FINDINGS[rule])],
    RULE_WORDS[rule].problem,
  );
}

function section(
  title: string,
  text: string,
  announcements: Parameters<typeof exampleMessage>[0],
  words?: string,
): string {
  const message = exampleMessage(announcements);
  const { subject, body } = emailMessage(message);
  return [
    `## ${title}${words === undefined ? '' : `: ${words}`}`,
    text,
    'Slack:',
    `\`\`\`\`text\n${slackText(message)}\n\`\`\`\``,
    'Email:',
    `\`\`\`\`text\nSubject: ${subject}\n\n${body.trimEnd()}\n\`\`\`\``,
  ].join('\n\n');
}

/** The text of each block as it is sent, one below the other. */
function slackText(message: ReturnType<typeof exampleMessage>): string {
  return slackMessage(message).blocks.map(blockText).join('\n');
}

function blockText(block: SlackBlock): string {
  switch (block.type) {
    case 'divider':
      return '----------';
    case 'context':
      return block.elements.map(({ text }) => text).join(' ');
    case 'header':
      return `[ ${block.text.text} ]`;
    case 'section':
      return block.text.text;
  }
}
