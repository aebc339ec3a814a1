import { releaseLease } from '../../shared/sync/lease.ts';
import type { PartitionStore } from '../../shared/sync/ports.ts';
import type { RunWish } from '../../shared/sync/request-run.ts';
import type { ScopeProgress } from './sync-view.ts';

/**
 * What to ask for at a start. A run that a dead process left is only resumed, not followed by another; neither is
 * a list read again that was complete before that process died. Unless `full` asks for more than what is resumed.
 */
export function wishesAtStart(progress: readonly ScopeProgress[], full: boolean): RunWish[] {
  const interrupted = progress.flatMap(({ state }) => (state.activeRun ? [state.activeRun.startedAt] : []));
  const interruptedSince = interrupted.toSorted()[0];
  return progress.flatMap(({ state }): RunWish[] => {
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

/**
 * Gives back what a dead process held, so that nothing waits for its leases to lapse. Only for the process that
 * has locked the data folder: nobody else can be at work then.
 */
export async function releaseLeases(
  progress: readonly ScopeProgress[],
  partitions: Pick<PartitionStore, 'ofRun' | 'save'>,
): Promise<void> {
  for (const { state } of progress) {
    if (state.activeRun === undefined) continue;
    for (const partition of await partitions.ofRun(state.activeRun.id)) {
      if (partition.lease !== undefined)
        await partitions.save(releaseLease(partition, partition.notBeforeMs));
    }
  }
}
