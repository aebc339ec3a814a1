import {
  BatchProcessor,
  EventType,
  processPartialResponse,
  SqsFifoPartialProcessorAsync,
} from '@aws-lambda-powertools/batch';
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
 * as served; one whose work throws, for whatever reason, comes back. On a FIFO queue all after it come back too.
 */
export async function serveBatch<Message>(
  event: SQSEvent,
  schema: z.ZodType<Message>,
  serve: (message: Message) => Promise<void>,
  ports: BatchPorts,
  queue: 'standard' | 'fifo',
): Promise<SQSBatchResponse> {
  const processor = queue === 'fifo' ? new SqsFifoPartialProcessorAsync() : new BatchProcessor(EventType.SQS);
  const serveRecord = async (record: SQSRecord) => {
    try {
      await serve(readMessage(record.body, schema));
    } catch (error) {
      if (!(error instanceof UnreadableMessageError)) {
        ports.log.error('message failed', { messageId: record.messageId, error });
        throw error;
      }
      await ports.parking.park(record.body, error.message);
      ports.metrics.add('MessagesParked', 1);
      ports.log.warn('message parked', { messageId: record.messageId });
    }
  };
  return processPartialResponse(event, serveRecord, processor, { throwOnFullBatchFailure: false });
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
