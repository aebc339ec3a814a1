import type { Clock } from '../../../shared/clock.ts';

export interface SentRefreshToken {
  refreshToken: string;
  atMs: number;
  granted: boolean;
}

/**
 * Autodesk's token endpoint as far as refreshing goes: each refresh token is good once, and dies with its use.
 * A `fetch`, with every token it was sent.
 */
export class FakeTokenServer {
  readonly sent: SentRefreshToken[] = [];
  /** The one refresh token that would be accepted now. */
  valid: string;
  lifeSeconds = 3_599;
  /** Answers in place of the normal one, before anything is rotated; undefined: the normal one. */
  fault: (() => Response | Error | undefined) | undefined;
  #granted = 0;
  readonly #clock: Clock;

  constructor(clock: Clock, valid = 'refresh-0') {
    this.#clock = clock;
    this.valid = valid;
  }

  readonly fetch: typeof globalThis.fetch = async (_url, init) => {
    const form = new URLSearchParams(String(init?.body));
    const refreshToken = form.get('refresh_token') ?? '';
    const fault = this.fault?.();
    const granted = fault === undefined && refreshToken === this.valid;
    this.sent.push({ refreshToken, atMs: this.#clock.now(), granted });
    if (fault instanceof Error) throw fault;
    if (fault !== undefined) return fault;
    if (!granted) return Response.json({ error: 'invalid_grant' }, { status: 400 });
    this.#granted += 1;
    this.valid = `refresh-${this.#granted}`;
    return Response.json({
      access_token: `access-${this.#granted}`,
      expires_in: this.lifeSeconds,
      refresh_token: this.valid,
      token_type: 'Bearer',
    });
  };
}
