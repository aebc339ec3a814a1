import type { Page, PagePosition } from '../../autodesk/client/api.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { childVersionOf } from '../../records/reading.ts';
import type { RecordVersion } from '../../records/record-store.ts';
import { RecordRefusedError } from '../../records/refusal.ts';
import { requireResource } from '../../resources/registry.ts';
import type { Resource, Scope } from '../../resources/resource.ts';
import { PAGE_LIMIT } from '../state/page-limits.ts';
import { addCounts, noCounts } from '../state/partition.ts';
import type { Counts } from '../state/run.ts';
import type { KeptPart } from '../state/stores.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import { partsIn } from './nested-lists.ts';
import { quarantine } from './quarantine-record.ts';
import { deleteElements, type PageOrigin, storeVersions } from './store-versions.ts';

interface Rows {
  resource: Resource;
  scope: Scope;
  parents: readonly string[];
  /** The parent that a row belongs to; undefined where that is none of those asked for. */
  parentOf: (row: Json) => string | undefined;
  readAt: string;
  origin: PageOrigin;
  ports: SyncPorts;
}

/** Stores the rows of a page of child lists, and answers which rows each parent has by it. */
export async function storeRows(
  rows: readonly Json[],
  { resource, scope, parents, parentOf, readAt, origin, ports }: Rows,
): Promise<{ parts: KeptPart[]; counts: Counts }> {
  const versions: RecordVersion[] = [];
  const entries = new Map(parents.map((id) => [id, new Map<string, string>()]));
  let refused = 0;
  for (const sent of rows) {
    const parentId = parentOf(sent);
    try {
      if (parentId === undefined) {
        throw new RecordRefusedError('NO_PARENT', 'it belongs to none of the records that were asked for');
      }
      const version = childVersionOf(resource, parentId, scope, sent, readAt);
      versions.push(version);
      entries.get(parentId)?.set(version.id, version.contentHash);
    } catch (error) {
      if (!(error instanceof RecordRefusedError)) throw error;
      const where = { resource: resource.name, scope, ...(parentId !== undefined && { parentId }) };
      await quarantine({ ...where, sent, readAt }, error, origin.runId, ports);
      refused += 1;
      // It is in the list all the same: an older version of it that is stored must not be called deleted.
      const id = isJsonObject(sent) ? sent[resource.idField ?? 'id'] : undefined;
      if (parentId !== undefined && typeof id === 'string') entries.get(parentId)?.set(id, '');
    }
  }
  const heads = await ports.records.heads(versions);
  const counts = await storeVersions(versions, heads, origin, ports);
  const parts = [...entries].flatMap(([list, ids]) =>
    ids.size === 0
      ? []
      : [{ list, readAt, entries: [...ids].map(([id, contentHash]) => ({ id, contentHash })) }],
  );
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
  const results = [...first.items];
  let next: PagePosition | undefined = first.next;
  while (next !== undefined) {
    const request = {
      resource: requireResource(inRow.of),
      list,
      scope,
      id,
      position: next,
      limit: PAGE_LIMIT,
    };
    const page: Page = await ports.api.nested(request);
    results.push(...page.records);
    next = page.next;
  }
  return { ...row, [inRow.field]: { results } satisfies JsonObject };
}
