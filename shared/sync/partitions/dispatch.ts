import { mapConcurrently } from '../../concurrency.ts';
import type { Scope } from '../../resources/resource.ts';
import { isLeased, isTakeable } from '../state/lease.ts';
import type { Partition } from '../state/partition.ts';
import type { ActiveRun } from '../state/run.ts';
import type { SyncPorts } from '../state/sync-ports.ts';

const SENT_AT_ONCE = 10;

/** Sends a message for each partition that could be worked on now, as many as the run may have in flight. */
export async function dispatch(
  run: ActiveRun,
  list: { resource: string; scope: Scope },
  open: readonly Partition[],
  ports: Pick<SyncPorts, 'fetchQueue' | 'clock' | 'settings'>,
): Promise<void> {
  const nowMs = ports.clock.now();
  const working = open.filter((partition) => isLeased(partition, nowMs)).length;
  const slots = Math.max(0, ports.settings.maxPartitionsInFlight - working);
  const free = open.filter((partition) => isTakeable(partition, nowMs)).slice(0, slots);
  await mapConcurrently(free, SENT_AT_ONCE, ({ id }) =>
    ports.fetchQueue.send({
      kind: 'run',
      resource: list.resource,
      scope: list.scope,
      runId: run.id,
      partitionId: id,
    }),
  );
}
