import type { AutodeskApi, PagePosition } from '../autodesk/client/api.ts';
import { isJsonObject, type Json } from '../json.ts';
import type { Resource, Scope } from '../resources/resource.ts';

/** A record as Autodesk just sent it. `readAt`: when the request that brought it was sent, ISO 8601. */
export interface FoundRecord {
  record: Json;
  readAt: string;
}

/** Up to so many records are read one by one; for more, one walk through their list costs fewer calls. */
const READ_ONE_BY_ONE = 3;
const PAGE_SIZE = 100;
/** 1,000 records. Autodesk runs at most 24 jobs a day for an account, so that is six weeks of jobs. */
const PAGE_CAP = 10;

/**
 * Asks Autodesk for records by their ids, with as few calls as it takes. Ids that Autodesk does not know, or that
 * lie too deep in a long list, are missing from the answer.
 */
export async function findRecords(
  autodesk: AutodeskApi,
  resource: Resource,
  scope: Scope,
  ids: readonly string[],
): Promise<Map<string, FoundRecord>> {
  return ids.length <= READ_ONE_BY_ONE
    ? readOneByOne(autodesk, resource, scope, ids)
    : walkList(autodesk, resource, scope, new Set(ids));
}

async function readOneByOne(
  autodesk: AutodeskApi,
  resource: Resource,
  scope: Scope,
  ids: readonly string[],
): Promise<Map<string, FoundRecord>> {
  const found = new Map<string, FoundRecord>();
  for (const id of ids) {
    const reading = await autodesk.read(resource, scope, id);
    if (reading.kind === 'found') found.set(id, { record: reading.record, readAt: reading.readAt });
  }
  return found;
}

async function walkList(
  autodesk: AutodeskApi,
  resource: Resource,
  scope: Scope,
  wanted: ReadonlySet<string>,
): Promise<Map<string, FoundRecord>> {
  const found = new Map<string, FoundRecord>();
  const newestFirst = resource.pagination.style === 'offset' && resource.pagination.newestFirst !== undefined;
  let position: PagePosition | undefined;
  for (let pages = 0; pages < PAGE_CAP; pages += 1) {
    const page = await autodesk.list({
      resource,
      scope,
      limit: PAGE_SIZE,
      ...(newestFirst && { newestFirst }),
      ...(position && { position }),
    });
    for (const record of page.records) {
      const id = isJsonObject(record) ? record.id : undefined;
      if (typeof id === 'string' && wanted.has(id)) found.set(id, { record, readAt: page.readAt });
    }
    position = page.next;
    if (position === undefined || found.size === wanted.size) break;
  }
  return found;
}
