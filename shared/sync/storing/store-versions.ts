import { mapConcurrently } from '../../concurrency.ts';
import type { ListKey, RecordHead, RecordKey } from '../../records/record.ts';
import { comesAfter, keyText, type RecordVersion } from '../../records/record-store.ts';
import { RecordRefusedError } from '../../records/refusal.ts';
import type { NestedList } from '../../resources/resource.ts';
import { noCounts } from '../state/partition.ts';
import type { Counts } from '../state/run.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import { keepAside } from './quarantine-record.ts';

/** Writes under way at once for one page. */
const WRITES_AT_ONCE = 16;

/** What happened to one version. */
export type Change = 'created' | 'updated' | 'deleted' | 'unchanged' | 'quarantined';

/** The work a version belongs to: a page of a partition. A page that is read again has the same text. */
export interface PageOrigin {
  runId: string;
  page: string;
}

/** Stores the versions that differ from their heads, and counts all of them. Repeating it changes nothing. */
export async function storeVersions(
  versions: readonly RecordVersion[],
  heads: ReadonlyMap<string, RecordHead>,
  origin: PageOrigin,
  ports: SyncPorts,
): Promise<Counts> {
  const latest = new Map(versions.map((version) => [keyText(version), version]));
  const changes = await mapConcurrently([...latest.values()], WRITES_AT_ONCE, (version) =>
    storeVersion(version, heads.get(keyText(version)), origin, ports),
  );
  return countChanges(changes);
}

/**
 * Stores one version if it differs from the head and comes after it. Without a head it is taken for new, and compared
 * after all where it is not.
 */
export async function storeVersion(
  version: RecordVersion,
  head: RecordHead | undefined,
  origin: PageOrigin,
  ports: SyncPorts,
): Promise<Change> {
  const change = changeOf(version, head);
  if (change === 'unchanged') return changeBefore(head, origin);
  const written = { ...version, writtenBy: `${origin.runId}/${origin.page}/${change}` };
  try {
    if (head !== undefined) return (await ports.records.put(written)) === 'stored' ? change : 'unchanged';
    if ((await ports.records.create(written)) === 'stored') return change;
  } catch (error) {
    if (!(error instanceof RecordRefusedError)) throw error;
    await keepAside(version, error, origin.runId, ports);
    return 'quarantined';
  }
  const heads = await ports.records.heads([version]);
  return storeVersion(version, heads.get(keyText(version)), origin, ports);
}

/** What storing a version would do. */
export function changeOf(
  version: RecordVersion,
  head: RecordHead | undefined,
): 'created' | 'updated' | 'deleted' | 'unchanged' {
  const isGone = version.deletedAt !== undefined;
  if (head === undefined) return isGone ? 'deleted' : 'created';
  const wasGone = head.deletedAt !== undefined;
  const same = head.contentHash === version.contentHash && wasGone === isGone;
  if (same || !comesAfter(version, head)) return 'unchanged';
  if (isGone) return wasGone ? 'updated' : 'deleted';
  return wasGone ? 'created' : 'updated';
}

/** Marks a record as gone with the elements of its lists; answers how many records and elements that were. */
export async function deleteRecord(
  key: RecordKey,
  nested: readonly NestedList[],
  readAt: string,
  ports: SyncPorts,
): Promise<{ records: number; elements: number }> {
  let elements = 0;
  if (nested.length > 0) await ports.records.openLists(key);
  for (const { name } of nested) {
    const list = { resource: name, parentId: key.id };
    const heads = await ports.records.elementHeads(list);
    elements += (await deleteElements(list, heads, new Set(), readAt, ports)).deleted;
  }
  const outcome = await ports.records.markDeleted(key, readAt);
  return { records: outcome === 'stored' ? 1 : 0, elements };
}

/**
 * Marks the elements of a list as gone that are not among those kept; answers how many were, and whether that were all:
 * what another reading stored later stays.
 */
export async function deleteElements(
  list: ListKey,
  heads: ReadonlyMap<string, RecordHead>,
  kept: ReadonlySet<string>,
  readAt: string,
  ports: SyncPorts,
): Promise<{ deleted: number; isAll: boolean }> {
  const gone = [...heads].filter(([id, head]) => head.deletedAt === undefined && !kept.has(id));
  const outcomes = await mapConcurrently(gone, WRITES_AT_ONCE, ([id]) =>
    ports.records.markDeleted({ ...list, id }, readAt),
  );
  const deleted = outcomes.filter((outcome) => outcome === 'stored').length;
  return { deleted, isAll: deleted === gone.length };
}

export function countChanges(changes: readonly Change[]): Counts {
  const counts = { ...noCounts(), fetched: changes.length };
  for (const change of changes) counts[change] += 1;
  return counts;
}

/** A page that a vanished worker had stored but not checkpointed: what it did is what counts. */
function changeBefore(head: RecordHead | undefined, origin: PageOrigin): Change {
  const stored = (['created', 'updated', 'deleted'] as const).find(
    (change) => head?.writtenBy === `${origin.runId}/${origin.page}/${change}`,
  );
  return stored ?? 'unchanged';
}
