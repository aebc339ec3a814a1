import { isUsableId } from '../../../shared/ids.ts';
import type { StoredRecord } from '../../../shared/records/record.ts';
import { RESOURCE_NAMES } from '../../../shared/resources/registry.ts';
import { COMPANY_SCOPE } from '../../../shared/resources/resource.ts';
import type { Stores } from '../../ops/targets/stores.ts';

const MOST_FOUND = 50;
/** Of a list whose names are looked through. */
const LOOKED_THROUGH = 5_000;
/** Lists that are short, and whose names people know. */
const NAMED = ['projects', 'opportunities'];

export interface FoundRecords {
  found: StoredRecord[];
  /** More may have been found by looking on. */
  isCut: boolean;
}

/** By id in every list, then by a part of the name among projects and opportunities. Never a scan of everything. */
export async function findRecords(query: string, { records }: Stores): Promise<FoundRecords> {
  const byId = await recordsWithId(query, records);
  if (byId.length > 0) return { found: byId, isCut: false };
  const wanted = query.toLowerCase();
  const found: StoredRecord[] = [];
  for (const resource of NAMED) {
    let looked = 0;
    for await (const record of records.all(resource, COMPANY_SCOPE)) {
      looked += 1;
      const { name } = record.data;
      if (typeof name === 'string' && name.toLowerCase().includes(wanted)) found.push(record);
      if (found.length >= MOST_FOUND || looked >= LOOKED_THROUGH) return { found, isCut: true };
    }
  }
  return { found, isCut: false };
}

async function recordsWithId(id: string, records: Stores['records']): Promise<StoredRecord[]> {
  if (!isUsableId(id)) return [];
  const found = await Promise.all(RESOURCE_NAMES.map((resource) => records.get({ resource, id })));
  return found.filter((record) => record !== undefined);
}
