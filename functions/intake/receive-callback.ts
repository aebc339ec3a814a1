import type * as z from 'zod';
import { type CallbackStore, callbackBody } from '../../shared/callbacks/callback.ts';
import { type Clock, isoTime } from '../../shared/clock.ts';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { FetchQueue } from '../../shared/queue/messages.ts';
import { bodyOf, type HttpEvent, type HttpResponse, jsonResponse } from '../http/http.ts';
import type { accepted } from './answers.ts';
import { CallbackRefusedError } from './callback-refused-error.ts';
import { isJson } from './content-type.ts';

export interface CallbackPorts {
  accountIds: readonly string[];
  isCallbackToken(offered: string): Promise<boolean>;
  callbacks: CallbackStore;
  fetchQueue: FetchQueue;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

const MAX_BODY_BYTES = 16 * 1024;

/** Gives the record time to be written, and callbacks that come together time to be confirmed together. */
const CONFIRM_AFTER_SECONDS = 2;

/**
 * Takes one callback: has it confirmed later, keeps it, answers. Makes no call to Autodesk. Throws
 * `CallbackRefusedError` for everything that is no callback; the token is looked at before anything else.
 */
export async function receiveCallback(event: HttpEvent, ports: CallbackPorts): Promise<HttpResponse> {
  const { token } = event.pathParameters;
  if (token === undefined || !(await ports.isCallbackToken(token))) {
    throw new CallbackRefusedError(404, 'There is nothing at this address.');
  }
  if (event.requestContext.http.method !== 'POST') {
    throw new CallbackRefusedError(405, 'Only POST is supported here.');
  }
  if (!isJson(event.headers['content-type'])) {
    throw new CallbackRefusedError(415, 'The content type must be application/json.');
  }
  const bytes = bodyOf(event);
  if (bytes.length > MAX_BODY_BYTES) {
    throw new CallbackRefusedError(413, `The body must not be larger than ${MAX_BODY_BYTES} bytes.`);
  }
  const { accountId, requestId, jobId, text } = parseBody(bytes);
  if (!ports.accountIds.includes(accountId)) {
    throw new CallbackRefusedError(403, 'This account is not mirrored here.');
  }

  // The queue first: a callback without its message would wait for the tick, and a sender who got no answer and
  // tries again would be told `duplicate`.
  await ports.fetchQueue.send({ kind: 'confirm-callbacks', accountId }, CONFIRM_AFTER_SECONDS);
  const outcome = await ports.callbacks.record({
    accountId,
    requestId,
    jobId,
    body: text,
    receivedAt: isoTime(ports.clock.now()),
  });
  const status: z.infer<typeof accepted>['status'] = outcome === 'recorded' ? 'accepted' : 'duplicate';
  if (outcome === 'recorded') ports.metrics.add('CallbacksAccepted', 1);
  ports.log.info(`callback ${status}`, { accountId, requestId, jobId });
  return jsonResponse(202, { status });
}

function parseBody(bytes: Buffer) {
  const { text, json } = readJson(bytes);
  const result = callbackBody.safeParse(json);
  if (result.success) return { ...result.data, text };
  throw malformed(
    result.error.issues.map((issue) => ({ field: issue.path.join('.') || 'body', problem: issue.message })),
  );
}

function readJson(bytes: Buffer): { text: string; json: unknown } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text, json: JSON.parse(text) };
  } catch {
    throw malformed([{ field: 'body', problem: 'is not JSON in UTF-8' }]);
  }
}

function malformed(fields: { field: string; problem: string }[]): CallbackRefusedError {
  const named = fields.map(({ field, problem }) => `${field} ${problem}`).join('; ');
  return new CallbackRefusedError(400, `The callback is malformed: ${named}`, fields);
}
