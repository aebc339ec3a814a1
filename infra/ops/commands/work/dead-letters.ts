import {
  ChangeMessageVisibilityCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { isoTime } from '../../../../shared/clock.ts';

/** A message that could not be served. */
export interface DeadLetter {
  messageId: string;
  /** When it was first sent; of a parked one when it was parked. */
  at: string;
  reason: string;
  body: string;
}

/** Long enough to look at all of them; they are given back at once. */
const LOOK_SECONDS = 20;
/** More than a person reads. */
const MOST_SHOWN = 100;
/** A receive takes a few messages, and some stay unseen for a moment. */
const EMPTY_RECEIVES_AT_THE_END = 2;
const FAILED_TOO_OFTEN = 'it failed every attempt; see the log of its function';

/**
 * Looks at the messages of a dead-letter queue, at most 100 of them (of a FIFO queue 10, SQS shows no more), and
 * leaves them where they are.
 */
export async function readDeadLetters(sqs: SQSClient, queueUrl: string): Promise<DeadLetter[]> {
  const seen = new Map<string, Message>();
  let emptyReceives = 0;
  try {
    while (emptyReceives < EMPTY_RECEIVES_AT_THE_END && seen.size < MOST_SHOWN) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: LOOK_SECONDS,
          WaitTimeSeconds: 0,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['SentTimestamp'],
        }),
      );
      const isNews = Messages.some(({ MessageId = '' }) => !seen.has(MessageId));
      emptyReceives = isNews ? 0 : emptyReceives + 1;
      for (const message of Messages) seen.set(message.MessageId ?? '', message);
    }
    return [...seen.values()].map(describe);
  } finally {
    for (const { ReceiptHandle } of seen.values()) {
      await sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
      );
    }
  }
}

function describe({ MessageId = '', Body = '', Attributes, MessageAttributes }: Message): DeadLetter {
  return {
    messageId: MessageId,
    at: MessageAttributes?.parkedAt?.StringValue ?? isoTime(Number(Attributes?.SentTimestamp ?? 0)),
    reason: MessageAttributes?.reason?.StringValue ?? FAILED_TOO_OFTEN,
    body: Body,
  };
}
