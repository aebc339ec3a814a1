import type { RecordKey } from '../../records/record.ts';
import type { LeasedPartition } from '../partitions/leased-partition.ts';
import type { WalkOutcome } from '../state/page-limits.ts';
import { AbsenceProof, type ByIdResult, NOTHING, storeAbsence, storeReading } from '../storing/read-by-id.ts';
import { seenInRun } from './seen-ids.ts';
import { walkIds } from './walk-ids.ts';

/**
 * Reads by id the records that need attention, may change without `updatedAt` moving, and were not read in this
 * run. A record that is gone is marked so, once a 404 can be believed.
 */
export async function reRead(leased: LeasedPartition): Promise<WalkOutcome> {
  const { resource, scope, ports } = leased;
  const seen = await seenInRun(await ports.partitions.ofRun(leased.current.runId), ports.partitions);
  const keys: RecordKey[] = [];
  for await (const key of ports.records.attention(resource.name)) {
    if (!seen.has(key.id)) keys.push(key);
  }

  const proof = new AbsenceProof(resource, scope, ports);
  const knownId = async () => {
    for await (const page of ports.records.liveKeys(resource.name, scope)) {
      const other = page.find((key) => !keys.some((candidate) => candidate.id === key.id));
      if (other !== undefined) return other.id;
    }
    return undefined;
  };
  return walkIds(leased, keys, (key) => readAgain(key, leased, proof, knownId));
}

async function readAgain(
  key: RecordKey,
  leased: LeasedPartition,
  proof: AbsenceProof,
  knownId: () => Promise<string | undefined>,
): Promise<ByIdResult> {
  const { resource, scope, ports } = leased;
  const stored = await ports.records.get(key);
  const due =
    stored !== undefined &&
    stored.deletedAt === undefined &&
    stored.scope === scope &&
    resource.attention?.needed(stored.data) &&
    !resource.attention.settled(stored.data);
  if (!due) return NOTHING;
  const reading = await ports.api.read(resource, scope, key.id);
  if (reading.kind === 'found') {
    proof.found();
    const { runId, id } = leased.current;
    const origin = { runId, page: `${id}/${key.id}` };
    return storeReading(resource, scope, reading, origin, ports);
  }
  return (await proof.trusts404(knownId)) ? storeAbsence(resource, key, reading.readAt, ports) : NOTHING;
}
