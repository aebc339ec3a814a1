import type { RunRequest } from '../../shared/sync/runs/request-run.ts';
import type { ScopeProgress } from './display/sync-view.ts';

/**
 * What to ask for at a start. A run that a dead process left is only resumed, not followed by another; neither is
 * a list read again that was complete before that process died. Unless `full` asks for more than what is resumed.
 */
export function wishesAtStart(progress: readonly ScopeProgress[], full: boolean): RunRequest[] {
  const interrupted = progress.flatMap(({ state }) => (state.activeRun ? [state.activeRun.startedAt] : []));
  const interruptedSince = interrupted.toSorted()[0];
  return progress.flatMap(({ state }): RunRequest[] => {
    const { resource, scope, activeRun, lastRun } = state;
    if (full) return activeRun?.mode === 'full' ? [] : [{ resource, scope, mode: 'full' }];
    if (activeRun !== undefined) return [];
    const isDone =
      interruptedSince !== undefined &&
      lastRun?.status === 'complete' &&
      lastRun.finishedAt >= interruptedSince;
    return isDone ? [] : [{ resource, scope, mode: 'incremental' }];
  });
}
