import type { RecordKey } from '../../records/record.ts';
import { keyText } from '../../records/record-store.ts';
import type { Resource, Scope } from '../../resources/resource.ts';
import type { OwnedPartition } from '../partitions/leased-partition.ts';
import { MassDeletionStoppedError } from '../state/errors.ts';
import type { WalkOutcome } from '../state/page-limits.ts';
import type { ActiveRun } from '../state/run.ts';
import type { Engine } from '../state/sync-ports.ts';
import { AbsenceProof, type ByIdResult, NOTHING, storeAbsence, storeReading } from '../storing/read-by-id.ts';
import { type SeenIds, seenInRun } from './seen-ids.ts';
import { walkIds } from './walk-ids.ts';

/**
 * Finds the stored records that a full sweep has not seen and reads each by id: what is not found is marked
 * deleted, what is found is stored. A guard stops it before the first reading when too many are missing. Where
 * records cannot be read by id, a record counts as deleted when two complete sweeps in a row have not seen it.
 */
export async function reconcile(
  owned: OwnedPartition,
  resource: Resource,
  scope: Scope,
  run: ActiveRun,
  engine: Engine,
): Promise<WalkOutcome> {
  const partitions = await engine.partitions.ofRun(run.id);
  const seen = await seenInRun(partitions, engine.partitions);
  const windowed = partitions.some(({ work }) => work.kind === 'list' && work.window?.to !== undefined);
  const { missing, stored, canary } = await findMissing(resource, scope, run, seen, windowed, engine);
  if (missing.length > stored * engine.settings.deletionGuardShare && !run.acceptDeletions) {
    throw new MassDeletionStoppedError(resource.name, missing.length, stored);
  }
  const proof = new AbsenceProof(resource, scope, engine);
  return walkIds(
    owned,
    missing,
    (key) => judge(key, resource, scope, run, proof, canary, owned, engine),
    engine,
  );
}

/** The records that are stored, not deleted, and were neither seen by the sweep nor written since it began. */
async function findMissing(
  resource: Resource,
  scope: Scope,
  run: ActiveRun,
  seen: SeenIds,
  windowed: boolean,
  engine: Engine,
): Promise<{ missing: RecordKey[]; stored: number; canary: string | undefined }> {
  const missing: RecordKey[] = [];
  let stored = 0;
  let canary: string | undefined;
  for await (const keys of engine.records.liveKeys(resource.name, scope)) {
    stored += keys.length;
    const unseen = keys.filter((key) => !seen.has(key.id));
    canary ??= keys.find((key) => seen.has(key.id))?.id;
    if (unseen.length === 0) continue;
    const heads = await engine.records.heads(unseen);
    for (const key of unseen) {
      const head = heads.get(keyText(key));
      const judged =
        head !== undefined &&
        head.deletedAt === undefined &&
        head.readAt < run.startedAt &&
        // A list filtered by `updatedAt` cannot show a record that has none.
        (!windowed || head.updatedAt !== undefined);
      if (judged) missing.push(key);
    }
  }
  return { missing, stored, canary };
}

async function judge(
  key: RecordKey,
  resource: Resource,
  scope: Scope,
  run: ActiveRun,
  proof: AbsenceProof,
  canary: string | undefined,
  owned: OwnedPartition,
  engine: Engine,
): Promise<ByIdResult> {
  const reading = await engine.api.read(resource, scope, key.id);
  if (reading.kind === 'found') {
    proof.found();
    const origin = { runId: run.id, page: `${owned.current.id}/${key.id}` };
    return storeReading(resource, scope, reading, origin, engine);
  }
  if (await proof.believes(async () => canary)) return storeAbsence(resource, key, reading.readAt, engine);
  const sweepBefore = (await engine.runs.read(resource.name, scope)).lastFull?.id;
  const missedBefore = await engine.records.noteAbsence(key, run.id);
  const twice = missedBefore !== undefined && missedBefore === sweepBefore;
  return twice ? storeAbsence(resource, key, reading.readAt, engine) : NOTHING;
}
