import { readClick } from '../../shared/alerts/clicks/click.ts';
import type { ClickLog } from '../../shared/alerts/clicks/click-log.ts';
import { isFromSlack } from '../../shared/alerts/clicks/slack-signature.ts';
import { type ClickPorts, takeClick } from '../../shared/alerts/clicks/take-click.ts';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { bodyOf, type HttpEvent, type HttpResponse, problem } from '../http/http.ts';

export interface ReceivePorts extends ClickPorts {
  /** Undefined while no Slack app is configured. */
  signingSecret: () => Promise<string | undefined>;
  clickLog: ClickLog;
  log: Log;
  metrics: Metrics;
}

/** A click carries the message it was made in: fifteen long incidents, encoded twice, take about half of this. */
const MAX_BODY_BYTES = 1024 * 1024;

const FORM = /^application\/x-www-form-urlencoded\b/i;

/** Takes one request of Slack. Nothing is stored or enqueued unless it is signed, young and new. */
export async function receiveClick(event: HttpEvent, ports: ReceivePorts): Promise<HttpResponse> {
  const { log, metrics } = ports;
  const refuse = (status: Refusal) => {
    metrics.add('ClicksRefused', 1);
    log.info('click refused', { status });
    return problem(status, REFUSALS[status], status === 405 ? { allow: 'POST' } : {});
  };
  const secret = await ports.signingSecret();
  if (secret === undefined) return refuse(404);
  if (event.requestContext.http.method !== 'POST') return refuse(405);
  const body = bodyOf(event);
  if (body.length > MAX_BODY_BYTES) return refuse(413);

  const timestamp = event.headers['x-slack-request-timestamp'] ?? '';
  const signature = event.headers['x-slack-signature'] ?? '';
  const nowMs = ports.clock.now();
  if (!isFromSlack({ timestamp, signature, body }, secret, nowMs)) return refuse(401);
  if (!FORM.test(event.headers['content-type'] ?? '')) return refuse(415);
  const click = readClick(body);
  if (click === undefined) return refuse(400);
  if (click === 'other') return DONE;
  if (!(await ports.clickLog.take(signature, nowMs))) return refuse(401);

  const outcome = await takeClick(click, ports);
  if (outcome === 'foreign') return refuse(403);
  metrics.add('ClicksAccepted', 1);
  log.info(`click ${outcome}`, { incidentId: click.incidentId, action: click.action });
  return DONE;
}

const DONE: HttpResponse = { statusCode: 200, headers: {}, body: '' };

/** By status: what is wrong with a request. */
export const REFUSALS = {
  400: { title: 'Malformed request', detail: 'The body must be a form with a JSON payload.' },
  401: { title: 'Not signed', detail: 'The request is not signed by Slack, is too old, or came before.' },
  403: { title: 'Unknown workspace', detail: 'The click does not come from a message of this project.' },
  404: { title: 'Not found', detail: 'No Slack app is configured here.' },
  405: { title: 'Method not allowed', detail: 'Only POST is supported here.' },
  413: { title: 'Body too large', detail: `The body must not be larger than ${MAX_BODY_BYTES} bytes.` },
  415: { title: 'Not a form', detail: 'The content type must be application/x-www-form-urlencoded.' },
} as const;
type Refusal = keyof typeof REFUSALS;
