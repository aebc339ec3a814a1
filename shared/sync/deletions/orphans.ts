import type { RecordKey } from '../../records/record.ts';
import { keyText } from '../../records/record-store.ts';
import type { LeasedPartition } from '../partitions/leased-partition.ts';
import type { WalkOutcome } from '../state/page-limits.ts';
import { noCounts } from '../state/partition.ts';
import { before } from '../state/run-transitions.ts';
import type { ByIdResult } from '../storing/read-by-id.ts';
import { deleteElements } from '../storing/store-versions.ts';
import { walkIds } from './walk-ids.ts';

/**
 * Marks the records of a child list whose parents are gone, after a full run has read the lists of all others. They
 * count as gone since a moment at which their parent certainly was: one that has come back since has not been read yet.
 */
export async function deleteOrphans(leased: LeasedPartition): Promise<WalkOutcome> {
  const { resource, scope, ports } = leased;
  const parentResource = resource.parent?.name ?? '';
  const { watermark = '' } = await ports.runs.read(parentResource, scope);
  const upToDate = watermark && before(watermark, ports.settings.overlapMs);
  const parentIds = new Set<string>();
  for await (const keys of ports.records.liveKeys(resource.name, scope)) {
    for (const { parentId } of keys) if (parentId !== undefined) parentIds.add(parentId);
  }
  const parents = [...parentIds].map((id) => ({ resource: parentResource, id }));
  const heads = await ports.records.heads(parents);
  const goneSince = (parent: RecordKey): string | undefined => {
    const head = heads.get(keyText(parent));
    // One that is not stored any more was purged, long after it was found to be gone.
    if (head === undefined) return upToDate;
    return head.deletedAt === undefined || head.deletedAt > upToDate ? head.deletedAt : upToDate;
  };
  const gone = parents.filter((parent) => goneSince(parent) !== undefined);
  return walkIds(leased, gone, (parent) => deleteChildren(parent.id, goneSince(parent) ?? upToDate, leased));
}

async function deleteChildren(
  parentId: string,
  readAt: string,
  { resource, ports }: LeasedPartition,
): Promise<ByIdResult> {
  const list = { resource: resource.name, parentId };
  const heads = await ports.records.elementHeads(list);
  const { deleted } = await deleteElements(list, heads, new Set(), readAt, ports);
  return { counts: { ...noCounts(), deleted } };
}
