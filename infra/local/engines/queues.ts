/**
 * The queues and the topic of the local stack, as the CDK app deploys them: fetch messages are taken one at a
 * time, alert messages in order, and what fails five times goes to the dead letters. Only what a killed process held
 * comes back sooner here: a start must not wait for half an hour.
 */

export interface LocalQueue {
  name: string;
  /** How long a message stays hidden after it was received, in seconds. */
  visibilityTimeoutSeconds: number;
  deadLetters?: { queue: string; maxReceiveCount: number };
}

/** How long an invocation may take; its messages stay hidden for half as long again. */
export const WORKER_TIMEOUT_MS = 300_000;
export const ALERT_TIMEOUT_MS = 60_000;
const MAX_RECEIVE_COUNT = 5;

export const QUEUES = {
  fetchDeadLetters: { name: 'fetch-dead-letters', visibilityTimeoutSeconds: 30 },
  alertDeadLetters: { name: 'alert-dead-letters.fifo', visibilityTimeoutSeconds: 30 },
  fetch: {
    name: 'fetch',
    visibilityTimeoutSeconds: (1.5 * WORKER_TIMEOUT_MS) / 1000,
    deadLetters: { queue: 'fetch-dead-letters', maxReceiveCount: MAX_RECEIVE_COUNT },
  },
  urgent: {
    name: 'urgent',
    visibilityTimeoutSeconds: (1.5 * WORKER_TIMEOUT_MS) / 1000,
    deadLetters: { queue: 'fetch-dead-letters', maxReceiveCount: MAX_RECEIVE_COUNT },
  },
  alert: {
    name: 'alert.fifo',
    visibilityTimeoutSeconds: (1.5 * ALERT_TIMEOUT_MS) / 1000,
    deadLetters: { queue: 'alert-dead-letters.fifo', maxReceiveCount: MAX_RECEIVE_COUNT },
  },
  /** Stands for the mailboxes that subscribe to the topic on AWS. */
  emails: { name: 'emails', visibilityTimeoutSeconds: 30 },
} as const satisfies Record<string, LocalQueue>;

export type QueueName = keyof typeof QUEUES;

export const TOPIC_NAME = 'alerts';

export const LOCAL_REGION = 'us-east-1';
const LOCAL_ACCOUNT = '000000000000';

/** Where each queue is, by the endpoint of the running engine. */
export function queueUrls(endpoint: string): Record<QueueName, string> {
  const url = (queue: QueueName) => `${endpoint}/${LOCAL_ACCOUNT}/${QUEUES[queue].name}`;
  return {
    fetch: url('fetch'),
    urgent: url('urgent'),
    fetchDeadLetters: url('fetchDeadLetters'),
    alert: url('alert'),
    alertDeadLetters: url('alertDeadLetters'),
    emails: url('emails'),
  };
}

export function queueArn(name: string): string {
  return `arn:aws:sqs:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${name}`;
}

export const TOPIC_ARN = `arn:aws:sns:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${TOPIC_NAME}`;
