import { findResource, RESOURCES, scopesOf } from '../../resources/registry.ts';
import type { Scope } from '../../resources/resource.ts';
import { dispatch } from '../partitions/dispatch.ts';
import { releaseLease } from '../state/lease.ts';
import type { RunMode } from '../state/run.ts';
import type { RunPorts } from '../state/sync-ports.ts';
import { sendRun } from './request-run.ts';

/** The lists that are synced: enabled resources, each for the company or for every account. */
export interface EnabledLists {
  resources: readonly string[];
  accountIds: readonly string[];
}

export function enabledLists({ resources, accountIds }: EnabledLists): { resource: string; scope: Scope }[] {
  return RESOURCES.filter(({ name }) => resources.includes(name)).flatMap((resource) =>
    scopesOf(resource, accountIds).map((scope) => ({ resource: resource.name, scope })),
  );
}

/**
 * Those that are read when a run of everything is asked for: lists with parents follow the runs of these by themselves,
 * and what is read once a day is left out of a look for changes.
 */
export function listsToAsk(lists: EnabledLists, mode: RunMode): { resource: string; scope: Scope }[] {
  return enabledLists(lists).filter(({ resource: name }) => {
    const resource = findResource(name);
    return resource?.parent === undefined && (mode === 'full' || resource?.daily !== true);
  });
}

/**
 * Takes up what stalled: sends a message for every partition of an active run that nobody works on; and tells how
 * old the mirror is. Meant for every minute and for every start; asking too often costs a few reads and messages that find nothing to do.
 */
export async function resumeStalled(lists: EnabledLists, ports: RunPorts): Promise<void> {
  const ages = new Map<string, number>();
  for (const { resource, scope } of enabledLists(lists)) {
    const state = await ports.runs.read(resource, scope);
    if (state.watermark !== undefined) {
      const age = (ports.clock.now() - Date.parse(state.watermark)) / 1_000;
      ages.set(resource, Math.max(age, ages.get(resource) ?? 0));
    }
    if (state.activeRun === undefined) continue;
    const partitions = await ports.partitions.ofRun(state.activeRun.id);
    const open = partitions.filter((partition) => partition.state === 'open');
    if (open.length > 0) await dispatch(state.activeRun, state, open, ports);
    else await sendRun(state, ports);
  }
  // A resource of several accounts is as old as its oldest list.
  for (const [resource, age] of ages) ports.metrics.add('FreshnessSeconds', age, { resource });
}

/**
 * Takes away all leases, for a start at which every worker of before is known to be dead: the lock on the data
 * folder proves it. Not for AWS.
 */
export async function releaseDeadLeases(lists: EnabledLists, ports: RunPorts): Promise<void> {
  for (const { resource, scope } of enabledLists(lists)) {
    const state = await ports.runs.read(resource, scope);
    if (state.activeRun === undefined) continue;
    for (const partition of await ports.partitions.ofRun(state.activeRun.id)) {
      if (partition.lease !== undefined) await ports.partitions.save(releaseLease(partition, 0));
    }
  }
}
