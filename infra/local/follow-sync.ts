import type { Clock } from '../../shared/clock.ts';
import { isIdle, type ScopeProgress } from './display/sync-view.ts';

/** How following came to its end. */
export type SyncEnd =
  /** Nothing is left to do. */
  | { kind: 'idle' }
  /** A person has to sign in first. */
  | { kind: 'needs-consent'; reason: string }
  /** Nothing got on for too long; what was begun can be resumed. */
  | { kind: 'unreachable'; reason: string };

export interface FollowPorts {
  progress(): Promise<ScopeProgress[]>;
  /** Whether Autodesk has asked us to wait, which is no reason to give up. */
  isPaused(): Promise<boolean>;
  /** Why a person has to sign in, or undefined while nobody has to. */
  consentNeeded(): Promise<string | undefined>;
  onProgress(progress: ScopeProgress[]): void;
  clock: Clock;
}

const LOOK_EVERY_MS = 250;
/**
 * How long nothing may be stored, pauses that Autodesk asked for not counted. Longer than a spent rate budget takes
 * to be free again, a minute and a little.
 */
const PATIENCE_MS = 90_000;

/**
 * Follows the runs until nothing is left to do or there is no point in waiting. Rejects with the signal's reason
 * when it is aborted.
 */
export async function followSync(ports: FollowPorts, signal: AbortSignal): Promise<SyncEnd> {
  const { clock } = ports;
  let furthest = '';
  let lookedAtMs = clock.now();
  let withoutProgressMs = 0;
  for (;;) {
    const progress = await ports.progress();
    ports.onProgress(progress);
    if (isIdle(progress)) return { kind: 'idle' };
    const consent = await ports.consentNeeded();
    if (consent !== undefined) return { kind: 'needs-consent', reason: consent };

    const sinceLastLookMs = clock.now() - lookedAtMs;
    lookedAtMs = clock.now();
    const reached = progressMark(progress);
    if (reached !== furthest) withoutProgressMs = 0;
    else if (!(await ports.isPaused())) withoutProgressMs += sinceLastLookMs;
    furthest = reached;
    if (withoutProgressMs >= PATIENCE_MS) {
      return { kind: 'unreachable', reason: reasonOf(progress) };
    }
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
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
