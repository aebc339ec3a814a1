import { GetEmailIdentityCommand, NotFoundException } from '@aws-sdk/client-sesv2';
import { ListSubscriptionsByTopicCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Channel } from '../../../../../shared/alerts/rules/settings.ts';
import { timeText } from '../../../../../shared/time-text.ts';
import { readLiveSettings, readSandboxSettings } from '../../../../local/data/environment.ts';
import { storesOf } from '../../../targets/stores.ts';
import type { Target } from '../../../targets/target.ts';
import { CommandFailedError } from '../../../terminal/command-failed-error.ts';
import { type CheckResult, makeCheck } from './check.ts';
import { checkSlack } from './slack-checks.ts';

/** Whether alerts reach people, as far as that can be seen without sending one (`alerts-test` does). */
export async function checkChannels(target: Target): Promise<CheckResult[]> {
  const { where, sns, ses, alertsTopicArn } = target;
  const results = [
    ...(await checkSlack(target, () => refuseWhereRefused('slack', target))),
    await makeCheck('email', async () => {
      await refuseWhereRefused('email', target);
      if (ses !== undefined) return describeSender(ses);
      return where.kind === 'aws'
        ? describeSubscriptions(sns, alertsTopicArn)
        : describeLocalEmails(await alertSettings(target));
    }),
  ];
  if (where.kind === 'aws') {
    const topic = where.outputs.OperationsTopicArn;
    results.push(await makeCheck('operations email', () => describeSubscriptions(sns, topic)));
  }
  return results;
}

/** What the last delivery met. */
async function refuseWhereRefused(channel: Channel, target: Target): Promise<void> {
  const refused = (await storesOf(target).incidents.channels())[channel]?.refused;
  if (refused === undefined) return;
  throw new CommandFailedError(
    `It has refused messages since ${timeText(refused.since, target.timeZone)}: ${refused.reason}.`,
    'Correct the token, URL or address, then run `npm run ops -- alerts-test`.',
  );
}

/** SES knows an address by itself, or by its domain. */
async function describeSender({ client, sender, recipients }: NonNullable<Target['ses']>): Promise<string> {
  const domain = sender.slice(sender.indexOf('@') + 1);
  for (const EmailIdentity of [sender, domain]) {
    const identity = await client
      .send(new GetEmailIdentityCommand({ EmailIdentity }))
      .catch((error: unknown) => {
        if (error instanceof NotFoundException) return undefined;
        throw error;
      });
    if (identity?.VerifiedForSendingStatus) return `from ${sender} to ${recipients.length} addresses`;
  }
  throw new CommandFailedError(
    `SES may not send from ${sender}.`,
    'Verify the address or its domain under SES, Identities; a new account must also leave the SES sandbox.',
  );
}

async function describeSubscriptions(sns: SNSClient, topicArn: string): Promise<string> {
  const pending: string[] = [];
  let confirmed = 0;
  let next: string | undefined;
  do {
    const page = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn, NextToken: next }));
    for (const { SubscriptionArn, Endpoint = '' } of page.Subscriptions ?? []) {
      if (SubscriptionArn === 'PendingConfirmation') pending.push(Endpoint);
      else confirmed += 1;
    }
    next = page.NextToken;
  } while (next !== undefined);
  if (pending.length === 0) return confirmed === 0 ? 'no addresses' : `${confirmed} addresses confirmed`;
  throw new CommandFailedError(
    `Not confirmed yet: ${pending.join(', ')}.`,
    'Each owner has to click the link in the email "AWS Notification - Subscription Confirmation".',
  );
}

function describeLocalEmails({ ALERT_EMAILS: addresses }: { ALERT_EMAILS: readonly string[] }): string {
  return `saved as files in the data folder${addresses.length === 0 ? '' : `, for ${addresses.join(', ')}`}`;
}

function alertSettings({ where }: Target) {
  return where.kind === 'local' && where.origin !== 'sandbox' ? readLiveSettings() : readSandboxSettings();
}
