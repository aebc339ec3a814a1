import type * as z from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { SyncError } from '../../shared/errors.ts';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { FetchQueue } from '../../shared/queue/messages.ts';
import { COMPANY_SCOPE } from '../../shared/resources/resource.ts';
import type { SecretVerdict } from '../../shared/rotation/rotating-secret.ts';
import { DELIVERIES_KEPT_MS, type DeliveryLog } from '../../shared/webhooks/delivery-log.ts';
import { type EventTarget, readEvent } from '../../shared/webhooks/webhook-event.ts';
import { type SignedEvent, signatureOf } from '../../shared/webhooks/webhook-signature.ts';
import { bodyOf, type HttpEvent, type HttpResponse, jsonResponse, problem } from '../http/http.ts';
import type { acceptedEvent } from './answers.ts';
import { isJson } from './content-type.ts';

export interface WebhookPorts {
  enabledResources: readonly string[];
  isSignedEvent(event: SignedEvent): Promise<SecretVerdict>;
  deliveries: DeliveryLog;
  fetchQueue: FetchQueue;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

/** Of HTTP API routes: API Gateway names the one that a request came by. */
export const WEBHOOK_ROUTE = 'ANY /webhooks/autodesk';

/** An event is a few hundred bytes; that of a deleted comment carries its text. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * Autodesk waits six or seven seconds and counts a late answer as a failure that brings a hook closer to being switched
 * off. What has not been stored by then is answered 503, so that it comes again: Autodesk tries four more times.
 */
const ANSWER_WITHIN_MS = 800;

/**
 * An event without a delivery id is known by its body, and two events of one kind about one record have equal bodies.
 * So one counts as a repetition only while the read that the first one asked for cannot have begun.
 */
const SAME_BODY_WITHIN_MS = 2_000;
const READ_AFTER_SECONDS = 3;

const SIGNATURE = /^sha1hash=[0-9a-f]{40}$/i;

/** It took too long to store an event; the sender tries again. */
class TooSlowError extends SyncError {
  override readonly name = 'TooSlowError';
  readonly code = 'TOO_SLOW';
  readonly disposition = 'retry';

  constructor() {
    super(
      `The event could not be queued and stored within ${ANSWER_WITHIN_MS} ms.`,
      'Usually clears on its own: Autodesk sends it again.',
    );
  }
}

/**
 * Takes one event of APS Webhooks: has its record read soon, answers. Makes no call to Autodesk. Nothing of the body is
 * parsed, stored or queued unless it is signed. Throws where it could not be stored in time: answered 503.
 */
export async function receiveWebhook(event: HttpEvent, ports: WebhookPorts): Promise<HttpResponse> {
  const inTime = new AbortController();
  const limit = ports.clock.sleep(ANSWER_WITHIN_MS, inTime.signal).then(() => {
    throw new TooSlowError();
  });
  // Aborted where the work was faster, which is no failure.
  limit.catch(() => {});
  const work = take(event, ports);
  // It may fail after the answer: the sender tries again anyway.
  work.catch(() => {});
  try {
    return await Promise.race([work, limit]);
  } finally {
    inTime.abort();
  }
}

async function take(event: HttpEvent, ports: WebhookPorts): Promise<HttpResponse> {
  const { log, metrics, clock } = ports;
  const receivedAtMs = clock.now();
  const refuse = (status: Refusal, errors: { field: string; problem: string }[] = []) => {
    metrics.add('WebhooksRefused', 1);
    log.info('webhook refused', { status, fields: errors.map(({ field }) => field) });
    const members = { ...REFUSALS[status], ...(errors.length > 0 && { errors }) };
    return problem(status, members, status === 405 ? { allow: 'POST' } : {});
  };
  if (event.requestContext.http.method !== 'POST') return refuse(405);
  const body = bodyOf(event);
  if (body.length > MAX_BODY_BYTES) return refuse(413);
  const signature = event.headers['x-adsk-signature'] ?? '';
  const verdict = await ports.isSignedEvent({ signature, body });
  if (verdict === 'unset') return refuse(404);
  if (verdict === 'wrong') {
    // Whoever just tries addresses sends none; Autodesk with a secret that we do not know does.
    if (SIGNATURE.test(signature)) metrics.add('WebhooksMissigned', 1);
    return refuse(401);
  }
  if (!isJson(event.headers['content-type'])) return refuse(415);
  const json = jsonOf(body);
  const told = json === undefined ? NOT_JSON : readEvent(json.value);
  switch (told.kind) {
    case 'malformed':
      return refuse(400, told.problems);
    case 'unknown':
      log.info('webhook event not known', { event: told.event });
      return answer('ignored');
    case 'known': {
      const { target } = told;
      if (!ports.enabledResources.includes(target.resource)) return answer('ignored');
      const deliveryId = event.headers['x-adsk-delivery-id'];
      const outcome = await enqueue(target, keyOf(deliveryId, body), receivedAtMs, ports);
      if (outcome === 'accepted') metrics.add('WebhooksAccepted', 1);
      log.info(`webhook ${outcome}`, { event: told.event, resource: target.resource, id: target.id });
      return answer(outcome);
    }
  }
}

interface DeliveryKey {
  key: string;
  repeatsWithinMs: number;
  readAfterSeconds: number;
}

function keyOf(deliveryId: string | undefined, body: Buffer): DeliveryKey {
  return deliveryId === undefined || deliveryId === ''
    ? {
        key: `body ${signatureOf(body, '')}`,
        repeatsWithinMs: SAME_BODY_WITHIN_MS,
        readAfterSeconds: READ_AFTER_SECONDS,
      }
    : { key: `id ${deliveryId}`, repeatsWithinMs: DELIVERIES_KEPT_MS, readAfterSeconds: 0 };
}

async function enqueue(
  target: EventTarget,
  { key, repeatsWithinMs, readAfterSeconds }: DeliveryKey,
  receivedAtMs: number,
  { deliveries, fetchQueue }: WebhookPorts,
): Promise<'accepted' | 'duplicate'> {
  if (await deliveries.wasTaken(key, receivedAtMs - repeatsWithinMs)) return 'duplicate';
  // The queue first: a delivery that counts as taken has had its message sent.
  await fetchQueue.send({ kind: 'read-record', scope: COMPANY_SCOPE, ...target }, readAfterSeconds);
  await deliveries.take(key, receivedAtMs);
  return 'accepted';
}

function answer(status: z.infer<typeof acceptedEvent>['status']): HttpResponse {
  return jsonResponse(202, { status });
}

const NOT_JSON = {
  kind: 'malformed',
  problems: [{ field: 'body', problem: 'is not JSON in UTF-8' }],
} satisfies ReturnType<typeof readEvent>;

function jsonOf(bytes: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return undefined;
  }
}

/** By status: what is wrong with a request. */
export const REFUSALS = {
  400: { title: 'Malformed event', detail: 'The body must be an event of APS Webhooks.' },
  401: { title: 'Not signed', detail: 'The request is not signed with the secret of our webhooks.' },
  404: { title: 'Not found', detail: 'No webhooks are set up here.' },
  405: { title: 'Method not allowed', detail: 'Only POST is supported here.' },
  413: { title: 'Body too large', detail: `The body must not be larger than ${MAX_BODY_BYTES} bytes.` },
  415: { title: 'Not JSON', detail: 'The content type must be application/json.' },
} as const;
type Refusal = keyof typeof REFUSALS;
