import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Clock } from '../../clock.ts';
import type { StateItem } from '../../dynamodb/state-item.ts';
import { ConfigurationError } from '../../errors.ts';
import type { Randomness } from '../../randomness.ts';
import type { PauseReason } from '../client/rate-budget.ts';
import type { AccessToken, AuthorizationStatus, Connection } from '../client/token-source.ts';
import { AutodeskUnavailableError, RateLimitedError, RequestRefusedError } from '../http/errors.ts';
import { AUTODESK_ORIGIN } from '../http/origin.ts';
import { backoffMs } from '../http/retry.ts';
import { SCOPES, type ServiceAccountCredentials } from './credentials.ts';
import { blockedUntil, type RefreshLedger } from './refresh-ledger.ts';
import { TOKEN_PATH, type TokenEndpoint, unexpectedToken } from './token-endpoint.ts';

/** Autodesk's own helper refuses assertions with a longer life. */
const ASSERTION_LIFE_SECONDS = 300;
const RENEWAL_MARGIN_MS = 300_000;
const ATTEMPTS = 4;
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 8_000;

export interface ServiceAccountPorts {
  endpoint: TokenEndpoint;
  /** The item `token` / `refresh` of the State table: here only for the waits that Autodesk asked for. */
  ledger: StateItem<RefreshLedger>;
  credentials: () => Promise<ServiceAccountCredentials>;
  clock: Clock;
  randomness: Randomness;
}

/**
 * A connection without a person: a Secure Service Account. It has no refresh token, so each process mints access
 * tokens of its own, any number of them. Experimental: Autodesk's pages contradict each other on whether
 * BuildingConnected accepts it.
 */
export class ServiceAccountConnection implements Connection {
  readonly #ports: ServiceAccountPorts;
  #generation = 0;
  #refusedGeneration = 0;
  #token: (AccessToken & { renewAtMs: number }) | undefined;
  #minting: Promise<AccessToken> | undefined;

  constructor(ports: ServiceAccountPorts) {
    this.#ports = ports;
  }

  async get(): Promise<AccessToken> {
    const token = this.#token;
    const isFresh =
      token !== undefined &&
      token.generation > this.#refusedGeneration &&
      this.#ports.clock.now() < token.renewAtMs;
    if (isFresh) return token;
    this.#minting ??= this.#mint().finally(() => {
      this.#minting = undefined;
    });
    return this.#minting;
  }

  refused(token: AccessToken): void {
    this.#refusedGeneration = Math.max(this.#refusedGeneration, token.generation);
  }

  /** Nothing lapses while idle. */
  async keepAlive(): Promise<void> {}

  async authorizationStatus(): Promise<AuthorizationStatus> {
    return { state: 'connected' };
  }

  async #mint(): Promise<AccessToken> {
    const { endpoint, ledger, clock, randomness } = this.#ports;
    const held = blockedUntil((await ledger.read()).value, clock.now());
    if (held !== undefined) throw new RateLimitedError('the token endpoint', held.waitMs);
    const credentials = await this.#ports.credentials();
    for (let attempt = 1; ; attempt += 1) {
      const answer = await endpoint.request(
        {
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion: await this.#assertion(credentials),
          scope: SCOPES.join(' '),
        },
        credentials,
      );
      if (answer.kind === 'granted') return this.#keep(answer.accessToken, answer.expiresInSeconds);
      if (answer.kind === 'refused') {
        const code = answer.error === 'invalid_client' ? 'INVALID_CLIENT' : 'SERVICE_ACCOUNT';
        throw new RequestRefusedError(code, answer.status, answer.title);
      }
      if (answer.kind === 'unexpected') throw unexpectedToken(answer.what);
      const asked = answer.kind === 'not-taken' ? answer.asked : undefined;
      if (asked !== undefined && asked.ms > BACKOFF_CAP_MS) {
        await this.#holdOff(asked, answer.reason, attempt);
        throw new RateLimitedError('the token endpoint', asked.ms);
      }
      if (attempt === ATTEMPTS) throw new AutodeskUnavailableError(answer.reason);
      await clock.sleep(asked?.ms ?? backoffMs(attempt, BACKOFF_BASE_MS, BACKOFF_CAP_MS, randomness));
    }
  }

  /** No process asks for a token before Autodesk's time has come. */
  async #holdOff({ ms, by }: { ms: number; by: PauseReason }, reason: string, failures: number) {
    const { ledger, clock } = this.#ports;
    const { value, rev } = await ledger.read();
    const backoff = { untilMs: clock.now() + ms, failures, reason, askedBy: by };
    // Where another process was faster, it wrote the same.
    await ledger.write({ ...value, backoff }, rev);
  }

  #keep(value: string, expiresInSeconds: number): AccessToken {
    const lifeMs = expiresInSeconds * 1_000;
    const renewAtMs = this.#ports.clock.now() + lifeMs - Math.min(RENEWAL_MARGIN_MS, lifeMs / 10);
    this.#generation += 1;
    this.#token = { value, generation: this.#generation, renewAtMs };
    return this.#token;
  }

  async #assertion(credentials: ServiceAccountCredentials): Promise<string> {
    const issuedAt = Math.floor(this.#ports.clock.now() / 1_000);
    return new SignJWT({ scope: SCOPES })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: credentials.keyId })
      .setIssuer(credentials.clientId)
      .setSubject(credentials.serviceAccountId)
      .setAudience(`${AUTODESK_ORIGIN}${TOKEN_PATH}`)
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt)
      .setExpirationTime(issuedAt + ASSERTION_LIFE_SECONDS)
      .setJti(this.#ports.randomness.hex(16))
      .sign(privateKeyOf(credentials));
  }
}

function privateKeyOf({ privateKey }: ServiceAccountCredentials) {
  try {
    return createPrivateKey(privateKey);
  } catch {
    // The parser's own error may quote the key.
    throw new ConfigurationError(["the connection's privateKey is not a PEM private key"]);
  }
}
