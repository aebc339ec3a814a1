import type { ElementList } from '../company/elements.ts';
import type { BiddingData, SandboxResource } from '../data/bidding-data.ts';
import type { Entry } from '../data/collection.ts';
import { filterValue, refuseOtherFilters, timeFilter } from './filters.ts';
import { type Filter, RefusedParameter } from './list-pages.ts';
import type { ListName } from './lists.ts';

/** A list inside each record: its first page comes with the record, all of it at a path below. */
interface InRecord {
  field: string;
  segment: string;
  list: ElementList;
}

const LINE_ITEMS = { field: 'lineItems', segment: 'line-items' } as const;

export const IN_RECORD: Partial<Record<ListName, InRecord[]>> = {
  'scope-specific-bid-forms': [{ ...LINE_ITEMS, list: 'scope-specific-bid-form-line-items' }],
  'project-bid-forms': [{ ...LINE_ITEMS, list: 'project-bid-form-line-items' }],
  bids: [
    { ...LINE_ITEMS, list: 'bid-line-items' },
    { field: 'plugs', segment: 'plugs', list: 'bid-plugs' },
  ],
};

/** Lists of one record each that have a path alone, by their record's list and what follows its id. */
const BELOW: Partial<Record<SandboxResource, Record<string, { list: ElementList; filters: string[] }>>> = {
  opportunities: { comments: { list: 'opportunity-comments', filters: ['updatedAt'] } },
  projects: { costs: { list: 'project-costs', filters: [] } },
  bids: {
    highlights: { list: 'bid-highlights', filters: [] },
    notes: { list: 'bid-notes', filters: [] },
  },
};

/** The entries of the list at `/v2/{name}/{id}/{segment}`, or undefined where there is none. */
export function elementsBelow(
  data: BiddingData,
  name: string,
  id: string,
  segment: string,
  query: URLSearchParams,
): readonly Entry[] | undefined {
  const parent = PARENTS.find((resource) => resource === name);
  if (parent === undefined || data.record(parent, id) === undefined) return undefined;
  const list = IN_RECORD[parent]?.find((nested) => nested.segment === segment)?.list;
  if (list !== undefined) return data.elementEntries(list, id);
  const below = BELOW[parent]?.[segment];
  if (below === undefined) return undefined;
  refuseOtherFilters(query, below.filters);
  const filters: Filter[] = timeFilter(query, 'updatedAt', 'exclusive');
  return data.elementEntries(below.list, id).filter((entry) => filters.every((matches) => matches(entry)));
}

const PARENTS = [
  'opportunities',
  'projects',
  'bids',
  'scope-specific-bid-forms',
  'project-bid-forms',
] as const;

/** What people marked in the bids on a package, at `/v2/bid-packages/{id}/{field}`: a row for each bid. */
export const MARKS_OF_BIDS: Readonly<Record<string, ElementList>> = {
  plugs: 'bid-plugs',
  highlights: 'bid-highlights',
  notes: 'bid-notes',
};

/** Lists that are asked for the records of several others at once, and refuse to be asked for all. */
const BY_FILTER: Readonly<
  Record<string, { list: ElementList; by: { filter: string; of: SandboxResource } }>
> = {
  'bid-package-activities': {
    list: 'bid-package-activities',
    by: { filter: 'bidPackageId', of: 'bid-packages' },
  },
  'invite-notes': { list: 'invite-notes', by: { filter: 'projectId', of: 'projects' } },
};

/** The entries of the list at `/v2/{name}`, or undefined where there is none. */
export function elementsByFilter(
  data: BiddingData,
  name: string,
  query: URLSearchParams,
): readonly Entry[] | undefined {
  const found = BY_FILTER[name];
  if (found === undefined) return undefined;
  const { filter, of } = found.by;
  refuseOtherFilters(query, [filter]);
  const ids = filterValue(query, filter);
  if (ids === null) throw new RefusedParameter(`query.filter[${filter}] is required`);
  return ids
    .split(',')
    .filter((id) => data.record(of, id) !== undefined)
    .flatMap((id) => data.elementEntries(found.list, id));
}
