import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { Usage } from '../../shared/observability/usage.ts';
import { fetchMessage } from '../../shared/queue/messages.ts';
import { type BatchPorts, serveBatch } from '../../shared/queue/serve-batch.ts';
import { serveFetchMessage, type WorkerPorts } from './serve-fetch-message.ts';

/** Left of the function's time when it stops on its own, to store where it is. */
const RESERVE_MS = 5_000;

/** The function behind the fetch queue: pages Autodesk's lists and stores what they hold. */
export function createWorker(
  ports: WorkerPorts & BatchPorts,
): middy.MiddyfiedHandler<SQSEvent, SQSBatchResponse, Error, Context> {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>(async (event: SQSEvent, context: Context) => {
    const timeLeftMs = () => context.getRemainingTimeInMillis() - RESERVE_MS;
    return serveBatch(
      event,
      fetchMessage,
      (message) => serveFetchMessage(message, ports.syncPortsFor(new Usage(), timeLeftMs), ports),
      ports,
    );
  });
}
