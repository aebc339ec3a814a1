import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { Consumer } from 'sqs-consumer';
import type { Clock } from '../../../shared/clock.ts';
import type { Log } from '../../../shared/observability/log.ts';
import { LOCAL_REGION } from '../engines/queues.ts';
import { lambdaContext } from './lambda-context.ts';

export type QueueFunction = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

export interface EventSourceOptions {
  sqs: SQSClient;
  queueUrl: string;
  queueArn: string;
  functionName: string;
  handler: QueueFunction;
  /** Messages an invocation, 1 to 10. */
  batchSize: number;
  /** Invocations at the same time. */
  concurrency: number;
  /** An invocation that takes longer has failed; it must be below the queue's visibility timeout. */
  timeoutMs: number;
  clock: Clock;
  log: Log;
}

export interface EventSource {
  /** Invocations running now. */
  active(): number;
  /**
   * Takes no more messages, tells the running invocations that their time is up, and waits for them a little
   * longer than that: one that hangs is left, as if the process had died.
   */
  stop(): Promise<void>;
}

/** What a running invocation has left once the stack is to stop: enough to store what is in hand. */
const STOP_GRACE_MS = 2_000;
const LEFT_AFTER_MS = 2_500;
/** The longest that SQS lets a receive wait. */
const LONG_POLL_SECONDS = 20;

/**
 * Feeds a queue to a function as Lambda's event source does: an invocation is given up to `batchSize` messages;
 * those that it does not report as failed are deleted; the others, or all when it throws or answers nonsense,
 * become visible again after the visibility timeout and go to the dead letters when they were received too
 * often, which is the queue's doing. A FIFO queue keeps the order of each group by itself.
 */
export function startEventSource(options: EventSourceOptions): EventSource {
  const pollers = Array.from({ length: options.concurrency }, () => startPoller(options));
  return {
    active: () => pollers.filter((poller) => poller.isBusy()).length,
    async stop() {
      await Promise.all(pollers.map((poller) => poller.stop()));
    },
  };
}

function startPoller(options: EventSourceOptions) {
  const { clock, log, functionName } = options;
  let busy = false;
  let stopsAt: number | undefined;
  const consumer = Consumer.create({
    sqs: options.sqs,
    queueUrl: options.queueUrl,
    batchSize: options.batchSize,
    waitTimeSeconds: LONG_POLL_SECONDS,
    messageAttributeNames: ['All'],
    messageSystemAttributeNames: ['All'],
    suppressFifoWarning: true,
    async handleMessageBatch(messages) {
      busy = true;
      const deadline = clock.now() + options.timeoutMs;
      const remainingMs = () => Math.min(deadline, stopsAt ?? deadline) - clock.now();
      return invoke(options, messages, lambdaContext(functionName, remainingMs));
    },
  });
  consumer.on('response_processed', () => {
    busy = false;
  });
  consumer.on('error', (error) => {
    if (stopsAt === undefined) log.warn('queue unreachable', { functionName, error: error.message });
  });
  consumer.start();
  return {
    isBusy: () => busy,
    async stop() {
      stopsAt = clock.now() + STOP_GRACE_MS;
      // Aborting would also abort the deletion of messages that are done, so only a poller that waits is.
      const done = busy
        ? new Promise((resolve) => consumer.once('response_processed', resolve))
        : Promise.resolve();
      consumer.stop({ abort: !busy });
      const waited = new AbortController();
      await Promise.race([done, clock.sleep(LEFT_AFTER_MS, waited.signal).catch(() => {})]);
      waited.abort();
    },
  };
}

/** The messages to delete. */
async function invoke(
  options: EventSourceOptions,
  messages: Message[],
  context: Context,
): Promise<Message[]> {
  const { functionName, handler, log, clock } = options;
  const event = { Records: messages.map((message) => toRecord(message, options.queueArn)) };
  const givenUp = new AbortController();
  try {
    const response = await Promise.race([
      handler(event, context),
      clock.sleep(options.timeoutMs, givenUp.signal).then(() => {
        throw new Error(`${functionName} took longer than ${options.timeoutMs} ms.`);
      }),
    ]);
    return withoutFailures(messages, response);
  } catch (error) {
    log.error('invocation failed', { functionName, error: describeError(error) });
    return [];
  } finally {
    givenUp.abort();
  }
}

function withoutFailures(messages: Message[], response: SQSBatchResponse): Message[] {
  const failed = new Set(response.batchItemFailures.map((failure) => failure.itemIdentifier));
  for (const id of failed) {
    // As on Lambda: who names a message that was not given has not understood the batch.
    if (!messages.some((message) => message.MessageId === id)) return [];
  }
  return messages.filter((message) => !failed.has(message.MessageId ?? ''));
}

function toRecord(message: Message, eventSourceARN: string): SQSRecord {
  const attributes = message.Attributes ?? {};
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    md5OfBody: message.MD5OfBody ?? '',
    attributes: {
      ...attributes,
      ApproximateReceiveCount: attributes.ApproximateReceiveCount ?? '1',
      SentTimestamp: attributes.SentTimestamp ?? '0',
      SenderId: attributes.SenderId ?? '',
      ApproximateFirstReceiveTimestamp: attributes.ApproximateFirstReceiveTimestamp ?? '0',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
        name,
        {
          dataType: value.DataType ?? 'String',
          ...(value.StringValue && { stringValue: value.StringValue }),
        },
      ]),
    ),
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: LOCAL_REGION,
  };
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
