import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import type { Randomness } from '../../../shared/randomness.ts';

const CODE_LIFETIME_MS = 5 * 60 * 1000;
const REFRESH_TOKEN_LIFETIME_MS = 15 * 24 * 60 * 60 * 1000;

/** An app as registered with Autodesk. Without a secret it is a public client, which has to use PKCE. */
export interface ClientRegistration {
  clientId: string;
  clientSecret?: string;
  redirectUris: string[];
  /** What it may ask for; everything where missing. */
  scopes?: string[];
}

/** For whom a token speaks: a person, a service account, or nobody (two-legged). */
export type Speaker = 'person' | 'service-account' | 'app';

const grantedSchema = z.object({
  clientId: z.string(),
  scopes: z.array(z.string()),
  expiresAtMs: z.number(),
});

const codeSchema = grantedSchema.extend({
  code: z.string(),
  redirectUri: z.string(),
  challenge: z.string().optional(),
});

const refreshTokenSchema = grantedSchema.extend({ token: z.string() });

const accessTokenSchema = grantedSchema.extend({
  token: z.string(),
  speaker: z.enum(['person', 'service-account', 'app']),
  /** Counts up with every access token given out. */
  generation: z.number(),
  callsLeft: z.number().optional(),
});

export const authorizationStateSchema = z.object({
  generation: z.number(),
  codes: z.array(codeSchema),
  refreshTokens: z.array(refreshTokenSchema),
  accessTokens: z.array(accessTokenSchema),
});

export type AuthorizationState = z.infer<typeof authorizationStateSchema>;
export type AccessToken = z.infer<typeof accessTokenSchema>;

export interface TokenLifetimes {
  accessTokenSeconds: number;
  /** An access token is refused after this many calls; undefined: by time only. */
  accessTokenCalls?: number;
}

export interface TokenGrant {
  accessToken: string;
  refreshToken?: string;
  expiresInSeconds: number;
}

/** An answer of the token endpoint in the form of RFC 6749. */
export class GrantRefused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, description: string) {
    super(description);
    this.status = status;
    this.code = code;
  }
}

/**
 * Codes and tokens given out. Whatever changes is kept by `persist` before it is answered, so that a process that
 * dies never forgets a token that somebody holds.
 */
export class Authorization {
  /** For tests: how often a refresh token was used, and how often one that was used before. */
  refreshes = 0;
  reusedRefreshTokens = 0;

  readonly #clock: Clock;
  readonly #randomness: Randomness;
  readonly #lifetimes: TokenLifetimes;
  readonly #persist: () => void;
  readonly #spentRefreshTokens = new Set<string>();
  readonly #codes: Map<string, z.infer<typeof codeSchema>>;
  readonly #refreshTokens: Map<string, z.infer<typeof refreshTokenSchema>>;
  readonly #accessTokens: Map<string, AccessToken>;
  #generation: number;

  constructor(
    clock: Clock,
    randomness: Randomness,
    lifetimes: TokenLifetimes,
    state: AuthorizationState | undefined,
    persist: () => void,
  ) {
    this.#clock = clock;
    this.#randomness = randomness;
    this.#lifetimes = lifetimes;
    this.#persist = persist;
    this.#generation = state?.generation ?? 0;
    this.#codes = new Map(state?.codes.map((code) => [code.code, code]));
    this.#refreshTokens = new Map(state?.refreshTokens.map((token) => [token.token, token]));
    this.#accessTokens = new Map(state?.accessTokens.map((token) => [token.token, token]));
  }

  state(): AuthorizationState {
    return {
      generation: this.#generation,
      codes: [...this.#codes.values()],
      refreshTokens: [...this.#refreshTokens.values()],
      accessTokens: [...this.#accessTokens.values()],
    };
  }

  /** A person has allowed it: the code that the app is sent back with. */
  issueCode(clientId: string, redirectUri: string, scopes: string[], challenge: string | undefined): string {
    const code = this.#randomness.hex(20);
    this.#codes.set(code, {
      code,
      clientId,
      redirectUri,
      scopes,
      expiresAtMs: this.#clock.now() + CODE_LIFETIME_MS,
      ...(challenge === undefined ? {} : { challenge }),
    });
    this.#keep();
    return code;
  }

  /** A refresh token as if a person had just signed in. */
  issueRefreshToken(clientId: string, scopes: string[]): string {
    const token = this.#newRefreshToken(clientId, scopes);
    this.#keep();
    return token;
  }

  /** Withdraws everything given out, as a person does who removes the app: no token works from now on. */
  revokeConsent(): void {
    for (const token of this.#refreshTokens.keys()) this.#spentRefreshTokens.add(token);
    this.#codes.clear();
    this.#refreshTokens.clear();
    this.#accessTokens.clear();
    this.#keep();
  }

  /** Ends the access tokens; the refresh tokens stay. */
  expireAccessTokens(): void {
    this.#accessTokens.clear();
    this.#keep();
  }

  exchangeCode(
    clientId: string,
    code: string,
    redirectUri: string,
    verifier: string | undefined,
  ): TokenGrant {
    const issued = this.#codes.get(code);
    // A code is spent by its first use, whatever comes of it.
    this.#codes.delete(code);
    const isValid =
      issued !== undefined &&
      issued.clientId === clientId &&
      issued.redirectUri === redirectUri &&
      issued.expiresAtMs > this.#clock.now() &&
      (issued.challenge === undefined
        ? verifier === undefined
        : challengeOf(verifier ?? '') === issued.challenge);
    if (!isValid) {
      this.#keep();
      throw new GrantRefused(
        400,
        'invalid_grant',
        'The authorization code is not valid, has expired or was used.',
      );
    }
    return this.#grantWithRefresh(clientId, issued.scopes);
  }

  /** The refresh token dies here and now; the new one is in the grant. */
  refresh(clientId: string, refreshToken: string, scopes: string[] | undefined): TokenGrant {
    const held = this.#refreshTokens.get(refreshToken);
    if (held === undefined || held.clientId !== clientId || held.expiresAtMs <= this.#clock.now()) {
      if (this.#spentRefreshTokens.has(refreshToken)) this.reusedRefreshTokens += 1;
      throw new GrantRefused(
        400,
        'invalid_grant',
        'The refresh token is not valid, has expired or was used.',
      );
    }
    const wanted = scopes ?? held.scopes;
    if (!wanted.every((scope) => held.scopes.includes(scope))) {
      throw new GrantRefused(400, 'invalid_scope', 'The scope is wider than what was granted.');
    }
    this.refreshes += 1;
    this.#refreshTokens.delete(refreshToken);
    this.#spentRefreshTokens.add(refreshToken);
    return this.#grantWithRefresh(clientId, wanted);
  }

  /** A token that speaks for no person, or for a service account: there is no refresh token with it. */
  grantWithoutRefresh(clientId: string, scopes: string[], speaker: Exclude<Speaker, 'person'>): TokenGrant {
    const accessToken = this.#newAccessToken(clientId, scopes, speaker);
    this.#keep();
    return { accessToken, expiresInSeconds: this.#lifetimes.accessTokenSeconds };
  }

  /** The token of a call, which it counts; undefined when it is unknown, expired or used up. */
  admit(bearer: string | undefined): AccessToken | undefined {
    const token = this.#accessTokens.get(/^Bearer (\S+)$/i.exec(bearer ?? '')?.[1] ?? '');
    if (token === undefined || token.expiresAtMs <= this.#clock.now() || token.callsLeft === 0)
      return undefined;
    if (token.callsLeft !== undefined) token.callsLeft -= 1;
    return token;
  }

  #grantWithRefresh(clientId: string, scopes: string[]): TokenGrant {
    const refreshToken = this.#newRefreshToken(clientId, scopes);
    const accessToken = this.#newAccessToken(clientId, scopes, 'person');
    this.#keep();
    return { accessToken, refreshToken, expiresInSeconds: this.#lifetimes.accessTokenSeconds };
  }

  #newRefreshToken(clientId: string, scopes: string[]): string {
    const token = this.#randomness.hex(32);
    const expiresAtMs = this.#clock.now() + REFRESH_TOKEN_LIFETIME_MS;
    this.#refreshTokens.set(token, { token, clientId, scopes, expiresAtMs });
    return token;
  }

  #newAccessToken(clientId: string, scopes: string[], speaker: Speaker): string {
    const { accessTokenSeconds, accessTokenCalls } = this.#lifetimes;
    const token = this.#randomness.hex(40);
    this.#generation += 1;
    this.#accessTokens.set(token, {
      token,
      clientId,
      scopes,
      speaker,
      generation: this.#generation,
      expiresAtMs: this.#clock.now() + accessTokenSeconds * 1000,
      ...(accessTokenCalls === undefined ? {} : { callsLeft: accessTokenCalls }),
    });
    return token;
  }

  #keep(): void {
    const now = this.#clock.now();
    for (const held of [this.#codes, this.#refreshTokens, this.#accessTokens]) {
      for (const [key, { expiresAtMs }] of held) if (expiresAtMs <= now) held.delete(key);
    }
    this.#persist();
  }
}

/** The S256 challenge of a PKCE verifier. */
function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
