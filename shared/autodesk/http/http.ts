import type { Json } from '../../json.ts';
import type { AutodeskOrigin } from './origin.ts';

/** An answer of any status, its body read to the end. */
export interface HttpResponse {
  status: number;
  headers: Headers;
  body: string;
}

/**
 * Why there is no answer. `never-opened`: no byte of the request has left. `timeout` and `broken`: the request
 * may have been carried out. `broken-body`: the answer began, with `status`, and its body did not end.
 */
export class NoResponseError extends Error {
  readonly reason: 'never-opened' | 'timeout' | 'broken' | 'broken-body';
  readonly status: number | undefined;

  constructor(reason: NoResponseError['reason'], cause: unknown, status?: number) {
    super(`${reason}${nameOf(cause)}`, { cause });
    this.name = 'NoResponseError';
    this.reason = reason;
    this.status = status;
  }
}

export interface HttpOptions {
  fetch: typeof globalThis.fetch;
  origin: AutodeskOrigin;
  /** For one request, its body included. */
  timeoutMs: number;
  /** `test` asks BuildingConnected for Autodesk's own sample data. */
  mode?: 'test';
}

/** Sends single requests to the one origin it was made for. Knows no tokens, retries nothing, follows nothing. */
export class AutodeskHttp {
  readonly timeoutMs: number;
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.timeoutMs = options.timeoutMs;
    this.#options = options;
  }

  /** The same with another timeout. */
  within(timeoutMs: number): AutodeskHttp {
    return new AutodeskHttp({ ...this.#options, timeoutMs });
  }

  /** `target`: path and query, from the leading slash. `more`: headers beside the usual ones. Throws `NoResponseError`. */
  get(target: string, accessToken: string, more: Record<string, string> = {}): Promise<HttpResponse> {
    const headers: Record<string, string> = { authorization: `Bearer ${accessToken}`, ...more };
    if (this.#options.mode !== undefined) headers['x-bc-mode'] = this.#options.mode;
    return this.#send(target, { method: 'GET', headers });
  }

  /** Sends a form. `basic`: user and password for Basic authentication. Throws `NoResponseError`. */
  postForm(target: string, form: Record<string, string>, basic?: [string, string]): Promise<HttpResponse> {
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
    if (basic !== undefined) {
      headers.authorization = `Basic ${Buffer.from(basic.join(':')).toString('base64')}`;
    }
    return this.#send(target, { method: 'POST', headers, body: new URLSearchParams(form).toString() });
  }

  /**
   * Sends JSON, or nothing, with another method than GET. `headers` go along with the usual ones. Throws
   * `NoResponseError`.
   */
  send(
    method: 'POST' | 'PATCH' | 'DELETE',
    target: string,
    accessToken: string,
    { body, headers = {} }: { body?: Json | undefined; headers?: Record<string, string> | undefined } = {},
  ): Promise<HttpResponse> {
    return this.#send(target, {
      method,
      headers: {
        authorization: `Bearer ${accessToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async #send(target: string, init: { method: string; headers: Record<string, string>; body?: string }) {
    const signal = AbortSignal.timeout(this.timeoutMs);
    let response: Response;
    try {
      const { fetch, origin } = this.#options;
      response = await fetch(`${origin}${target}`, {
        ...init,
        headers: { accept: 'application/json', 'user-agent': 'buildingconnected-sync', ...init.headers },
        // Not `error`: that looks like a broken connection. A redirect is handed on as the 3xx answer it is.
        redirect: 'manual',
        signal,
      });
    } catch (error) {
      throw new NoResponseError(whyNoAnswer(error, signal), error);
    }
    try {
      return { status: response.status, headers: response.headers, body: await response.text() };
    } catch (error) {
      throw new NoResponseError(signal.aborted ? 'timeout' : 'broken-body', error, response.status);
    }
  }
}

const NEVER_OPENED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function whyNoAnswer(error: unknown, signal: AbortSignal): NoResponseError['reason'] {
  if (signal.aborted) return 'timeout';
  const codes = codesOf(error);
  return codes.length > 0 && codes.every((code) => NEVER_OPENED.has(code)) ? 'never-opened' : 'broken';
}

/** The system's error codes: fetch hides them in `cause`, and one for each address tried in `errors`. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  if (error instanceof AggregateError) return error.errors.flatMap(codesOf);
  if (error.cause !== undefined) return codesOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? [error.code] : ['unknown'];
}

function nameOf(cause: unknown): string {
  const codes = codesOf(cause).filter((code) => code !== 'unknown');
  return codes.length === 0 ? '' : ` (${[...new Set(codes)].join(', ')})`;
}
