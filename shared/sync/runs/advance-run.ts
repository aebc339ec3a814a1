import { isoTime } from '../../clock.ts';
import { requireResource } from '../../resources/registry.ts';
import type { Resource } from '../../resources/resource.ts';
import { newPartition, phaseAfter, plannedWork, readSince } from '../partitions/plan.ts';
import { uncut, unproven } from '../partitions/split-partition.ts';
import { LeaseLostError } from '../state/errors.ts';
import type { Partition } from '../state/partition.ts';
import type { ActiveRun, ScopeState } from '../state/run.ts';
import { ADOPTED_FOR_MS, afterPhase } from '../state/run-transitions.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import { releaseStored } from '../storing/release-stored.ts';
import { endRun } from './end-run.ts';

/**
 * Brings a run as far as it goes without reading: plans the present phase, moves on to the next when all of its
 * partitions are done, ends the run after the last. Answers the partitions that are open, none once it has ended.
 * A consistent query decides, never a counter, so that any number of workers may call it at any time.
 */
export async function advanceRun(start: ScopeState, ports: SyncPorts): Promise<Partition[]> {
  const resource = requireResource(start.resource);
  let state = start;
  for (;;) {
    const run = state.activeRun;
    if (run === undefined || run.id !== start.activeRun?.id) return [];
    const partitions = await planPhase(resource, run, ports);
    const open = partitions.filter(({ state: done }) => done === 'open');
    if (open.length > 0) return open;
    if (run.phase === 'read' && (await readAgain(partitions, ports))) continue;
    const next = phaseAfter(run.phase);
    if (next === undefined) {
      await releaseStored(resource, state.scope, ports);
      await endRun(state.resource, state.scope, run.id, { status: 'complete' }, ports);
      return [];
    }
    state = await ports.runs.update(state.resource, state.scope, (current) =>
      current.activeRun?.phase === run.phase ? afterPhase(current, run.id, next) : undefined,
    );
  }
}

/**
 * Opens again, from its start, what ended early on the belief that its list comes in order of time, where totals do not
 * prove that. Answers whether there was any.
 */
async function readAgain(partitions: readonly Partition[], ports: SyncPorts): Promise<boolean> {
  const doubted = unproven(partitions);
  for (const partition of doubted) {
    try {
      await ports.partitions.save(uncut(partition));
    } catch (error) {
      // Another worker has opened it, and somebody reads it already.
      if (!(error instanceof LeaseLostError)) throw error;
    }
  }
  return doubted.length > 0;
}

/** Makes sure that the partitions a phase begins with exist, and answers all of the run. */
async function planPhase(resource: Resource, run: ActiveRun, ports: SyncPorts): Promise<Partition[]> {
  const partitions = await ports.partitions.ofRun(run.id);
  const since = readSince(run, partitions);
  const planned = plannedWork(resource, run, run.phase, since, ports.settings.overlapMs);
  const missing = [...planned].filter(([id]) => !partitions.some((partition) => partition.id === id));
  if (missing.length === 0) return partitions;
  const adopted =
    run.phase === 'read' && run.adopts && !run.unfiltered ? await adopt(run.adopts, run, ports) : [];
  const created =
    adopted.length > 0 ? adopted : missing.map(([id, work]) => newPartition(run, run.phase, id, work));
  // Those planned come last: once they exist, nobody looks what else there was to create.
  const inOrder = created.toSorted((a, b) => Number(planned.has(a.id)) - Number(planned.has(b.id)));
  for (const partition of inOrder) await ports.partitions.create(partition);
  return ports.partitions.ofRun(run.id);
}

/**
 * The partitions of a failed run: those it had finished as they are, the others from their start. What was
 * finished too long ago is read again.
 */
async function adopt(failedRunId: string, run: ActiveRun, ports: SyncPorts): Promise<Partition[]> {
  const left = (await ports.partitions.ofRun(failedRunId)).filter(({ phase }) => phase === 'read');
  const oldest = isoTime(ports.clock.now() - ADOPTED_FOR_MS);
  return left.map((partition) => {
    const fresh = newPartition(run, 'read', partition.id, partition.work);
    const kept = partition.state === 'done' && (partition.readSince ?? '') > oldest;
    if (kept) return { ...partition, runId: run.id, totals: fresh.totals, fence: 0 };
    // A split that was under way goes on where it was: other cuts would not fit the windows it has made already.
    const { split } = partition.checkpoint;
    return split === undefined ? fresh : { ...fresh, checkpoint: { pages: 0, split } };
  });
}
