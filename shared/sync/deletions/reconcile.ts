import type { RecordKey } from '../../records/record.ts';
import { keyText } from '../../records/record-store.ts';
import type { LeasedPartition } from '../partitions/leased-partition.ts';
import { MassDeletionStoppedError } from '../state/errors.ts';
import type { WalkOutcome } from '../state/page-limits.ts';
import { AbsenceProof, type ByIdResult, NOTHING, storeAbsence, storeReading } from '../storing/read-by-id.ts';
import { type SeenIds, seenInRun } from './seen-ids.ts';
import { walkIds } from './walk-ids.ts';

/**
 * Finds the stored records that a full sweep has not seen and reads each by id: what is not found is marked
 * deleted, what is found is stored. A guard stops it before the first reading when too many are missing. Where
 * records cannot be read by id, a record counts as deleted when two complete sweeps in a row have not seen it.
 */
export async function reconcile(leased: LeasedPartition): Promise<WalkOutcome> {
  const { resource, scope, run, ports } = leased;
  const partitions = await ports.partitions.ofRun(run.id);
  const seen = await seenInRun(partitions, ports.partitions);
  const windowed = partitions.some(({ work }) => work.kind === 'list' && work.window?.to !== undefined);
  const { missing, stored, knownId } = await findMissing(leased, seen, windowed);
  if (missing.length > stored * ports.settings.deletionGuardShare && !run.acceptDeletions) {
    throw new MassDeletionStoppedError(resource.name, missing.length, stored);
  }
  const proof = new AbsenceProof(resource, scope, ports);
  return walkIds(leased, missing, (key) => judge(key, leased, proof, knownId));
}

/** The records that are stored, not deleted, and were neither seen by the sweep nor written since it began. */
async function findMissing(
  { resource, scope, run, ports }: LeasedPartition,
  seen: SeenIds,
  windowed: boolean,
): Promise<{ missing: RecordKey[]; stored: number; knownId: string | undefined }> {
  const missing: RecordKey[] = [];
  let stored = 0;
  let knownId: string | undefined;
  for await (const keys of ports.records.liveKeys(resource.name, scope)) {
    stored += keys.length;
    const unseen = keys.filter((key) => !seen.has(key.id));
    knownId ??= keys.find((key) => seen.has(key.id))?.id;
    if (unseen.length === 0) continue;
    const heads = await ports.records.heads(unseen);
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
  return { missing, stored, knownId };
}

async function judge(
  key: RecordKey,
  leased: LeasedPartition,
  proof: AbsenceProof,
  knownId: string | undefined,
): Promise<ByIdResult> {
  const { resource, scope, run, ports } = leased;
  const reading = await ports.api.read(resource, scope, key.id);
  if (reading.kind === 'found') {
    proof.found();
    const origin = { runId: run.id, page: `${leased.current.id}/${key.id}` };
    return storeReading(resource, scope, reading, origin, ports);
  }
  if (await proof.trusts404(async () => knownId)) return storeAbsence(resource, key, reading.readAt, ports);
  const sweepBefore = (await ports.runs.read(resource.name, scope)).lastFull?.id;
  const missedBefore = await ports.records.noteAbsence(key, run.id);
  const twice = missedBefore !== undefined && missedBefore === sweepBefore;
  return twice ? storeAbsence(resource, key, reading.readAt, ports) : NOTHING;
}
