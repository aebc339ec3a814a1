import { isUsableId } from '../../../shared/ids.ts';
import type { StoredRecord } from '../../../shared/records/record.ts';
import { RESOURCE_NAMES } from '../../../shared/resources/registry.ts';
import { COMPANY_SCOPE } from '../../../shared/resources/resource.ts';
import type { Stores } from '../../ops/targets/stores.ts';

const MOST_FOUND = 50;
/** Of each list whose names are known. */
const MOST_NAMES = 5_000;
/** Lists that are short, and whose names people know. */
const NAMED = ['projects', 'opportunities'];

/** A record by its name. */
export interface NamedRecord {
  resource: string;
  id: string;
  name: string;
}

export interface FoundRecords {
  found: StoredRecord[];
  /** There may be more than was looked through or is shown. */
  isCut: boolean;
}

/** The names that records are found by, so many of each list at most: never everything. */
export async function readNames({ records }: Pick<Stores, 'records'>): Promise<NamedRecord[]> {
  const names: NamedRecord[] = [];
  for (const resource of NAMED) {
    let read = 0;
    for await (const { id, data } of records.all(resource, COMPANY_SCOPE)) {
      if (typeof data.name === 'string') names.push({ resource, id, name: data.name });
      read += 1;
      if (read >= MOST_NAMES) break;
    }
  }
  return names;
}

/** By id in every list, with those of the project that has it; or by a part of one of the names. */
export async function findRecords(
  query: string,
  names: () => Promise<readonly NamedRecord[]>,
  { records }: Pick<Stores, 'records'>,
): Promise<FoundRecords> {
  const byId = await recordsWithId(query, records);
  const ofProject = isUsableId(query) ? await Array.fromAsync(records.ofProject(query, MOST_FOUND)) : [];
  if (byId.length + ofProject.length > 0) {
    const others = await Promise.all(ofProject.map((key) => records.get(key)));
    const known = new Set(byId.map(({ resource }) => resource));
    return {
      found: [
        ...byId,
        ...others
          .filter((record) => record !== undefined)
          .filter(({ id, resource }) => id !== query || !known.has(resource)),
      ],
      isCut: ofProject.length >= MOST_FOUND,
    };
  }
  const wanted = query.toLowerCase();
  const known = await names();
  const matching = known.filter(({ name }) => name.toLowerCase().includes(wanted));
  const found = await Promise.all(matching.slice(0, MOST_FOUND).map((key) => records.get(key)));
  return {
    found: found.filter((record) => record !== undefined),
    isCut: matching.length > MOST_FOUND || known.length >= MOST_NAMES,
  };
}

async function recordsWithId(id: string, records: Stores['records']): Promise<StoredRecord[]> {
  if (!isUsableId(id)) return [];
  const found = await Promise.all(RESOURCE_NAMES.map((resource) => records.get({ resource, id })));
  return found.filter((record) => record !== undefined);
}
