import type { JsonObject } from '../../../shared/json.ts';
import type { ElementList } from '../company/elements.ts';
import type { BiddingData } from '../data/bidding-data.ts';
import type { Entry } from '../data/collection.ts';
import {
  buildingConnectedError,
  json,
  jsonText,
  type SandboxRequest,
  type SandboxResponse,
} from '../http/response.ts';
import type { CursorStyle } from './cursor.ts';
import { elementsBelow, elementsByFilter, IN_RECORD, MARKS_OF_BIDS } from './element-lists.ts';
import { refuseOtherFilters } from './filters.ts';
import {
  limitOf,
  type NextUrlForm,
  type PageFault,
  pageOfCollection,
  pageOfNested,
  RefusedParameter,
} from './list-pages.ts';
import { LISTS, type ListName, listNamed } from './lists.ts';

/** Below it stand the versions of the API, `v2` and `v3`. */
export const BUILDING_CONNECTED = '/construction/buildingconnected';

export interface BuildingConnectedOptions {
  data: BiddingData;
  user: JsonObject;
  cursorStyle: CursorStyle;
  nextUrlForm: NextUrlForm;
}

export type BuildingConnected = (
  request: SandboxRequest,
  origin: string,
  fault: PageFault | undefined,
) => SandboxResponse;

const NEXT_URL_FORMS = ['absolute', 'relative', 'empty'] as const;

/** BuildingConnected below its base path, for a caller whose token was accepted. */
export function createBuildingConnected(options: BuildingConnectedOptions): BuildingConnected {
  const { data, cursorStyle } = options;
  let pagesSent = 0;

  function nextUrlForm(): Exclude<NextUrlForm, 'mixed'> {
    pagesSent += 1;
    if (options.nextUrlForm !== 'mixed') return options.nextUrlForm;
    return NEXT_URL_FORMS[pagesSent % NEXT_URL_FORMS.length] ?? 'empty';
  }

  /** The pagination object of a page whose own address is `path` and `query`. */
  function pagination(
    path: string,
    query: URLSearchParams,
    origin: string,
    cursor: string | undefined,
    total?: number,
  ): string {
    const limit = limitOf(query);
    const totals = total === undefined ? {} : { totalResults: total };
    if (cursor === undefined) return JSON.stringify({ limit, ...totals });
    const form = nextUrlForm();
    const next = new URLSearchParams(query);
    next.set('limit', String(limit));
    next.set('cursorState', cursor);
    const address = form === 'empty' ? '' : `${form === 'absolute' ? origin : ''}${path}?${next}`;
    return JSON.stringify({ limit, cursorState: cursor, nextUrl: address, ...totals });
  }

  /** A page of a list that belongs to one record, or to a few. */
  function elementsText(
    path: string,
    entries: readonly Entry[],
    query: URLSearchParams,
    origin: string,
    fault: PageFault | undefined,
    textOf = (entry: Entry) => entry.text,
  ): string {
    const page = pageOfNested(entries, query, cursorStyle, fault);
    const texts = page.items.map(textOf);
    return `{"pagination":${pagination(path, query, origin, page.cursor)},"results":[${texts.join(',')}]}`;
  }

  /** A record as it is sent: with the first pages of the lists inside it. */
  function recordText(resource: ListName, { id, text }: Entry, origin: string): string {
    const lists = (IN_RECORD[resource] ?? []).map(({ field, segment, list }) => {
      const path = `${BUILDING_CONNECTED}/v2/${resource}/${id}/${segment}`;
      const entries = data.elementEntries(list, id);
      return `,"${field}":${elementsText(path, entries, new URLSearchParams(), origin, undefined)}`;
    });
    return lists.length === 0 ? text : `${text.slice(0, -1)}${lists.join('')}}`;
  }

  /** Rows of what was marked in the bids on a package; a row has no id of its own. */
  function marksOfBids(
    packageId: string,
    field: string,
    list: ElementList,
    request: SandboxRequest,
    origin: string,
    fault: PageFault | undefined,
  ): SandboxResponse {
    const marked = data
      .collection('bids')
      .entries.filter(({ record }) => record.bidPackageId === packageId)
      .filter(({ id }) => data.elementEntries(list, id).length > 0);
    const rowText = ({ id }: Entry) => {
      const path = `${BUILDING_CONNECTED}/v2/bids/${id}/${field}`;
      const marks = elementsText(
        path,
        data.elementEntries(list, id),
        new URLSearchParams(),
        origin,
        undefined,
      );
      return `{"bidId":"${id}","${field}":${marks}}`;
    };
    return jsonText(200, elementsText(request.path, marked, request.query, origin, fault, rowText));
  }

  function list(
    resource: ListName,
    request: SandboxRequest,
    origin: string,
    fault: PageFault | undefined,
  ): SandboxResponse {
    const { query, path } = request;
    const { filters: known, read, shows } = LISTS[resource];
    refuseOtherFilters(query, known);
    const filters = [...read(query), ...(shows ? [({ record }: Entry) => shows(record, query)] : [])];
    const collection = data.collection(resource);
    const page = pageOfCollection(collection, filters, query, cursorStyle, fault);
    const wantsTotal = resource === 'invites' && query.get('includeTotalResults') === 'true';
    const total = wantsTotal
      ? collection.entries.filter((entry) => filters.every((matches) => matches(entry))).length
      : undefined;
    const results = page.items.map((entry) => recordText(resource, entry, origin));
    return jsonText(
      200,
      `{"pagination":${pagination(path, query, origin, page.cursor, total)},"results":[${results.join(',')}]}`,
    );
  }

  function readOne(resource: ListName, id: string, origin: string): SandboxResponse {
    const entry = LISTS[resource].hasNoReadById ? undefined : data.collection(resource).get(id);
    if (entry === undefined) return notFound();
    return jsonText(200, recordText(resource, entry, origin));
  }

  return (request, origin, fault) => {
    const [version = '', name = '', id, nested, elementId, more] = request.path
      .slice(BUILDING_CONNECTED.length + 1)
      .split('/');
    if (version === 'v2' && name === 'users' && id === 'me' && nested === undefined) {
      return json(200, options.user);
    }
    const { query, path } = request;
    try {
      const resource = listNamed(version, name);
      if (id === undefined) {
        if (resource !== undefined) return list(resource, request, origin, fault);
        const entries = version === 'v2' ? elementsByFilter(data, name, query) : undefined;
        return entries ? jsonText(200, elementsText(path, entries, query, origin, fault)) : notFound();
      }
      if (nested === undefined) return resource ? readOne(resource, id, origin) : notFound();
      const marks = name === 'bid-packages' && elementId === undefined ? MARKS_OF_BIDS[nested] : undefined;
      if (marks !== undefined) return marksOfBids(id, nested, marks, request, origin, fault);
      const entries = version === 'v2' ? elementsBelow(data, name, id, nested, query) : undefined;
      if (elementId !== undefined) {
        const element = entries?.find((entry) => entry.id === elementId);
        return element && more === undefined ? jsonText(200, element.text) : notFound();
      }
      return entries ? jsonText(200, elementsText(path, entries, query, origin, fault)) : notFound();
    } catch (error) {
      if (error instanceof RefusedParameter) return buildingConnectedError(400, error.message);
      throw error;
    }
  };
}

function notFound(): SandboxResponse {
  return buildingConnectedError(404, 'The requested resource could not be found.');
}
