import type { Clock } from '../../clock.ts';
import type { Json } from '../../json.ts';
import type { Randomness } from '../../randomness.ts';
import type { ApiName } from '../../resources/resource.ts';
import { retryAfterMs } from '../../waits.ts';
import {
  AutodeskUnavailableError,
  RateLimitedError,
  RequestRefusedError,
  TokenRefusedError,
  UnexpectedResponseError,
} from '../http/errors.ts';
import { type AutodeskHttp, type HttpResponse, NoResponseError } from '../http/http.ts';
import { refusalOf } from '../http/refusal.ts';
import { backoffMs } from '../http/retry.ts';
import type { TokenSource } from './token-source.ts';

const ATTEMPTS = 4;
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 8_000;
/** A person waits: what Autodesk asks for beyond this is told instead. */
const LONGEST_WAIT_MS = 30_000;
const REFUSED_TOKENS = 2;

export interface ManagementClientPorts {
  http: AutodeskHttp;
  tokens: TokenSource;
  clock: Clock;
  randomness: Randomness;
}

export interface ManagementRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From the leading slash, encoded. */
  path: string;
  query?: Record<string, string>;
  body?: Json;
  /** Beside the usual ones. */
  headers?: Record<string, string>;
  /** Decides the words of a refusal. */
  api: ApiName;
}

/**
 * Calls that look at or change what is set up at Autodesk, a few at a time and outside the rate budget of the mirror.
 * GET, PATCH and DELETE are repeated after a failure; a POST only where it was certainly not carried out.
 */
export class ManagementClient {
  readonly #ports: ManagementClientPorts;

  constructor(ports: ManagementClientPorts) {
    this.#ports = ports;
  }

  /**
   * A 2xx answer. Throws `RequestRefusedError` for a 4xx, `RateLimitedError`, `TokenRefusedError`,
   * `AutodeskUnavailableError` and `UnexpectedResponseError`, and what the token source throws.
   */
  async send(request: ManagementRequest): Promise<HttpResponse> {
    const { tokens, clock, randomness } = this.#ports;
    let refusedTokens = 0;
    for (let attempt = 1; ; ) {
      const token = await tokens.get();
      const outcome = await this.#attempt(request, token.value);
      if (outcome.kind === 'answered') return outcome.response;
      if (outcome.kind === 'token-refused') {
        tokens.refused(token);
        refusedTokens += 1;
        if (refusedTokens === REFUSED_TOKENS) throw new TokenRefusedError(refusedTokens);
        continue;
      }
      const waitMs = outcome.waitMs ?? backoffMs(attempt, BACKOFF_BASE_MS, BACKOFF_CAP_MS, randomness);
      if (attempt === ATTEMPTS || waitMs > LONGEST_WAIT_MS) throw outcome.error;
      await clock.sleep(waitMs);
      attempt += 1;
    }
  }

  async #attempt(request: ManagementRequest, token: string): Promise<Outcome> {
    const { http, clock } = this.#ports;
    const { method, path, query, body, headers, api } = request;
    const target = query === undefined ? path : `${path}?${new URLSearchParams(query)}`;
    let response: HttpResponse;
    try {
      response =
        method === 'GET'
          ? await http.get(target, token, headers)
          : await http.send(method, target, token, { body, headers });
    } catch (error) {
      if (!(error instanceof NoResponseError)) throw error;
      const failure = new AutodeskUnavailableError(error.message, { cause: error });
      if (method === 'POST' && error.reason !== 'never-opened') throw failure;
      return { kind: 'failed', error: failure };
    }
    const { status } = response;
    if (status >= 200 && status < 300) return { kind: 'answered', response };
    if (status === 401) return { kind: 'token-refused' };
    if (status === 429) {
      const waitMs = retryAfterMs(response.headers.get('retry-after'), clock.now());
      return { kind: 'failed', error: new RateLimitedError(api, waitMs ?? BACKOFF_CAP_MS), waitMs };
    }
    if (status >= 500) {
      const error = new AutodeskUnavailableError(`HTTP ${status}`);
      if (method === 'POST') throw error;
      return { kind: 'failed', error };
    }
    if (status >= 400) throw asScopeError(refusalOf(api, path, status, response.body));
    throw new UnexpectedResponseError(`HTTP ${status}, which is never followed`);
  }
}

type Outcome =
  | { kind: 'answered'; response: HttpResponse }
  | { kind: 'token-refused' }
  | { kind: 'failed'; error: AutodeskUnavailableError | RateLimitedError; waitMs?: number | undefined };

/** A missing scope is cured by another sign-in than the mirror's. */
function asScopeError(error: RequestRefusedError): RequestRefusedError {
  return error.code === 'WRONG_SCOPE'
    ? new RequestRefusedError('MANAGEMENT_SCOPE', error.status, undefined, { cause: error })
    : error;
}
