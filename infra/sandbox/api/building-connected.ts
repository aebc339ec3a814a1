import type { JsonObject } from '../../../shared/json.ts';
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
import { refuseOtherFilters } from './filters.ts';
import {
  limitOf,
  type NextUrlForm,
  type PageFault,
  pageOfCollection,
  pageOfNested,
  RefusedParameter,
} from './list-pages.ts';
import { FORMS, LISTS, type ListName, listNamed } from './lists.ts';

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

  function lineItemsText(
    formId: string,
    query: URLSearchParams,
    origin: string,
    fault: PageFault | undefined,
  ): string {
    const page = pageOfNested(data.lineItemEntries(formId), query, cursorStyle, fault);
    const texts = page.items.map((item) => item.text);
    const path = `${BUILDING_CONNECTED}/v2/${FORMS}/${formId}/line-items`;
    return `{"pagination":${pagination(path, query, origin, page.cursor)},"results":[${texts.join(',')}]}`;
  }

  /** A form as it is sent: with the first page of its line items. */
  function formText(formId: string, text: string, origin: string): string {
    const lineItems = lineItemsText(formId, new URLSearchParams(), origin, undefined);
    return `${text.slice(0, -1)},"lineItems":${lineItems}}`;
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
    const results = page.items.map((entry) =>
      resource === FORMS ? formText(entry.id, entry.text, origin) : entry.text,
    );
    return jsonText(
      200,
      `{"pagination":${pagination(path, query, origin, page.cursor, total)},"results":[${results.join(',')}]}`,
    );
  }

  function readOne(resource: ListName, id: string, origin: string): SandboxResponse {
    const entry = LISTS[resource].hasNoReadById ? undefined : data.collection(resource).get(id);
    if (entry === undefined) return notFound();
    return jsonText(200, resource === FORMS ? formText(id, entry.text, origin) : entry.text);
  }

  return (request, origin, fault) => {
    const [version = '', name = '', id, nested, more] = request.path
      .slice(BUILDING_CONNECTED.length + 1)
      .split('/');
    if (version === 'v2' && name === 'users' && id === 'me' && nested === undefined) {
      return json(200, options.user);
    }
    const resource = listNamed(version, name);
    if (resource === undefined || more !== undefined) return notFound();
    try {
      if (id === undefined) return list(resource, request, origin, fault);
      if (nested === undefined) return readOne(resource, id, origin);
      if (resource !== FORMS || nested !== 'line-items' || data.record(FORMS, id) === undefined)
        return notFound();
      return jsonText(200, lineItemsText(id, request.query, origin, fault));
    } catch (error) {
      if (error instanceof RefusedParameter) return buildingConnectedError(400, error.message);
      throw error;
    }
  };
}

function notFound(): SandboxResponse {
  return buildingConnectedError(404, 'The requested resource could not be found.');
}
