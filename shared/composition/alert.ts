import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
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
import { alertStores, recordStores, syncStores } from './stores.ts';

export interface ChannelOptions {
  /** Undefined while Slack is not told. */
  slack: () => Promise<SlackSettings | undefined>;
  rules: AlertRules;
  sns: SNSClient;
  alertsTopicArn: string;
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
export function notifiersOf({ slack, rules, sns, alertsTopicArn, clock }: ChannelOptions) {
  return [
    new SlackNotifier({ settings: slack, rules, fetch: globalThis.fetch, clock }),
    new SnsEmailNotifier(sns, alertsTopicArn),
  ];
}

/** What the alert function needs. */
export function alertPorts(options: AlertOptions) {
  const { sqs, queues, lists, connection, rules, stage, timeZone, clock, randomness, log, metrics } = options;
  return {
    ...syncStores(options),
    ...alertStores(options),
    ...recordStores(options),
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
