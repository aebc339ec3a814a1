import type { PageFault } from './api/list-pages.ts';
import {
  appNotInAccount,
  buildingConnectedError,
  dataConnectorError,
  gatewayError,
  html,
  json,
  jsonText,
  redirectTo,
  type SandboxResponse,
  subscriptionRequired,
  tokenNotAccepted,
} from './http/response.ts';
import type { SeededRandomness } from './seed/seeded-randomness.ts';

/** What goes wrong instead of the answer, with it, or after it. */
export type Fault =
  /** 429, with `Retry-After` in seconds, as a date, or without one. */
  | { kind: 'rate-limited'; retryAfterSeconds?: number; as?: 'seconds' | 'date' }
  | { kind: 'server-error'; status: 500 | 502 | 503 | 504 }
  | { kind: 'unauthorized' }
  /** 403 with `BC_PRO_SUBSCRIPTION_REQUIRED`. */
  | { kind: 'subscription-required' }
  | { kind: 'app-not-in-account' }
  /** 403 with any other reason. */
  | { kind: 'forbidden' }
  | { kind: 'not-found' }
  | { kind: 'redirect'; location: string }
  /** 200 with a web page. */
  | { kind: 'html' }
  /** 200 with this JSON text, or with one that is no list and no record. */
  | { kind: 'wrong-shape'; body?: string }
  /** The true answer, this much later. */
  | { kind: 'slow'; latencyMs: number }
  /** The true answer, once this is over. */
  | { kind: 'held'; until: Promise<void> }
  /** The connection is cut before anything is done. */
  | { kind: 'connection-reset' }
  /** Everything is done, a token rotated, and the connection is cut before the answer. */
  | { kind: 'answer-lost' }
  /** The first half of the true answer; then the connection is cut. */
  | { kind: 'broken-off' }
  /** The first half of the true answer, sent as if it were all. */
  | { kind: 'truncated-body' }
  | PageFault;

export interface FaultRule {
  /** Matched against method, a space, path, question mark and query, decoded. */
  on: RegExp;
  fault: Fault;
  /** How many of the matching requests it strikes, then the rule is spent; without end where missing. */
  times?: number;
  /** How many matching requests pass untouched before. */
  after?: number;
  /** The chance that it strikes a matching request; 1 where missing. */
  probability?: number;
}

interface ActiveRule extends FaultRule {
  left: number;
  toPass: number;
}

/** The faults that were asked for. Of several rules that strike one request, the first counts; slowness adds up. */
export class Faults {
  readonly #randomness: SeededRandomness;
  #rules: ActiveRule[] = [];

  constructor(randomness: SeededRandomness) {
    this.#randomness = randomness;
  }

  /** Returns what ends the rule. */
  add(rule: FaultRule): () => void {
    const active = { ...rule, left: rule.times ?? Number.POSITIVE_INFINITY, toPass: rule.after ?? 0 };
    this.#rules.push(active);
    return () => {
      this.#rules = this.#rules.filter((other) => other !== active);
    };
  }

  clear(): void {
    this.#rules = [];
  }

  /** What strikes a request, given as in `FaultRule.on`. */
  strike(request: string): { fault: Fault | undefined; latencyMs: number; held: Promise<void> | undefined } {
    let fault: Fault | undefined;
    let latencyMs = 0;
    let held: Promise<void> | undefined;
    for (const rule of this.#rules) {
      const isLater = rule.fault.kind === 'slow' || rule.fault.kind === 'held';
      if ((fault !== undefined && !isLater) || !rule.on.test(request) || !this.#strikes(rule)) continue;
      if (rule.fault.kind === 'slow') latencyMs += rule.fault.latencyMs;
      else if (rule.fault.kind === 'held') held = rule.fault.until;
      else fault = rule.fault;
    }
    return { fault, latencyMs, held };
  }

  #strikes(rule: ActiveRule): boolean {
    if (rule.toPass > 0) {
      rule.toPass -= 1;
      return false;
    }
    if (rule.left === 0 || !this.#randomness.chance(rule.probability ?? 1)) return false;
    rule.left -= 1;
    return true;
  }
}

/** The answer of a fault that stands for the true one; undefined for faults that need the true one. */
export function answerOf(fault: Fault, path: string, nowMs: number): SandboxResponse | undefined {
  switch (fault.kind) {
    case 'rate-limited':
      return withRetryAfter(
        apiError(path, 429, 'Rate limit exceeded; wait some time before retrying.'),
        fault,
        nowMs,
      );
    case 'server-error':
      return apiError(path, fault.status, 'An unexpected error occurred on the server.');
    case 'forbidden':
      return apiError(path, 403, 'The user does not have permission to perform this operation.');
    case 'not-found':
      return apiError(path, 404, 'The requested resource does not exist.');
    case 'unauthorized':
      return tokenNotAccepted();
    case 'subscription-required':
      return subscriptionRequired();
    case 'app-not-in-account':
      return appNotInAccount();
    case 'redirect':
      return redirectTo(fault.location);
    case 'html':
      return html(200, '<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>');
    case 'wrong-shape':
      return jsonText(200, fault.body ?? '{"data":{"items":[]},"next":null}');
    default:
      return undefined;
  }
}

function apiError(path: string, status: number, message: string): SandboxResponse {
  if (path.startsWith('/authentication/'))
    return json(status, { error: 'server_error', error_description: message });
  if (path.startsWith('/data-connector/')) return dataConnectorError(status, 'Error', message);
  if (path.startsWith('/construction/')) return buildingConnectedError(status, message);
  return gatewayError(status, 'GATEWAY', message);
}

function withRetryAfter(
  answer: SandboxResponse,
  fault: Fault & { kind: 'rate-limited' },
  nowMs: number,
): SandboxResponse {
  if (fault.retryAfterSeconds === undefined) return answer;
  const retryAfter =
    fault.as === 'date'
      ? new Date(nowMs + fault.retryAfterSeconds * 1000).toUTCString()
      : String(fault.retryAfterSeconds);
  return { ...answer, headers: { ...answer.headers, 'retry-after': retryAfter } };
}
