import { emailMessage } from '../../../shared/alerts/messages/email-message.ts';
import type { AlertMessage } from '../../../shared/alerts/messages/message.ts';
import { type SlackBlock, slackMessage } from '../../../shared/alerts/messages/slack-message.ts';
import { RULE_WORDS, RULES, type RuleName } from '../../../shared/alerts/rules/rule.ts';
import { alertRules } from '../../../shared/alerts/rules/settings.ts';
import { EXAMPLE_FINDINGS, exampleAnnouncement, exampleMessage } from './examples.ts';

/** When each rule's incident opens and, where that is not simply the opposite, when it ends. */
const CONDITIONS: Record<RuleName, string> = {
  connection: 'Autodesk refuses the refresh token, so someone has to sign in again.',
  'webhook-inactive':
    'Autodesk switches a webhook off after its calls have failed for two days, and what happens meanwhile is never sent. Found by the daily look, which switches it on where it may and has the lists concerned read again. Ends at the look after it is on again, or at once after `ops webhooks create`.',
  'channel-refused':
    'Slack or SNS rejects our messages for good, for example because the webhook was revoked. Sent on the other channel. Ends when a message gets through, such as one from `ops alerts-test`.',
  'mass-deletion-stopped':
    'A full sweep would have marked too many records as deleted, so it stopped. Ends when a full sweep completes.',
  'file-sync-failed': 'A pair has `fileStatus` FAILED, or a `fileSyncingError`.',
  'relink-needed': 'A pair has `shouldRelinkGroup` true.',
  'file-sync-stuck':
    'A pair has been QUEUED or IN_PROGRESS for `afterMinutes`, counted from its `updatedAt` or the first time we saw it that way, whichever is earlier. If we saw it in another state before, from the end of that state.',
  'job-failed':
    'The latest ended job of a Data Connector request was not successful, and ended in the last `withinDays`. Checked after each sync of the jobs.',
  'extract-not-landed':
    'The files of a Data Connector job could not be landed in five attempts. Told once more `warnDaysBeforeLoss` before Autodesk deletes the files, 30 days after the job. Ends when they are landed, or lost.',
  stale:
    'The last complete run of a list started more than `afterHours` ago. Not checked in the first 30 minutes of a run.',
  quarantine: 'At least `minimumRecords` records of a list are in quarantine.',
};

/** A sample with more items than these is cut: nobody reads on. */
const MOST_SAMPLED = 3;

/** docs/alerts.md. */
export function alertsDocument(): string {
  return `${[
    INTRODUCTION,
    ...RULES.map(ruleSection),
    section('Resolved', 'A channel that reported a problem also reports when it is over.', [
      exampleAnnouncement(EXAMPLE_FINDINGS['file-sync-failed'], 'resolved'),
    ]),
    section('Several at once', 'The most important come first; beyond 15, incidents are only counted.', [
      exampleAnnouncement(EXAMPLE_FINDINGS.connection),
      ...Array.from({ length: 16 }, (_, index) =>
        exampleAnnouncement({ ...EXAMPLE_FINDINGS['file-sync-failed'], projectId: `project-${index + 1}` }),
      ),
    ]),
    [
      '## On Slack',
      'Slack shows the same text with formatting, and times in the time zone of the reader. This is what we send:',
      sample(slackText(exampleMessage([exampleAnnouncement(EXAMPLE_FINDINGS['file-sync-failed'])]))),
    ].join('\n\n'),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `# Alerts

<!-- Written by test/docs/documents.test.ts from what is sent: change that, then run it with UPDATE_DOCS=1. -->

Every minute, and after each sync, we check what is stored for everything that could be wrong. Each problem we find
becomes an incident, and each change of an incident is sent once to each channel. Everything found in one check goes
into one message: the most important first, up to 15 in full, the rest counted.

Alerts for estimators say what to do in BuildingConnected. Commands and incident ids appear only in alerts for
engineers and in \`ops incidents\`; [runbook.md](runbook.md) says what an engineer does about each. The samples below
show the subject of the email and one incident; a whole message follows under [Several at once](#several-at-once).

| rule | alert | read by |
|---|---|---|
${RULES.map((rule) => `| [${rule}](#${rule}) | ${RULE_WORDS[rule].problem} | ${RULE_WORDS[rule].readBy} |`).join('\n')}

## The life of an incident

| state | meaning | leads to |
|---|---|---|
| pending | seen, but still inside the rule's wait; nothing is sent | open, or nothing at all if it clears |
| open | sent | acknowledged, silenced, resolved |
| acknowledged | someone is on it (\`ops ack\`, or a button in Slack): no more reminders | open when undone, silenced, resolved |
| silenced | nothing is sent until a set time (\`ops silence\`, or a button in Slack), except when it is resolved | open at that time or when undone, resolved |
| resolved | over; listed for 30 days | a new incident if it comes back |

We send a message when an incident opens, when its error changes, as a reminder, when it is acknowledged or silenced or that is
undone, when a silence ends, and when it is resolved. The Slack app changes the message it has sent instead, where that is
enough; [slack.md](slack.md) has the details, and pictures.

- A channel that fails is retried on its own, after 30 seconds to 5 minutes, or as long as it asks for. Once it works
  again it gets one message with what is true then, without problems that cleared before they were ever sent.
- Reminders go out on the hour; those more than a day apart at 14:00 UTC, so that they share a message.
- A crash between sending and recording repeats that one message; nothing else does. In the Slack app not even that.
- While the connection is lost, and for 30 minutes after, stale data and failed jobs are not sent.
- The \`State\` table keeps the history of each incident (who, when, what) and of each pair's file status.

## Settings

\`ALERT_RULES\` is a JSON object of rules and their settings; anything left out has its default. Every rule takes:

| setting | meaning |
|---|---|
| \`enabled\` | false: the rule is off, and its incidents end without a message |
| \`channels\` | \`["slack", "email"]\`, or one of them |
| \`waitMinutes\` | a problem that clears within this many minutes is never sent |
| \`remindAfterHours\` | sent again after this many hours while no one has acknowledged it; 0: never |
| \`slackChannel\` | the Slack channel of this rule, where it is not the channel of all; for the Slack app only |

Example: \`{"file-sync-stuck": {"afterMinutes": 240}, "relink-needed": {"channels": ["email"]}}\``;

function ruleSection(rule: RuleName): string {
  const settings = Object.entries(alertRules.parse({})[rule])
    .map(([name, value]) => `\`${name}\` ${JSON.stringify(value)}`)
    .join(', ');
  const { subject, body } = emailMessage(exampleMessage([exampleAnnouncement(EXAMPLE_FINDINGS[rule])]));
  const [, incident = ''] = body.split('\n\n');
  return [
    `## ${rule}`,
    CONDITIONS[rule],
    `Defaults: ${settings}.`,
    sample(`Subject: ${subject}\n\n${incident}`),
  ].join('\n\n');
}

/** A message as it is sent by email. */
function section(title: string, text: string, announcements: Parameters<typeof exampleMessage>[0]): string {
  const { subject, body } = emailMessage(cut(exampleMessage(announcements)));
  return [`## ${title}`, text, sample(`Subject: ${subject}\n\n${body.trimEnd()}`)].join('\n\n');
}

function cut(message: AlertMessage): AlertMessage {
  const left = message.items.length - MOST_SAMPLED;
  if (left <= 0) return message;
  const more = [`[and ${left} more like these]`, message.more].filter(Boolean).join('\n\n');
  return { ...message, items: message.items.slice(0, MOST_SAMPLED), more };
}

function sample(text: string): string {
  return `\`\`\`\`text\n${text}\n\`\`\`\``;
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
    case 'actions':
      return block.elements.map(({ text }) => `[${text.text}]`).join(' ');
    case 'header':
      return `[ ${block.text.text} ]`;
    case 'section':
      return block.text.text;
  }
}
