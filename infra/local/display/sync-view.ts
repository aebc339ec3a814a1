import { findResource, scopesOf } from '../../../shared/resources/registry.ts';
import { addTotals, noTotals, type Partition } from '../../../shared/sync/state/partition.ts';
import type { RunTotals, ScopeState } from '../../../shared/sync/state/run.ts';
import type { PartitionStore, RunStore } from '../../../shared/sync/state/stores.ts';

/** How one list stands: its runs, and how far the active one has come. */
export interface ScopeProgress {
  state: ScopeState;
  /** Of the active run. */
  active?: {
    totals: RunTotals;
    parts: number;
    partsDone: number;
    /** A text that is another one whenever something was stored. */
    mark: string;
  };
}

export interface SyncViewPorts {
  accountIds: readonly string[];
  enabledResources: readonly string[];
  runs: Pick<RunStore, 'read'>;
  partitions: Pick<PartitionStore, 'ofRun'>;
}

/** How every list that is mirrored stands. */
export async function viewSync(ports: SyncViewPorts): Promise<ScopeProgress[]> {
  const lists = ports.enabledResources.flatMap((name) => {
    const resource = findResource(name);
    return resource === undefined
      ? []
      : scopesOf(resource, ports.accountIds).map((scope) => ({ name, scope }));
  });
  return Promise.all(
    lists.map(async ({ name, scope }) => {
      const state = await ports.runs.read(name, scope);
      if (state.activeRun === undefined) return { state };
      return { state, active: progressOf(await ports.partitions.ofRun(state.activeRun.id)) };
    }),
  );
}

/** Whether nothing is being read and nothing waits to be. */
export function isIdle(progress: readonly ScopeProgress[]): boolean {
  return progress.every(
    ({ state }) =>
      state.activeRun === undefined && state.pending === undefined && !isBehindParents(state, progress),
  );
}

/** Whether a complete run of its parents has ended that no run of the list has followed yet. */
export function isBehindParents(state: ScopeState, progress: readonly ScopeProgress[]): boolean {
  const parent = findResource(state.resource)?.parent?.name;
  const parents = progress.find((list) => list.state.resource === parent && list.state.scope === state.scope);
  const ended = parents?.state.lastRun;
  if (ended?.status !== 'complete') return false;
  const followed = (state.activeRun ?? state.lastRun)?.startedAt;
  return followed === undefined || followed < ended.finishedAt;
}

function progressOf(partitions: readonly Partition[]) {
  return {
    totals: partitions.map((partition) => partition.totals).reduce(addTotals, noTotals()),
    parts: partitions.length,
    partsDone: partitions.filter((partition) => partition.state === 'done').length,
    mark: JSON.stringify(partitions.map(({ id, state, checkpoint }) => [id, state, checkpoint])),
  };
}
