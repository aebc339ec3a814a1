import { type Clock, isoTime } from '../../clock.ts';
import type { StateItem } from '../../dynamodb/state-item.ts';
import type { AuthorizationStatus, Connection } from '../client/token-source.ts';
import { candidateOf, type RefreshLedger } from './refresh-ledger.ts';
import type { TokenGeneration, TokenVault } from './token-vault.ts';

const DAY_MS = 86_400_000;
/** Autodesk documents 15 days, in older places 14: the shorter one is planned for. */
const REFRESH_TOKEN_LIFE_MS = 14 * DAY_MS;

/** The state of a connection as far as it is stored; nothing is asked of Autodesk. */
export function authorizationStatusOf(
  token: TokenGeneration | undefined,
  ledger: RefreshLedger,
  seed: string | undefined,
  nowMs: number,
): AuthorizationStatus {
  const candidate = candidateOf(token, seed, ledger);
  if ('needsConsent' in candidate) {
    const state = candidate.since === undefined ? 'not-configured' : 'needs-consent';
    return { state, reason: candidate.needsConsent, ...(token && { obtainedAt: token.obtainedAt }) };
  }
  if (token === undefined) return { state: 'not-configured', reason: 'the seed token has not been used yet' };
  return {
    state: 'connected',
    obtainedAt: token.obtainedAt,
    expiresAt: expiresAtOf(token),
    daysLeft: daysLeftOf(token, nowMs),
  };
}

/** A connection seen from outside: what is stored of it. */
export function storedConnection(
  vault: TokenVault,
  ledger: StateItem<RefreshLedger>,
  clock: Clock,
): Pick<Connection, 'authorizationStatus'> {
  return {
    async authorizationStatus() {
      const [token, { value }] = await Promise.all([vault.read(), ledger.read()]);
      return authorizationStatusOf(token, value, undefined, clock.now());
    },
  };
}

/** When the refresh token lapses; ISO 8601. */
export function expiresAtOf(token: TokenGeneration): string {
  return isoTime(Date.parse(token.obtainedAt) + REFRESH_TOKEN_LIFE_MS);
}

/** Whole days until the refresh token expires, never below 0. */
export function daysLeftOf(token: TokenGeneration, nowMs: number): number {
  const leftMs = Date.parse(expiresAtOf(token)) - nowMs;
  return Math.max(0, Math.floor(leftMs / DAY_MS));
}
