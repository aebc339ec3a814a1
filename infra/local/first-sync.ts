import { findResource } from '../../shared/resources/registry.ts';
import type { RunRequest } from '../../shared/sync/runs/request-run.ts';
import { isBehindParents, type ScopeProgress } from './display/sync-view.ts';

/**
 * What to ask for at a start. A run that a dead process left is only resumed, not followed by another; neither is
 * a list read again that was complete before that process died, or one that is read once a day and was. Unless
 * `full` asks for more than what is resumed.
 */
export function wishesAtStart(
  progress: readonly ScopeProgress[],
  full: boolean,
  nowMs: number,
): RunRequest[] {
  const interrupted = progress.flatMap(({ state }) => (state.activeRun ? [state.activeRun.startedAt] : []));
  const interruptedSince = interrupted.toSorted()[0];
  return progress.flatMap(({ state }): RunRequest[] => {
    const { resource, scope, activeRun, lastRun } = state;
    // It follows the runs of its parents by itself, unless a process died before it was asked for.
    const follows = findResource(resource)?.parent !== undefined;
    if (full && !follows) return activeRun?.mode === 'full' ? [] : [{ resource, scope, mode: 'full' }];
    if (activeRun !== undefined) return [];
    if (follows) return isBehindParents(state, progress) ? [{ resource, scope, mode: 'incremental' }] : [];
    const isDone =
      interruptedSince !== undefined &&
      lastRun?.status === 'complete' &&
      lastRun.finishedAt >= interruptedSince;
    return isDone || isReadToday(state, nowMs) ? [] : [{ resource, scope, mode: 'incremental' }];
  });
}

/** Somewhat less than a day, so that a start at the same time every day reads it. */
const READ_AGAIN_MS = 20 * 60 * 60_000;

function isReadToday({ resource, lastRun }: ScopeProgress['state'], nowMs: number): boolean {
  return (
    findResource(resource)?.daily === true &&
    lastRun?.status === 'complete' &&
    nowMs - Date.parse(lastRun.finishedAt) < READ_AGAIN_MS
  );
}
