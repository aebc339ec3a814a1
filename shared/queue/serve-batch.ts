import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { z } from 'zod';
import { UnreadableMessageError } from '../errors.ts';
import type { Log } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';

/** Where messages go that cannot be read, with their reason. */
export interface MessageParking {
  park(body: string, reason: string): Promise<void>;
}

export interface BatchPorts {
  parking: MessageParking;
  log: Log;
  metrics: Metrics;
}

/**
 * Serves a batch of queue messages, each on its own: one that cannot be read is parked with its reason and counts
 * as served; one whose work throws, for whatever reason, comes back.
 */
export async function serveBatch<Message>(
  event: SQSEvent,
  schema: z.ZodType<Message>,
  serve: (message: Message) => Promise<void>,
  ports: BatchPorts,
): Promise<SQSBatchResponse> {
  const serveRecord = async (record: SQSRecord) => {
    try {
      const message = await readOrPark(record, schema, ports);
      if (message !== undefined) await serve(message);
    } catch (error) {
      ports.log.error('message failed', { messageId: record.messageId, error });
      throw error;
    }
  };
  return processPartialResponse(event, serveRecord, new BatchProcessor(EventType.SQS), {
    throwOnFullBatchFailure: false,
  });
}

/**
 * Serves the messages of a batch as one piece of work, for those that only ask for it: what cannot be read is parked
 * with its reason and counts as served; if the work throws, all others come back, which keeps the order of a FIFO queue.
 * Throws where a message cannot be parked; then all come back.
 */
export async function serveTogether<Message>(
  event: SQSEvent,
  schema: z.ZodType<Message>,
  serve: (messages: Message[]) => Promise<void>,
  ports: BatchPorts,
): Promise<SQSBatchResponse> {
  const messages: Message[] = [];
  const messageIds: string[] = [];
  for (const record of event.Records) {
    const message = await readOrPark(record, schema, ports);
    if (message === undefined) continue;
    messages.push(message);
    messageIds.push(record.messageId);
  }
  try {
    if (messages.length > 0) await serve(messages);
    return { batchItemFailures: [] };
  } catch (error) {
    ports.log.error('messages failed', { messageIds, error });
    return { batchItemFailures: messageIds.map((itemIdentifier) => ({ itemIdentifier })) };
  }
}

/** Undefined where the message could not be read and is parked. */
async function readOrPark<Message>(
  { body, messageId }: SQSRecord,
  schema: z.ZodType<Message>,
  { parking, metrics, log }: BatchPorts,
): Promise<Message | undefined> {
  try {
    return readMessage(body, schema);
  } catch (error) {
    if (!(error instanceof UnreadableMessageError)) throw error;
    await parking.park(body, error.message);
    metrics.add('MessagesParked', 1);
    log.warn('message parked', { messageId });
    return undefined;
  }
}

/** Throws `UnreadableMessageError`; the reason names fields, never values. */
function readMessage<Message>(body: string, schema: z.ZodType<Message>): Message {
  let sent: unknown;
  try {
    sent = JSON.parse(body);
  } catch (error) {
    throw new UnreadableMessageError('it is not JSON', { cause: error });
  }
  const result = schema.safeParse(sent);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    (issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`,
  );
  throw new UnreadableMessageError(problems.join('; '));
}
