import { type Clock, isoTime } from '../../clock.ts';
import type { StateItem } from '../../dynamodb/state-item.ts';
import type { Log } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { Randomness } from '../../randomness.ts';
import type { AccessToken, AuthorizationStatus, Connection } from '../client/token-source.ts';
import { AutodeskUnavailableError, NeedsConsentError, RequestRefusedError } from '../http/errors.ts';
import { backoffMs } from '../http/retry.ts';
import { authorizationStatusOf, daysLeftOf } from './authorization-status.ts';
import type { ThreeLeggedCredentials } from './credentials.ts';
import {
  blockedUntil,
  type Candidate,
  candidateOf,
  LEASE_MS,
  nextStep,
  type RefreshBackoff,
  type RefreshLedger,
  settled,
  withDead,
} from './refresh-ledger.ts';
import { type TokenEndpoint, type TokenResponse, unexpectedToken } from './token-endpoint.ts';
import type { TokenGeneration, TokenVault } from './token-vault.ts';

/** An access token is replaced this long before it expires, or in the last tenth of a shorter life. */
const RENEWAL_MARGIN_MS = 300_000;
/** A refresh token older than this is renewed by the keep-alive, which runs once a day. */
const KEEP_ALIVE_AGE_MS = 20 * 3_600_000;
/** How long a caller waits for another worker's refresh beyond the time a request may take. */
const PATIENCE_MS = 5_000;
/** While another worker refreshes, its result is looked for at growing intervals. */
const FIRST_LOOK_MS = 50;
const LAST_LOOK_MS = 500;
const BACKOFF_BASE_MS = 1_000;
const BACKOFF_CAP_MS = 60_000;
/** An answer that cannot be stored is a connection lost, so storing is tried for some seconds. */
const STORE_ATTEMPTS = 5;
const STORE_WAIT_MS = 200;

export interface TokenKeeperPorts {
  vault: TokenVault;
  /** Of this sign-in alone: in the State table, or beside the tokens. */
  ledger: StateItem<RefreshLedger>;
  endpoint: TokenEndpoint;
  /** Asked before each refresh, so that a corrected secret is used at once. */
  credentials: () => Promise<ThreeLeggedCredentials>;
  /** A refresh token to start with: used where there is none, or where the connection is dead and this is new. */
  seed?: string | undefined;
  clock: Clock;
  randomness: Randomness;
  log: Log;
  metrics: Metrics;
}

type Attempt =
  | { kind: 'stored'; token: TokenGeneration }
  | { kind: 'look-again' }
  | { kind: 'later'; waitMs: number; reason: string; backoff?: RefreshBackoff | undefined };

/**
 * Keeps the connection of a signed-in person alive for any number of workers. Refresh tokens are good for one
 * use, so the order of things is what counts: intent stored, token sent, answer stored, answer used. The lease
 * keeps workers from refreshing twice; the generations of the vault keep the result right if they do.
 */
export class TokenKeeper implements Connection {
  readonly #ports: TokenKeeperPorts;
  #cached: TokenGeneration | undefined;
  /** The newest generation that Autodesk answered 401 to. */
  #refusedGeneration = 0;
  #renewal: Promise<TokenGeneration> | undefined;

  constructor(ports: TokenKeeperPorts) {
    this.#ports = ports;
  }

  async get(): Promise<AccessToken> {
    for (;;) {
      let token = this.#cached;
      if (token === undefined || !this.#isFresh(token)) {
        this.#renewal ??= this.#renew((stored) => this.#isFresh(stored)).finally(() => {
          this.#renewal = undefined;
        });
        token = await this.#renewal;
        this.#cached = token;
      }
      // Otherwise it was refused to another caller while this one waited for it.
      if (token.generation > this.#refusedGeneration) {
        return { value: token.accessToken, generation: token.generation };
      }
    }
  }

  refused(token: AccessToken): void {
    this.#refusedGeneration = Math.max(this.#refusedGeneration, token.generation);
  }

  async keepAlive(): Promise<void> {
    const { vault, clock, metrics } = this.#ports;
    let token = await vault.read();
    if (token === undefined) return;
    const { generation, obtainedAt } = token;
    if (clock.now() - Date.parse(obtainedAt) >= KEEP_ALIVE_AGE_MS) {
      token = await this.#renew((stored) => stored.generation > generation);
    }
    metrics.add('TokenDaysLeft', daysLeftOf(token, clock.now()));
  }

  async authorizationStatus(): Promise<AuthorizationStatus> {
    const { vault, ledger, seed, clock } = this.#ports;
    const [token, { value }] = await Promise.all([vault.read(), ledger.read()]);
    return authorizationStatusOf(token, value, seed, clock.now());
  }

  /** Brings a generation that `suffices`, by another worker's refresh or by its own. */
  async #renew(suffices: (token: TokenGeneration) => boolean): Promise<TokenGeneration> {
    const { vault, clock, endpoint } = this.#ports;
    const givesUpAtMs = clock.now() + endpoint.timeoutMs + PATIENCE_MS;
    for (let look = 0; ; look += 1) {
      const stored = await vault.read();
      if (stored !== undefined && suffices(stored)) return stored;
      const attempt = await this.#attempt(suffices);
      if (attempt.kind === 'stored') return attempt.token;
      if (attempt.kind === 'look-again') continue;
      if (stored !== undefined && this.#stillWorks(stored)) return stored;
      if (attempt.backoff?.unexpected !== undefined) throw errorOf(attempt);
      const waitMs = Math.min(attempt.waitMs, LAST_LOOK_MS, FIRST_LOOK_MS * 2 ** Math.min(look, 10));
      if (clock.now() + waitMs > givesUpAtMs) throw errorOf(attempt);
      await clock.sleep(waitMs);
    }
  }

  /** One round of the protocol: decide on the newest state, store the intent, send, deal with the answer. */
  async #attempt(suffices: (token: TokenGeneration) => boolean): Promise<Attempt> {
    const { vault, ledger, endpoint, clock, randomness, seed } = this.#ports;
    // The ledger before the vault: whoever ends a refresh stores the token first and then frees the ledger, so a
    // ledger read as free goes with a vault that holds the result.
    const { value: known, rev } = await ledger.read();
    const wait = blockedUntil(known, clock.now());
    if (wait !== undefined) return { ...wait, kind: 'later' };
    const current = await vault.read();
    if (current !== undefined && suffices(current)) return { kind: 'stored', token: current };
    const candidate = candidateOf(current, seed, known);
    if ('needsConsent' in candidate) throw new NeedsConsentError(candidate.needsConsent);
    const credentials = await this.#ports.credentials();
    const owner = randomness.hex(8);
    const step = nextStep(known, candidate, owner, clock.now(), endpoint.timeoutMs);
    if (step.kind === 'wait') return { ...step, kind: 'later' };
    const leaseEndsMs = clock.now() + LEASE_MS;
    if (!(await ledger.write(step.ledger, rev))) return { kind: 'look-again' };
    // A process that was frozen here must not send what another may have sent meanwhile.
    if (clock.now() + endpoint.timeoutMs > leaseEndsMs) return { kind: 'look-again' };
    const answer = await endpoint.request(
      { grant_type: 'refresh_token', refresh_token: candidate.refreshToken },
      credentials,
    );
    return this.#dealWith(answer, candidate, owner, step.ledger);
  }

  async #dealWith(
    answer: TokenResponse,
    candidate: Candidate,
    owner: string,
    ledger: RefreshLedger,
  ): Promise<Attempt> {
    switch (answer.kind) {
      case 'granted': {
        // RFC 6749, section 6: without a new refresh token the old one stays good.
        const { refreshToken = candidate.refreshToken } = answer;
        return this.#keep(answer.accessToken, answer.expiresInSeconds, refreshToken, candidate, owner);
      }
      case 'unexpected':
        return this.#reportUnexpected(owner, answer.what, (ledger.backoff?.failures ?? 0) + 1);
      case 'unknown':
        return this.#leaveOpen(owner, answer.reason);
      case 'not-taken': {
        const failures = (ledger.backoff?.failures ?? 0) + 1;
        const { asked, reason } = answer;
        const why = asked === undefined ? {} : { askedBy: asked.by };
        return this.#holdOff(owner, asked?.ms ?? this.#jitterMs(failures), failures, reason, why);
      }
      case 'refused': {
        if (answer.error === 'invalid_grant') return this.#markRevoked(candidate, owner);
        const failures = (ledger.backoff?.failures ?? 0) + 1;
        const code = answer.error === 'invalid_client' ? 'INVALID_CLIENT' : 'TOKEN_REQUEST';
        const refusal = { code, status: answer.status } as const;
        return this.#holdOff(owner, this.#jitterMs(failures), failures, answer.error, { refusal });
      }
    }
  }

  async #keep(
    accessToken: string,
    expiresInSeconds: number,
    refreshToken: string,
    { generation, seedHash }: Candidate,
    owner: string,
  ): Promise<Attempt> {
    const { clock, log, metrics } = this.#ports;
    const nowMs = clock.now();
    const token: TokenGeneration = {
      generation,
      accessToken,
      accessTokenExpiresAt: isoTime(nowMs + expiresInSeconds * 1_000),
      refreshToken,
      obtainedAt: isoTime(nowMs),
      ...(seedHash === undefined ? {} : { seedHash }),
    };
    metrics.add('TokenRefreshes', 1);
    const stored = await this.#store(token);
    log.info(stored ? 'The connection was renewed' : 'A newer sign-in got there first', { generation });
    // Left open where another token took the place: a vault read that lags must not bring the used one out again.
    await this.#settle((ledger) => settled(ledger, owner, { intent: stored ? 'over' : 'open' }));
    return stored ? { kind: 'stored', token } : { kind: 'look-again' };
  }

  async #store(token: TokenGeneration): Promise<boolean> {
    const { vault, clock } = this.#ports;
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (await vault.store(token)) return true;
        // An earlier attempt may have stored it and lost the confirmation.
        return (await vault.read())?.accessToken === token.accessToken;
      } catch (error) {
        if (attempt === STORE_ATTEMPTS) throw error;
        await clock.sleep(STORE_WAIT_MS * 2 ** attempt);
      }
    }
  }

  async #leaveOpen(owner: string, reason: string): Promise<Attempt> {
    this.#ports.log.warn('A token request got no response', { reason });
    await this.#settle((ledger) => settled(ledger, owner, { intent: 'open' }));
    return { kind: 'later', waitMs: LEASE_MS, reason };
  }

  /** The token may have been used up: it is sent again as rarely as one that got no answer. */
  async #reportUnexpected(owner: string, what: string, failures: number): Promise<Attempt> {
    const { clock, log } = this.#ports;
    log.warn('A token request got something else', { what, failures });
    const reason = `${what} instead of a token`;
    const backoff = { untilMs: clock.now() + LEASE_MS, failures, reason, unexpected: what };
    await this.#settle((ledger) => settled(ledger, owner, { intent: 'open', backoff }));
    return { kind: 'later', waitMs: LEASE_MS, reason, backoff };
  }

  async #holdOff(
    owner: string,
    waitMs: number,
    failures: number,
    reason: string,
    why: Pick<RefreshBackoff, 'refusal' | 'askedBy'>,
  ): Promise<Attempt> {
    const { clock, log } = this.#ports;
    log.warn('Autodesk did not issue a new token', { reason, failures, waitMs });
    const untilMs = clock.now() + waitMs;
    const backoff = { untilMs, failures, reason, ...why };
    await this.#settle((ledger) => settled(ledger, owner, { intent: 'over', backoff }));
    return { kind: 'later', waitMs, reason, backoff };
  }

  /** `invalid_grant`: a newer generation explains it; without one the token is dead for all workers. */
  async #markRevoked(candidate: Candidate, owner: string): Promise<Attempt> {
    const { vault, clock, log } = this.#ports;
    const superseded = ((await vault.read())?.generation ?? 0) >= candidate.generation;
    if (!superseded)
      log.error('Autodesk no longer accepts the refresh token', { generation: candidate.generation });
    const since = isoTime(clock.now());
    await this.#settle((ledger) => {
      const over = settled(ledger, owner, { intent: 'over' });
      return superseded
        ? over
        : withDead(over, candidate.tokenHash, since, 'Autodesk no longer accepts the refresh token');
    });
    return { kind: 'look-again' };
  }

  /** Applies a change to the newest ledger. */
  async #settle(change: (ledger: RefreshLedger) => RefreshLedger): Promise<void> {
    for (;;) {
      const { value, rev } = await this.#ports.ledger.read();
      const changed = change(value);
      if (changed === value || (await this.#ports.ledger.write(changed, rev))) return;
    }
  }

  #jitterMs(failures: number): number {
    return backoffMs(failures, BACKOFF_BASE_MS, BACKOFF_CAP_MS, this.#ports.randomness);
  }

  #isFresh(token: TokenGeneration): boolean {
    const expiresMs = Date.parse(token.accessTokenExpiresAt);
    const marginMs = Math.min(RENEWAL_MARGIN_MS, (expiresMs - Date.parse(token.obtainedAt)) / 10);
    return token.generation > this.#refusedGeneration && this.#ports.clock.now() < expiresMs - marginMs;
  }

  /** Due for renewal, yet good enough while that has to wait. */
  #stillWorks(token: TokenGeneration): boolean {
    const expiresMs = Date.parse(token.accessTokenExpiresAt);
    return token.generation > this.#refusedGeneration && this.#ports.clock.now() < expiresMs;
  }
}

function errorOf({ reason, backoff }: { reason: string; backoff?: RefreshBackoff | undefined }) {
  if (backoff?.refusal !== undefined) {
    return new RequestRefusedError(backoff.refusal.code, backoff.refusal.status, reason);
  }
  if (backoff?.unexpected !== undefined) return unexpectedToken(backoff.unexpected);
  return new AutodeskUnavailableError(reason);
}
