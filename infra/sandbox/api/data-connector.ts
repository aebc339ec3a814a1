import { type Json, type JsonObject, parseJson } from '../../../shared/json.ts';
import type { BiddingData } from '../data/bidding-data.ts';
import type { Entry } from '../data/collection.ts';
import type { ExtractFiles } from '../data/extract-files.ts';
import {
  dataConnectorError,
  json,
  jsonText,
  type SandboxRequest,
  type SandboxResponse,
} from '../http/response.ts';
import type { RequestChanges } from './data-connector-requests.ts';
import type { ExtractServer } from './extract-server.ts';
import { filterValue, refuseOtherFilters, timeFilter } from './filters.ts';
import { type Filter, type PageFault, RefusedParameter } from './list-pages.ts';

export const DATA_CONNECTOR = '/data-connector/v1/accounts';

const DEFAULT_LIMIT = 20;
/** Autodesk documents none; without one, offset pages would never be tried. */
const MAXIMUM_LIMIT = 200;

const SORTABLE = new Set([
  'isActive',
  'accountId',
  'createdBy',
  'createdByEmail',
  'createdAt',
  'updatedBy',
  'updatedAt',
  'scheduleInterval',
  'reoccuringInterval',
  'effectiveFrom',
  'effectiveTo',
  'startDate',
  'endDate',
]);

/** The documented names of the filters that compare a value, and the field of each: one is spelt in two ways. */
const VALUE_FILTERS: Record<string, string> = {
  scheduleInterval: 'scheduleInterval',
  reocurringInterval: 'reoccuringInterval',
  effectiveFrom: 'effectiveFrom',
  effectiveTo: 'effectiveTo',
  isActive: 'isActive',
  startDate: 'startDate',
  endDate: 'endDate',
};

export type DataConnector = (request: SandboxRequest, fault: PageFault | undefined) => SandboxResponse;

/** Data Connector v1 below its base path, for a caller whose token was accepted. */
export function createDataConnector(
  data: BiddingData,
  accountIds: ReadonlySet<string>,
  changes: RequestChanges,
  extracts: { files: ExtractFiles; server: Pick<ExtractServer, 'sign'> },
): DataConnector {
  const ofAccount = (resource: 'data-connector-requests' | 'data-connector-jobs', accountId: string) =>
    data.collection(resource).entries.filter((entry) => entry.record.accountId === accountId);

  function readOne(
    resource: 'data-connector-requests' | 'data-connector-jobs',
    accountId: string,
    id: string,
  ) {
    const entry = data.collection(resource).get(id);
    return entry?.record.accountId === accountId ? jsonText(200, entry.text) : notFound();
  }

  function jobsOf(
    request: SandboxRequest,
    accountId: string,
    requestId: string,
    fault: PageFault | undefined,
  ) {
    if (data.record('data-connector-requests', requestId)?.accountId !== accountId) return notFound();
    const jobs = ofAccount('data-connector-jobs', accountId);
    return page(
      sorted(
        jobs.filter((job) => job.record.requestId === requestId),
        request.query,
        [],
      ),
      request,
      fault,
    );
  }

  /** What a job has made; a job that failed or was cancelled has no listing. */
  function ofJob(
    accountId: string,
    jobId: string,
    nested: string,
    name: string | undefined,
  ): SandboxResponse {
    const job = data.record('data-connector-jobs', jobId);
    if (job?.accountId !== accountId || job.completionStatus !== 'success') return notFound();
    if (nested === 'data-listing' && name === undefined) {
      const listing = extracts.files.of(jobId).map((file, index) => {
        const size = file.saidSize ?? file.size;
        // The tutorial shows a number, the reference a text.
        return {
          name: file.name,
          createdAt: job.completedAt ?? null,
          size: index % 2 === 0 ? size : String(size),
        };
      });
      return json(200, listing);
    }
    const file = nested === 'data' && name !== undefined ? extracts.files.find(jobId, name) : undefined;
    if (file === undefined) return notFound();
    return json(200, {
      name: file.name,
      size: file.saidSize ?? file.size,
      signedUrl: extracts.server.sign(jobId, file.name),
    });
  }

  function write(request: SandboxRequest, accountId: string, id: string | undefined): SandboxResponse {
    if (request.method === 'POST' && id === undefined) return changes.create(accountId, request);
    if (request.method === 'PATCH' && id !== undefined) return changes.change(accountId, id, request);
    if (request.method === 'DELETE' && id !== undefined) return changes.remove(accountId, id);
    return notFound();
  }

  return (request, fault) => {
    const [accountId = '', list, id, nested, name, more] = request.path
      .slice(DATA_CONNECTOR.length + 1)
      .split('/');
    if (!accountIds.has(accountId) || more !== undefined) return notFound();
    const { query } = request;
    if (request.method !== 'GET') {
      return list === 'requests' && nested === undefined ? write(request, accountId, id) : notFound();
    }
    if (list === 'jobs' && id !== undefined && nested !== undefined)
      return ofJob(accountId, id, nested, name);
    if (name !== undefined) return notFound();
    try {
      if (list === 'requests') {
        if (id === undefined) {
          const filters = requestFilters(query);
          const entries = ofAccount('data-connector-requests', accountId).filter((entry) =>
            filters.every((matches) => matches(entry)),
          );
          return page(sorted(entries, query, (query.get('sortFields') ?? '').split(',')), request, fault);
        }
        if (nested === undefined) return readOne('data-connector-requests', accountId, id);
        return nested === 'jobs' ? jobsOf(request, accountId, id, fault) : notFound();
      }
      if (list !== 'jobs') return notFound();
      if (id !== undefined) return readOne('data-connector-jobs', accountId, id);
      return page(sorted(ofAccount('data-connector-jobs', accountId), query, []), request, fault);
    } catch (error) {
      if (error instanceof RefusedParameter) return dataConnectorError(400, 'Bad Request', error.message);
      throw error;
    }
  };
}

function page(entries: Entry[], { query }: SandboxRequest, fault: PageFault | undefined): SandboxResponse {
  const limit = wholeNumber(query, 'limit', DEFAULT_LIMIT);
  const offset = wholeNumber(query, 'offset', 0);
  if (limit < 1 || limit > MAXIMUM_LIMIT) throw new RefusedParameter('limit is out of range');
  const records = fault?.kind === 'short-page' ? Math.min(limit, Math.max(1, fault.records)) : limit;
  const texts = entries.slice(offset, offset + records).map((entry) => entry.text);
  const pagination = JSON.stringify({ limit, offset, totalResults: entries.length });
  return jsonText(200, `{"pagination":${pagination},"results":[${texts.join(',')}]}`);
}

/** By the fields given, a hyphen before one turning it round; else by date as `sort` says; else in no order. */
function sorted(entries: Entry[], query: URLSearchParams, sortFields: string[]): Entry[] {
  const fields = sortFields
    .map((text) => ({ name: text.replace(/^-/, ''), sign: text.startsWith('-') ? -1 : 1 }))
    .filter((field) => SORTABLE.has(field.name));
  const sort = query.get('sort');
  if (sort !== null && sort !== 'asc' && sort !== 'desc')
    throw new RefusedParameter('sort should be asc or desc');
  if (fields.length === 0 && sort !== null) fields.push({ name: 'createdAt', sign: sort === 'asc' ? 1 : -1 });
  if (fields.length === 0) return entries;
  return entries.toSorted((a, b) => {
    for (const { name, sign } of fields) {
      const order = compare(a.record[name], b.record[name]);
      if (order !== 0) return order * sign;
    }
    return a.id < b.id ? -1 : 1;
  });
}

function compare(a: Json | undefined, b: Json | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a ?? ''), String(b ?? '')];
  return left === right ? 0 : left < right ? -1 : 1;
}

function requestFilters(query: URLSearchParams): Filter[] {
  refuseOtherFilters(query, ['projectId', 'createdAt', 'updatedAt', ...Object.keys(VALUE_FILTERS)]);
  const filters = [
    ...timeFilter(query, 'updatedAt', 'inclusive'),
    ...timeFilter(query, 'createdAt', 'inclusive'),
    ...Object.entries(VALUE_FILTERS).flatMap(([name, field]): Filter[] => {
      const wanted = filterValue(query, name);
      return wanted === null ? [] : [(entry) => String(entry.record[field] ?? null) === wanted];
    }),
  ];
  const projectId = filterValue(query, 'projectId');
  if (projectId !== null && projectId !== 'null') {
    filters.push((entry) => projectIdsOf(entry.record).includes(projectId));
  }
  return filters;
}

function projectIdsOf(record: JsonObject): Json[] {
  const list = record.projectIdList;
  const ids = typeof list === 'string' ? parseJson(list) : list;
  return [record.projectId ?? null, ...(Array.isArray(ids) ? ids : [])];
}

function wholeNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new RefusedParameter(`${name} should be a whole number`);
  return Number(text);
}

function notFound(): SandboxResponse {
  return dataConnectorError(404, 'Not Found', 'The requested resource does not exist.');
}
