import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { childVersionOf } from '../../records/reading.ts';
import type { RecordVersion } from '../../records/record-store.ts';
import { requireResource } from '../../resources/registry.ts';
import type { Resource, Scope } from '../../resources/resource.ts';
import { addCounts, noCounts } from '../state/partition.ts';
import type { Counts } from '../state/run.ts';
import type { KeptPart, ListEntry } from '../state/stores.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import { entryOf, partsIn } from './nested-lists.ts';
import { versionUnlessRefused } from './quarantine-record.ts';
import { partsOf } from './read-by-id.ts';
import { deleteElements, type PageOrigin, storeVersions } from './store-versions.ts';

interface Rows {
  resource: Resource;
  scope: Scope;
  /** The parent that a row belongs to; undefined where that is none of those asked for. */
  parentOf: (row: Json) => string | undefined;
  readAt: string;
  origin: PageOrigin;
  ports: SyncPorts;
}

/** Stores the rows of a page of child lists, and answers which rows each parent has by it. */
export async function storeRows(
  rows: readonly Json[],
  { resource, scope, parentOf, readAt, origin, ports }: Rows,
): Promise<{ parts: KeptPart[]; counts: Counts }> {
  const versions: RecordVersion[] = [];
  const entries = new Map<string, ListEntry[]>();
  let refused = 0;
  for (const sent of rows) {
    const parentId = parentOf(sent);
    const version = await versionUnlessRefused(
      () => childVersionOf(resource, parentId, scope, sent, readAt),
      { resource: resource.name, scope, parentId, sent, readAt },
      origin.runId,
      ports,
    );
    if (version === undefined) refused += 1;
    else versions.push(version);
    const entry = entryOf(version, sent, resource.idField);
    if (parentId !== undefined && entry !== undefined) {
      entries.set(parentId, [...(entries.get(parentId) ?? []), entry]);
    }
  }
  const heads = await ports.records.heads(versions);
  const counts = await storeVersions(versions, heads, origin, ports);
  const parts = [...entries].map(([list, ofParent]) => ({ list, readAt, entries: ofParent }));
  return { parts, counts: addCounts(counts, { ...noCounts(), fetched: refused, quarantined: refused }) };
}

/**
 * Marks what the lists of the parents no longer show, now that they have been read to their end; answers how many
 * records that were. `readAt`: when the reading of the lists began.
 */
export async function endChildLists(
  resource: string,
  parents: readonly string[],
  parts: readonly KeptPart[],
  readAt: string,
  ports: SyncPorts,
): Promise<number> {
  let deleted = 0;
  for (const parentId of parents) {
    const list = { resource, parentId };
    const shown = parts.filter((part) => part.list === parentId).flatMap((part) => part.entries);
    const heads = await ports.records.elementHeads(list);
    const kept = new Set(shown.map(({ id }) => id));
    deleted += (await deleteElements(list, heads, kept, readAt, ports)).deleted;
  }
  return deleted;
}

/** A row with the whole of the list inside it, where Autodesk has cut that after a page. */
export async function completeRow(
  row: Json,
  resource: Resource,
  scope: Scope,
  ports: SyncPorts,
): Promise<Json> {
  const { inRow, idField = 'id' } = resource;
  if (inRow === undefined || !isJsonObject(row)) return row;
  const list = { name: resource.name, field: inRow.field, segment: inRow.segment };
  const first = partsIn(row, [list], '').get(list.name);
  const id = row[idField];
  if (first?.next === undefined || typeof id !== 'string') return row;
  const results: Json[] = [];
  for await (const part of partsOf(list, requireResource(inRow.of), { id, scope }, first, ports)) {
    results.push(...part.items);
  }
  return { ...row, [inRow.field]: { results } satisfies JsonObject };
}
