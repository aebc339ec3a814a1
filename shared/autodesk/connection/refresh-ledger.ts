import { createHash } from 'node:crypto';
import * as z from 'zod';
import { waitLeftMs } from '../../waits.ts';
import { PAUSE_REASONS } from '../client/rate-budget.ts';
import type { TokenGeneration } from './token-vault.ts';

/** How long a refresh keeps others away: the request, and time to store its answer. */
export const LEASE_MS = 20_000;
/** The longest wait between two requests with a refresh token that may have been used up. */
const LONGEST_REPEAT_WAIT_MS = 600_000;
/** Refresh tokens found dead that are remembered, so that an old seed is not tried again. */
const REMEMBERED_DEAD = 5;

const moment = z.number();
/** What all workers know of the refreshing of tokens. Tokens stand in it by their hash only. */
export const refreshLedger = z.object({
  /** One worker refreshes, the others wait for what it stores. */
  lease: z.object({ owner: z.string(), untilMs: moment }).optional(),
  /** Written before a refresh token is sent, gone once the answer was dealt with. */
  intent: z.object({ tokenHash: z.string(), sentAtMs: moment, attempts: z.int() }).optional(),
  /** No request for a token before this moment. */
  backoff: z
    .object({
      untilMs: moment,
      failures: z.int(),
      reason: z.string(),
      refusal: z.object({ code: z.enum(['INVALID_CLIENT', 'TOKEN_REQUEST']), status: z.int() }).optional(),
      /** Autodesk named the moment. */
      askedBy: z.enum(PAUSE_REASONS).exactOptional(),
      /** What came instead of a token; whoever asks meanwhile is told at once. */
      unexpected: z.string().optional(),
    })
    .optional(),
  /** Refresh tokens that Autodesk no longer accepts. */
  dead: z.array(z.object({ tokenHash: z.string(), since: z.string(), reason: z.string() })),
});
export type RefreshLedger = z.infer<typeof refreshLedger>;
export type RefreshBackoff = NonNullable<RefreshLedger['backoff']>;

export const EMPTY_LEDGER: RefreshLedger = { dead: [] };

/** A refresh token that may be sent, and what its answer will be stored as. */
export interface Candidate {
  refreshToken: string;
  tokenHash: string;
  generation: number;
  seedHash: string | undefined;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The stored token unless it is dead, then the seed if it is a new one; a reason where a person has to sign in. */
export function candidateOf(
  current: TokenGeneration | undefined,
  seed: string | undefined,
  ledger: RefreshLedger,
): Candidate | { needsConsent: string; since?: string } {
  const deathOf = (hash: string) => ledger.dead.find(({ tokenHash }) => tokenHash === hash);
  const generation = (current?.generation ?? 0) + 1;
  const currentHash = current === undefined ? undefined : hashOf(current.refreshToken);
  const currentDeath = currentHash === undefined ? undefined : deathOf(currentHash);
  if (current !== undefined && currentHash !== undefined && currentDeath === undefined) {
    const { refreshToken, seedHash } = current;
    return { refreshToken, tokenHash: currentHash, generation, seedHash };
  }
  const seedHash = seed === undefined ? undefined : hashOf(seed);
  const seedDeath = seedHash === undefined ? undefined : deathOf(seedHash);
  if (
    seed !== undefined &&
    seedHash !== undefined &&
    seedDeath === undefined &&
    seedHash !== current?.seedHash
  ) {
    return { refreshToken: seed, tokenHash: seedHash, generation, seedHash };
  }
  const death = currentDeath ?? seedDeath;
  if (death === undefined) return { needsConsent: 'no one has signed in yet' };
  return { needsConsent: death.reason, since: death.since };
}

export type RefreshStep =
  /** Sending must wait for `waitMs`, or until another worker has stored a newer token. */
  | RefreshWait
  /** `ledger` is to be stored first: lease and intent are one write. */
  | { kind: 'send'; ledger: RefreshLedger };

export interface RefreshWait {
  kind: 'wait';
  waitMs: number;
  reason: string;
  backoff?: RefreshBackoff;
}

/** Why nobody may ask for a token now, whatever token it would be sent with; undefined where somebody may. */
export function blockedUntil({ lease, backoff }: RefreshLedger, nowMs: number): RefreshWait | undefined {
  const leaseMs = lease === undefined ? 0 : remaining(lease.untilMs, nowMs, LEASE_MS);
  if (leaseMs > 0)
    return { kind: 'wait', waitMs: leaseMs, reason: 'another worker is renewing the connection' };
  const backoffMs = backoff === undefined ? 0 : waitLeftMs(backoff.untilMs, nowMs);
  if (backoff === undefined || backoffMs === 0) return undefined;
  return { kind: 'wait', waitMs: backoffMs, reason: backoff.reason, backoff };
}

/**
 * Whether a refresh token may be sent now, the ledger being at no blockedUntil. One that was sent without an answer
 * may have been used up; it is sent again only when no answer can arrive any more, and ever more rarely: had the
 * first request been carried out, the answer to the second is a definite no, and nothing is lost that was not
 * lost before.
 */
export function nextStep(
  ledger: RefreshLedger,
  { tokenHash }: Candidate,
  owner: string,
  nowMs: number,
  requestTimeoutMs: number,
): RefreshStep {
  const open = ledger.intent?.tokenHash === tokenHash ? ledger.intent : undefined;
  if (open !== undefined) {
    const waitMs = repeatWaitMs(open, nowMs, requestTimeoutMs);
    if (waitMs > 0) return { kind: 'wait', waitMs, reason: 'a token request got no response' };
  }
  return {
    kind: 'send',
    ledger: {
      ...ledger,
      lease: { owner, untilMs: nowMs + LEASE_MS },
      intent: { tokenHash, sentAtMs: nowMs, attempts: (open?.attempts ?? 0) + 1 },
    },
  };
}

/** How long a request without an answer is not to be repeated. */
function repeatWaitMs(
  { sentAtMs, attempts }: NonNullable<RefreshLedger['intent']>,
  nowMs: number,
  requestTimeoutMs: number,
): number {
  const spacingMs = (requestTimeoutMs + LEASE_MS) * 2 ** (attempts - 1);
  const longestMs = Math.min(spacingMs, LONGEST_REPEAT_WAIT_MS);
  return remaining(sentAtMs + longestMs, nowMs, longestMs);
}

/**
 * How long nobody will ask for a token, because Autodesk's token endpoint does not give one; 0 where somebody may, or
 * where the time is not what is missing.
 */
export function tokenWaitMs(ledger: RefreshLedger, nowMs: number, requestTimeoutMs: number): number {
  const { lease, intent, backoff } = ledger;
  if (lease !== undefined && remaining(lease.untilMs, nowMs, LEASE_MS) > 0) return 0;
  if (backoff?.refusal !== undefined || backoff?.unexpected !== undefined) return 0;
  const repeatMs = intent === undefined ? 0 : repeatWaitMs(intent, nowMs, requestTimeoutMs);
  return Math.max(repeatMs, backoff === undefined ? 0 : waitLeftMs(backoff.untilMs, nowMs));
}

/** The ledger once a request was dealt with. `intent` stays where its answer is unknown. */
export function settled(
  ledger: RefreshLedger,
  owner: string,
  end: { intent: 'over' | 'open'; backoff?: RefreshBackoff },
): RefreshLedger {
  if (ledger.lease?.owner !== owner) return ledger;
  const { dead, intent } = ledger;
  return {
    dead,
    ...(end.intent === 'open' && intent !== undefined ? { intent } : {}),
    ...(end.backoff === undefined ? {} : { backoff: end.backoff }),
  };
}

/** The ledger once Autodesk has said that a refresh token is no good, whoever holds the lease by then. */
export function withDead(
  ledger: RefreshLedger,
  tokenHash: string,
  since: string,
  reason: string,
): RefreshLedger {
  const others = ledger.dead.filter((death) => death.tokenHash !== tokenHash);
  return { ...ledger, dead: [...others, { tokenHash, since, reason }].slice(-REMEMBERED_DEAD) };
}

/** Milliseconds until a moment. One further away than anything is ever set shows a clock that jumped, and is past. */
function remaining(untilMs: number, nowMs: number, longestMs: number): number {
  const ms = untilMs - nowMs;
  return ms > 2 * longestMs ? 0 : Math.max(ms, 0);
}
