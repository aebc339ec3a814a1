import { SHARDS } from '../../records/shards.ts';
import type { Resource } from '../../resources/resource.ts';
import { noTotals, type Partition, type PartitionWork } from '../state/partition.ts';
import { type ActiveRun, RUN_PHASES, type RunPhase } from '../state/run.ts';
import { before } from '../state/run-transitions.ts';

/** The work with which a phase of a run begins, by partition id; the ids are the same whoever plans. */
export function plannedWork(
  resource: Resource,
  run: ActiveRun,
  phase: RunPhase,
  readSince: string,
  overlapMs: number,
): Map<string, PartitionWork> {
  switch (phase) {
    case 'read':
      return run.mode === 'full' ? wholeOf(resource) : one('read', changesSince(resource, run.from));
    case 'catch-up': {
      const needed = run.mode === 'full' && !run.first && tellsChanges(resource);
      return needed ? one('catch-up', changesSince(resource, before(readSince, overlapMs))) : none;
    }
    case 're-read':
      return resource.attention === undefined ? none : one('re-read', { kind: 're-read' });
    case 'reconcile':
      return run.mode === 'full' && !run.first ? one('reconcile', { kind: 'reconcile' }) : none;
  }
}

/** The phase after this one, or undefined after the last. */
export function phaseAfter(phase: RunPhase): RunPhase | undefined {
  return RUN_PHASES[RUN_PHASES.indexOf(phase) + 1];
}

export function newPartition(run: ActiveRun, phase: RunPhase, id: string, work: PartitionWork): Partition {
  return {
    runId: run.id,
    id,
    phase,
    work,
    state: 'open',
    origin: run.id,
    checkpoint: { pages: 0 },
    totals: noTotals(),
    fence: 0,
    notBeforeMs: 0,
    resumes: 0,
    failures: 0,
    restarted: false,
  };
}

/** Since when Autodesk was being read: what changed before is stored once the run is complete. */
export function readSince(run: ActiveRun, partitions: readonly Partition[]): string {
  const starts = partitions
    .filter((partition) => partition.phase === 'read')
    .map((partition) => partition.readSince)
    .filter((start) => start !== undefined);
  return [run.startedAt, ...starts].sort()[0] ?? run.startedAt;
}

const none: Map<string, PartitionWork> = new Map();

function one(id: string, work: PartitionWork): Map<string, PartitionWork> {
  return new Map([[id, work]]);
}

/** A whole list; one with parents by the shards that these are in. */
function wholeOf({ parent }: Resource): Map<string, PartitionWork> {
  if (parent === undefined) return one('read', { kind: 'list' });
  return new Map(
    Array.from({ length: SHARDS }, (_, shard) => [`read-${shard}`, { kind: 'children', shard }]),
  );
}

/** Whether the list itself tells what has changed in it. */
function tellsChanges({ changes }: Resource): boolean {
  return changes.kind !== 'none' && changes.kind !== 'of-parent';
}

function changesSince(resource: Resource, from: string | undefined): PartitionWork {
  switch (resource.changes.kind) {
    case 'updated-at-filter':
      return { kind: 'list', ...(from !== undefined && { window: { from } }) };
    case 'newest-first':
      return { kind: 'newest-first', ...(from !== undefined && { until: from }) };
    case 'none':
      return { kind: 'list' };
    case 'of-parent':
      return { kind: 'children', ...(from !== undefined && { since: from }) };
  }
}
