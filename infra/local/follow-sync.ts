import type { Waiting } from '../../shared/autodesk/connection/waiting.ts';
import type { Clock } from '../../shared/clock.ts';
import type { LandingProgress } from './display/landing-view.ts';
import { isIdle, type ScopeProgress } from './display/sync-view.ts';
import type { Wait } from './display/wait-text.ts';

/** How following came to its end. */
export type SyncEnd =
  /** Nothing is left to do. */
  | { kind: 'idle' }
  /** A person has to sign in first. */
  | { kind: 'needs-consent'; reason: string }
  /** Nothing got on for too long; what was begun can be resumed. */
  | { kind: 'unreachable'; reason: string }
  /** The time it was given is over; what was begun can be resumed. */
  | { kind: 'out-of-time'; wait: Wait | undefined };

export interface FollowPorts {
  progress(): Promise<ScopeProgress[]>;
  landings(): Promise<LandingProgress>;
  /** What work has to wait for, as far as that is known. */
  waiting(): Promise<Waiting | undefined>;
  /** Why a person has to sign in, or undefined while nobody has to. */
  consentNeeded(): Promise<string | undefined>;
  /** `wait`: why nothing moves. */
  onProgress(progress: ScopeProgress[], wait: Wait | undefined): void;
  clock: Clock;
}

const LOOK_EVERY_MS = 250;
/**
 * How long nothing may be stored, pauses that Autodesk asked for not counted. Longer than a spent rate budget takes
 * to be free again, a minute and a little.
 */
const PATIENCE_MS = 90_000;
/** Somebody who watches should hear within five seconds why nothing moves, though not of every slow page. */
const QUIET_MS = 4_000;

/**
 * Follows the runs until nothing is left to do, there is no point in waiting, or the time is over; `endsAtMs` is
 * absent where there is no hurry. Rejects with the signal's reason when it is aborted.
 */
export async function followSync(
  ports: FollowPorts,
  signal: AbortSignal,
  endsAtMs = Number.POSITIVE_INFINITY,
): Promise<SyncEnd> {
  const { clock } = ports;
  let furthest = '';
  let lookedAtMs = clock.now();
  let withoutProgressMs = 0;
  for (;;) {
    const progress = await ports.progress();
    const landings = await ports.landings();
    if (isIdle(progress) && landings.isIdle) return { kind: 'idle' };
    const consent = await ports.consentNeeded();
    if (consent !== undefined) return { kind: 'needs-consent', reason: consent };

    const sinceLastLookMs = clock.now() - lookedAtMs;
    lookedAtMs = clock.now();
    const reached = `${progressMark(progress)} ${landings.mark}`;
    const waiting = await ports.waiting();
    if (reached !== furthest) withoutProgressMs = 0;
    else if (waiting?.isAsked !== true) withoutProgressMs += sinceLastLookMs;
    furthest = reached;
    const givesUpAtMs = Math.min(clock.now() + PATIENCE_MS - withoutProgressMs, endsAtMs);
    const wait = waitOf(waiting, withoutProgressMs, givesUpAtMs);
    ports.onProgress(progress, wait);
    if (withoutProgressMs >= PATIENCE_MS) {
      return { kind: 'unreachable', reason: reasonOf(progress) };
    }
    if (clock.now() >= endsAtMs) return { kind: 'out-of-time', wait };
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

function waitOf(waiting: Waiting | undefined, quietMs: number, givesUpAtMs: number): Wait | undefined {
  if (waiting !== undefined) return { for: 'autodesk', waiting };
  return quietMs >= QUIET_MS ? { for: 'progress', givesUpAtMs } : undefined;
}

function reasonOf(progress: readonly ScopeProgress[]): string {
  const failures = progress.flatMap(({ state }) => state.activeRun?.stalled?.by.message ?? []);
  return failures[0] ?? 'Autodesk is not responding.';
}

/** Changes whenever a page was stored or a run has ended. */
function progressMark(progress: readonly ScopeProgress[]): string {
  return progress
    .map(({ state, active }) => `${state.lastRun?.id}/${state.activeRun?.id}/${active?.mark}`)
    .join(' ');
}
