import type { RecordKey } from '../../records/record.ts';
import type { Resource, Scope } from '../../resources/resource.ts';
import type { OwnedPartition } from '../partitions/leased-partition.ts';
import type { WalkOutcome } from '../state/page-limits.ts';
import type { Engine } from '../state/sync-ports.ts';
import { AbsenceProof, type ByIdResult, NOTHING, storeAbsence, storeReading } from '../storing/read-by-id.ts';
import type { PageOrigin } from '../storing/store-versions.ts';
import { seenInRun } from './seen-ids.ts';
import { walkIds } from './walk-ids.ts';

/**
 * Reads by id the records that need attention, may change without `updatedAt` moving, and were not read in this
 * run. A record that is gone is marked so, once a 404 can be believed.
 */
export async function reRead(
  owned: OwnedPartition,
  resource: Resource,
  scope: Scope,
  engine: Engine,
): Promise<WalkOutcome> {
  const { runId, id } = owned.current;
  const seen = await seenInRun(await engine.partitions.ofRun(runId), engine.partitions);
  const keys: RecordKey[] = [];
  for await (const key of engine.records.attention(resource.name)) {
    if (!seen.has(key.id)) keys.push(key);
  }

  const proof = new AbsenceProof(resource, scope, engine);
  const canary = async () => {
    for await (const page of engine.records.liveKeys(resource.name, scope)) {
      const other = page.find((key) => !keys.some((candidate) => candidate.id === key.id));
      if (other !== undefined) return other.id;
    }
    return undefined;
  };
  return walkIds(
    owned,
    keys,
    (key) => readAgain(key, resource, scope, proof, canary, { runId, page: `${id}/${key.id}` }, engine),
    engine,
  );
}

async function readAgain(
  key: RecordKey,
  resource: Resource,
  scope: Scope,
  proof: AbsenceProof,
  canary: () => Promise<string | undefined>,
  origin: PageOrigin,
  engine: Engine,
): Promise<ByIdResult> {
  const stored = await engine.records.get(key);
  const due =
    stored !== undefined &&
    stored.deletedAt === undefined &&
    stored.scope === scope &&
    resource.attention?.needed(stored.data) &&
    !resource.attention.settled(stored.data);
  if (!due) return NOTHING;
  const reading = await engine.api.read(resource, scope, key.id);
  if (reading.kind === 'found') {
    proof.found();
    return storeReading(resource, scope, reading, origin, engine);
  }
  return (await proof.believes(canary)) ? storeAbsence(resource, key, reading.readAt, engine) : NOTHING;
}
