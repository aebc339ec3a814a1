import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type Clock, isoTime } from '../clock.ts';
import type { Randomness } from '../randomness.ts';
import { findResource } from '../resources/registry.ts';
import type { AlertQueue, FetchMessage, FetchQueue } from './messages.ts';
import type { MessageParking } from './serve-batch.ts';

/** One group, so that evaluations come one after the other. */
export const ALERT_GROUP = 'alerts';

/** Two queues with one consumer: what is urgent never waits behind what is not. */
export function createSqsFetchQueue(sqs: SQSClient, urls: { fetch: string; urgent: string }): FetchQueue {
  return {
    async send(message, delaySeconds = 0) {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: isUrgent(message) ? urls.urgent : urls.fetch,
          MessageBody: JSON.stringify(message),
          DelaySeconds: delaySeconds,
        }),
      );
    },
  };
}

function isUrgent(message: FetchMessage): boolean {
  if (message.kind === 'read-record') return true;
  return message.kind === 'run' && findResource(message.resource)?.urgent === true;
}

export function createSqsAlertQueue(sqs: SQSClient, queueUrl: string, randomness: Randomness): AlertQueue {
  return {
    async send(message) {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(message),
          MessageGroupId: ALERT_GROUP,
          // SQS drops what has the id of an earlier message for five minutes, and equal bodies are no repetition here.
          MessageDeduplicationId: randomness.hex(16),
        }),
      );
    },
  };
}

/** Parks messages in a queue's dead letters, where `ops redrive` finds them with their reason. */
export function createSqsParking(
  sqs: SQSClient,
  deadLettersUrl: string,
  clock: Clock,
  fifo?: { group: string; randomness: Randomness },
): MessageParking {
  return {
    async park(body, reason) {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: deadLettersUrl,
          MessageBody: body,
          MessageAttributes: {
            reason: { DataType: 'String', StringValue: reason },
            parkedAt: { DataType: 'String', StringValue: isoTime(clock.now()) },
          },
          ...(fifo && { MessageGroupId: fifo.group, MessageDeduplicationId: fifo.randomness.hex(16) }),
        }),
      );
    },
  };
}
