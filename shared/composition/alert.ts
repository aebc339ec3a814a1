import type { SESv2Client } from '@aws-sdk/client-sesv2';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Notifier } from '../alerts/channels/notifier.ts';
import { SesEmailNotifier } from '../alerts/channels/ses-email-notifier.ts';
import { SnsEmailNotifier } from '../alerts/channels/sns-email-notifier.ts';
import type { SendingStage } from '../alerts/messages/message.ts';
import type { AlertRules } from '../alerts/rules/settings.ts';
import { SlackNotifier } from '../alerts/slack/slack-notifier.ts';
import type { SlackSettings } from '../alerts/slack/slack-settings.ts';
import type { Connection } from '../autodesk/client/token-source.ts';
import type { Clock } from '../clock.ts';
import { ALERT_GROUP, createSqsParking } from '../queue/sqs-queues.ts';
import { type EnabledLists, enabledLists } from '../sync/runs/resume-stalled.ts';
import type { Basics, RecordsAccess, StateAccess } from './given.ts';
import { alertStores, hookHealthItem, landingStore, recordStores, syncStores } from './stores.ts';

export interface ChannelOptions {
  /** Undefined while Slack is not told. */
  slack: () => Promise<SlackSettings | undefined>;
  rules: AlertRules;
  sns: SNSClient;
  alertsTopicArn: string;
  /** Emails as HTML through SES instead of plain text through the topic. */
  ses?: { client: SESv2Client; sender: string; recipients: readonly string[] } | undefined;
  clock: Clock;
}

export interface AlertOptions extends Basics, StateAccess, RecordsAccess, ChannelOptions, SendingStage {
  tables: { records: string; state: string };
  sqs: SQSClient;
  queues: { alertDeadLetters: string };
  lists: EnabledLists;
  connection: Pick<Connection, 'authorizationStatus'>;
}

/** Slack and email. */
export function notifiersOf(options: ChannelOptions): Notifier[] {
  const { slack, rules, sns, alertsTopicArn, ses, clock } = options;
  return [
    new SlackNotifier({ settings: slack, rules, fetch: globalThis.fetch, clock }),
    ses === undefined
      ? new SnsEmailNotifier(sns, alertsTopicArn)
      : new SesEmailNotifier(ses.client, ses.sender, ses.recipients),
  ];
}

/** What the alert function needs. */
export function alertPorts(options: AlertOptions) {
  const { sqs, queues, lists, connection, rules, stage, timeZone, clock, randomness, log, metrics } = options;
  return {
    ...syncStores(options),
    ...alertStores(options),
    ...recordStores(options),
    hookHealth: hookHealthItem(options),
    landings: landingStore(options),
    lists: enabledLists(lists),
    connection,
    notifiers: notifiersOf(options),
    rules,
    stage,
    timeZone,
    parking: createSqsParking(sqs, queues.alertDeadLetters, clock, { group: ALERT_GROUP, randomness }),
    clock,
    log,
    metrics,
  };
}
