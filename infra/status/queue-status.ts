import { GetQueueAttributesCommand, type QueueAttributeName, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueStatus, Status } from './status.ts';

const WAITING = 'ApproximateNumberOfMessages';
const DELAYED = 'ApproximateNumberOfMessagesDelayed';
const IN_FLIGHT = 'ApproximateNumberOfMessagesNotVisible';

export interface QueueUrls {
  fetch: string;
  fetchDeadLetters: string;
  alert: string;
  alertDeadLetters: string;
}

/** How much waits in the queues and lies in their dead letters. */
export async function readQueueStatus(sqs: SQSClient, urls: QueueUrls): Promise<Status['queues']> {
  const [fetch, alert] = await Promise.all([
    statusOf(sqs, urls.fetch, urls.fetchDeadLetters),
    statusOf(sqs, urls.alert, urls.alertDeadLetters),
  ]);
  return { fetch, alert };
}

async function statusOf(sqs: SQSClient, queueUrl: string, deadLettersUrl: string): Promise<QueueStatus> {
  const [queue, deadLetters] = await Promise.all([countsOf(sqs, queueUrl), countsOf(sqs, deadLettersUrl)]);
  return {
    waiting: queue(WAITING),
    delayed: queue(DELAYED),
    inFlight: queue(IN_FLIGHT),
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
