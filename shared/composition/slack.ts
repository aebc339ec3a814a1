import type { SQSClient } from '@aws-sdk/client-sqs';
import { createSqsAlertQueue } from '../queue/sqs-queues.ts';
import type { Basics, StateAccess } from './given.ts';
import { alertStores, clickLog } from './stores.ts';

/** What the function that takes clicks needs. */
export function slackPorts(
  options: Basics &
    StateAccess & {
      sqs: SQSClient;
      queues: { alert: string };
      /** Undefined while no app is configured. */
      signingSecret: () => Promise<string | undefined>;
    },
) {
  const { sqs, queues, signingSecret, clock, randomness, log, metrics } = options;
  return {
    incidents: alertStores(options).incidents,
    clickLog: clickLog(options),
    alertQueue: createSqsAlertQueue(sqs, queues.alert, randomness),
    signingSecret,
    clock,
    log,
    metrics,
  };
}
