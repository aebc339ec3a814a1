import * as z from 'zod';
import type { Clock } from '../../clock.ts';
import { retryAfterMs } from '../../waits.ts';
import type { PauseReason } from '../client/rate-budget.ts';
import { UnexpectedResponseError } from '../http/errors.ts';
import { type AutodeskHttp, type HttpResponse, NoResponseError } from '../http/http.ts';
import { titleOf } from '../http/refusal.ts';

/** Path of the token endpoint. Also the audience of a service account's assertion, at Autodesk's own origin. */
export const TOKEN_PATH = '/authentication/v2/token';

/**
 * For every process the same, whatever its other requests may take: the wait before a refresh token is sent again
 * counts on it.
 */
export const TOKEN_REQUEST_TIMEOUT_MS = 10_000;

/** What a request for a token came to. The difference between the last two decides when it may be repeated. */
export type TokenResponse =
  | { kind: 'granted'; accessToken: string; expiresInSeconds: number; refreshToken?: string }
  /** A definite no; `error` is its OAuth code. */
  | { kind: 'refused'; error: string; status: number; title: string | undefined }
  /** The request was not carried out: the connection never opened, 429, 503. `asked`: for how long we are to wait. */
  | { kind: 'not-taken'; reason: string; asked?: { ms: number; by: PauseReason } }
  /** Something in between answered as if all were well, and gave no token. */
  | { kind: 'unexpected'; what: string }
  /** It may have been carried out: no answer, or a 5xx of something in between. */
  | { kind: 'unknown'; reason: string };

/** Autodesk's access tokens live for an hour; one whose life is not told is used for five minutes less. */
const USUAL_LIFE_SECONDS = 55 * 60;
const LONGEST_LIFE_SECONDS = 24 * 60 * 60;

/** RFC 6749, section 5.1: all but the access token and its type may be left out. */
const granted = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce
    .number()
    .positive()
    .catch(USUAL_LIFE_SECONDS)
    .transform((seconds) => Math.min(seconds, LONGEST_LIFE_SECONDS)),
  refresh_token: z.string().min(1).optional().catch(undefined),
});
const refused = z.object({ error: z.string().max(60) });

/** Autodesk's token endpoint. Sends each request once. */
export class TokenEndpoint {
  readonly #http: AutodeskHttp;
  readonly #clock: Clock;

  constructor(http: AutodeskHttp, clock: Clock) {
    this.#http = http.within(TOKEN_REQUEST_TIMEOUT_MS);
    this.#clock = clock;
  }

  /** No request takes longer than this. */
  get timeoutMs(): number {
    return this.#http.timeoutMs;
  }

  /** Credentials go in the header or, for an app without a secret, as the id in the form: both at once is a 400. */
  async request(
    form: Record<string, string>,
    client: { clientId: string; clientSecret?: string | undefined },
  ): Promise<TokenResponse> {
    try {
      const answer =
        client.clientSecret === undefined
          ? await this.#http.postForm(TOKEN_PATH, { ...form, client_id: client.clientId })
          : await this.#http.postForm(TOKEN_PATH, form, [client.clientId, client.clientSecret]);
      return this.#understand(answer);
    } catch (error) {
      if (!(error instanceof NoResponseError)) throw error;
      const notTaken = error.reason === 'never-opened' || error.status === 429 || error.status === 503;
      return notTaken
        ? { kind: 'not-taken', reason: error.message }
        : { kind: 'unknown', reason: error.message };
    }
  }

  #understand({ status, headers, body }: HttpResponse): TokenResponse {
    const reason = `HTTP ${status}`;
    if (status === 200) {
      const token = granted.safeParse(tryParse(body));
      if (!token.success) return { kind: 'unexpected', what: describeBody(headers, body) };
      const { access_token: accessToken, expires_in: expiresInSeconds, refresh_token } = token.data;
      const refreshToken = refresh_token === undefined ? {} : { refreshToken: refresh_token };
      return { kind: 'granted', accessToken, expiresInSeconds, ...refreshToken };
    }
    if (status === 429 || status === 503) {
      const ms = retryAfterMs(headers.get('retry-after'), this.#clock.now());
      const by = status === 429 ? 'rate-limit' : 'unavailable';
      return { kind: 'not-taken', reason, ...(ms !== undefined && { asked: { ms, by } }) };
    }
    if (status >= 500 || status < 300) return { kind: 'unknown', reason };
    const refusal = refused.safeParse(tryParse(body));
    const error = refusal.success ? refusal.data.error : status === 401 ? 'invalid_client' : `http_${status}`;
    return { kind: 'refused', error, status, title: titleOf(body) };
  }
}

/** Why there is no token, when something else came. */
export function unexpectedToken(what: string): UnexpectedResponseError {
  return new UnexpectedResponseError(`the token endpoint returned ${what} instead of a token`);
}

/** What came instead of a token, without any of its content. */
function describeBody(headers: Headers, body: string): string {
  if (body.trim() === '') return 'an empty body';
  const type = headers.get('content-type') ?? '';
  if (type.includes('html') || /^\s*</.test(body)) return 'an HTML page';
  return tryParse(body) === undefined ? 'a body that is not JSON' : 'JSON without an access token';
}

function tryParse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
