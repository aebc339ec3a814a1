import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { isoTime } from '../../../../shared/clock.ts';
import { ALERT_GROUP } from '../../../../shared/queue/sqs-queues.ts';
import { systemRandomness } from '../../../../shared/randomness.ts';

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
/** A receive that waits asks all of SQS's servers, not a sample of them. */
const RECEIVE_SECONDS = 1;
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

/**
 * Sends dead letters to the queue that they belong to, as many as `count`: one that fails at once is a dead letter
 * again, and must not be moved for ever. A message is deleted only after it was sent, so it may come twice.
 * Answers how many were moved.
 */
export async function moveDeadLetters(
  sqs: SQSClient,
  queues: { from: string; to: string },
  count: number,
): Promise<number> {
  let moved = 0;
  let emptyReceives = 0;
  while (moved < count && emptyReceives < EMPTY_RECEIVES_AT_THE_END) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queues.from,
        MaxNumberOfMessages: Math.min(10, count - moved),
        WaitTimeSeconds: RECEIVE_SECONDS,
      }),
    );
    emptyReceives = Messages.length === 0 ? emptyReceives + 1 : 0;
    for (const message of Messages) {
      await moveOne(sqs, queues, message);
      moved += 1;
    }
  }
  return moved;
}

async function moveOne(
  sqs: SQSClient,
  { from, to }: { from: string; to: string },
  message: Message,
): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: to,
      MessageBody: message.Body,
      ...(to.endsWith('.fifo') && {
        MessageGroupId: ALERT_GROUP,
        MessageDeduplicationId: systemRandomness.hex(16),
      }),
    }),
  );
  await sqs.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle: message.ReceiptHandle }));
}
