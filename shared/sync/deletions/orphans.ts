import { isoTime } from '../../clock.ts';
import { keyText } from '../../records/record-store.ts';
import type { LeasedPartition } from '../partitions/leased-partition.ts';
import type { WalkOutcome } from '../state/page-limits.ts';
import { noCounts } from '../state/partition.ts';
import type { ByIdResult } from '../storing/read-by-id.ts';
import { deleteElements } from '../storing/store-versions.ts';
import { walkIds } from './walk-ids.ts';

/** Marks the records of a child list whose parents are gone, after a full run has read the lists of all others. */
export async function deleteOrphans(leased: LeasedPartition): Promise<WalkOutcome> {
  const { resource, scope, ports } = leased;
  const parentIds = new Set<string>();
  for await (const keys of ports.records.liveKeys(resource.name, scope)) {
    for (const { parentId } of keys) if (parentId !== undefined) parentIds.add(parentId);
  }
  const parents = [...parentIds].map((id) => ({ resource: resource.parent?.name ?? '', id }));
  const heads = await ports.records.heads(parents);
  const gone = parents.filter((parent) => {
    const head = heads.get(keyText(parent));
    return head === undefined || head.deletedAt !== undefined;
  });
  return walkIds(leased, gone, ({ id }) => deleteChildren(id, leased));
}

async function deleteChildren(parentId: string, { resource, ports }: LeasedPartition): Promise<ByIdResult> {
  const list = { resource: resource.name, parentId };
  const heads = await ports.records.elementHeads(list);
  const { deleted } = await deleteElements(list, heads, new Set(), isoTime(ports.clock.now()), ports);
  return { counts: { ...noCounts(), deleted } };
}
