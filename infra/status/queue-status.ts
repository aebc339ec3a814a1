import { GetQueueAttributesCommand, type QueueAttributeName, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueStatus, Status } from './status.ts';

const WAITING = 'ApproximateNumberOfMessages';
const DELAYED = 'ApproximateNumberOfMessagesDelayed';
const IN_FLIGHT = 'ApproximateNumberOfMessagesNotVisible';

export interface QueueUrls {
  fetch: string;
  urgent: string;
  fetchDeadLetters: string;
  alert: string;
  alertDeadLetters: string;
}

/** How much waits in the queues and lies in their dead letters. */
export async function readQueueStatus(sqs: SQSClient, urls: QueueUrls): Promise<Status['queues']> {
  const [fetch, alert] = await Promise.all([
    statusOf(sqs, [urls.fetch, urls.urgent], urls.fetchDeadLetters),
    statusOf(sqs, [urls.alert], urls.alertDeadLetters),
  ]);
  return { fetch, alert };
}

/** Of queues that share their dead letters. */
async function statusOf(
  sqs: SQSClient,
  queueUrls: readonly string[],
  deadLettersUrl: string,
): Promise<QueueStatus> {
  const queues = await Promise.all(queueUrls.map((url) => countsOf(sqs, url)));
  const deadLetters = await countsOf(sqs, deadLettersUrl);
  const sumOf = (name: QueueAttributeName) => queues.reduce((sum, queue) => sum + queue(name), 0);
  return {
    waiting: sumOf(WAITING),
    delayed: sumOf(DELAYED),
    inFlight: sumOf(IN_FLIGHT),
    // One that is being looked at is there all the same.
    deadLetters: deadLetters(WAITING) + deadLetters(DELAYED) + deadLetters(IN_FLIGHT),
  };
}

async function countsOf(sqs: SQSClient, queueUrl: string) {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [WAITING, DELAYED, IN_FLIGHT] }),
  );
  return (name: QueueAttributeName) => Number(Attributes?.[name] ?? 0);
}
