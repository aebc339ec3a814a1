import { type Clock, isoTime } from '../../clock.ts';
import type { StateItem } from '../../dynamodb/state-item.ts';
import type { ApiName } from '../../resources/resource.ts';
import { timeText } from '../../time-text.ts';
import { waitLeftMs } from '../../waits.ts';
import type { RateWindow } from '../budget/rate-window.ts';
import type { PauseReason } from '../client/rate-budget.ts';
import { type RefreshLedger, tokenWaitMs } from './refresh-ledger.ts';
import { TOKEN_REQUEST_TIMEOUT_MS } from './token-endpoint.ts';
import type { TokenVault } from './token-vault.ts';

/** The APIs that work may have to wait for, signing in included. */
export const WAITED_FOR = ['buildingconnected', 'data-connector', 'authentication'] as const satisfies (
  | ApiName
  | 'authentication'
)[];

/** What work waits for, and until when it does nothing. */
export interface Waiting {
  api: (typeof WAITED_FOR)[number];
  /** ISO 8601. */
  until: string;
  reason: PauseReason;
  /** Autodesk named the moment; otherwise it does not answer, and is asked again then. */
  isAsked: boolean;
}

export interface WaitingPorts {
  windows: Record<ApiName, StateItem<RateWindow>>;
  ledger: StateItem<RefreshLedger>;
  vault: Pick<TokenVault, 'read'>;
  clock: Clock;
}

/** The wait that ends last; undefined while work may go on. Reads what is stored, and asks Autodesk nothing. */
export async function readWaiting(ports: WaitingPorts): Promise<Waiting | undefined> {
  const found = await Promise.all([
    pauseOf('buildingconnected', ports),
    pauseOf('data-connector', ports),
    tokenWaitOf(ports),
  ]);
  return found
    .filter((waiting) => waiting !== undefined)
    .toSorted((a, b) => a.until.localeCompare(b.until))
    .at(-1);
}

async function pauseOf(api: ApiName, { windows, clock }: WaitingPorts): Promise<Waiting | undefined> {
  const { pausedUntilMs, pausedBy = 'rate-limit' } = (await windows[api].read()).value;
  if (waitLeftMs(pausedUntilMs, clock.now()) === 0) return undefined;
  return { api, until: isoTime(pausedUntilMs), reason: pausedBy, isAsked: true };
}

async function tokenWaitOf({ ledger, vault, clock }: WaitingPorts): Promise<Waiting | undefined> {
  const { value } = await ledger.read();
  const waitMs = tokenWaitMs(value, clock.now(), TOKEN_REQUEST_TIMEOUT_MS);
  if (waitMs === 0) return undefined;
  // A token that is due for renewal is used while that has to wait.
  const expiresAt = (await vault.read())?.accessTokenExpiresAt;
  if (expiresAt !== undefined && Date.parse(expiresAt) > clock.now()) return undefined;
  const askedBy = value.backoff?.askedBy;
  return {
    api: 'authentication',
    until: isoTime(clock.now() + waitMs),
    reason: askedBy ?? 'unavailable',
    isAsked: askedBy !== undefined,
  };
}

const MINUTE_MS = 60_000;

/** The wait for people, as the end of a sentence: `until Jul 18, 2026, 2:07 AM UTC (rate limit)`. */
export function waitText(
  { api, until, reason }: Pick<Waiting, 'api' | 'until' | 'reason'>,
  timeZone: string,
) {
  // To the minute in which it is over: "until" a time that has passed would be no help.
  const over = isoTime(Math.ceil(Date.parse(until) / MINUTE_MS) * MINUTE_MS);
  const what = reason === 'rate-limit' ? 'rate limit' : 'service unavailable';
  const whose = api === 'authentication' ? 'sign-in ' : '';
  return `until ${timeText(over, timeZone)} (${whose}${what})`;
}
