import type { JsonObject } from '../../../shared/json.ts';
import type { BiddingData, SandboxResource } from '../data/bidding-data.ts';
import {
  buildingConnectedError,
  json,
  jsonText,
  type SandboxRequest,
  type SandboxResponse,
} from '../http/response.ts';
import type { CursorStyle } from './cursor.ts';
import { nestedField, refuseOtherFilters, timeFilter, valueFilter } from './filters.ts';
import {
  type Filter,
  limitOf,
  type NextUrlForm,
  type PageFault,
  pageOfCollection,
  pageOfNested,
  RefusedParameter,
} from './list-pages.ts';

export const BUILDING_CONNECTED = '/construction/buildingconnected/v2';

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

const FORMS = 'scope-specific-bid-forms';
const NEXT_URL_FORMS = ['absolute', 'relative', 'empty'] as const;

/** The filters of each list; arrays of values where the documents show `*`. */
const LISTS: Partial<
  Record<SandboxResource, { filters: string[]; read: (query: URLSearchParams) => Filter[] }>
> = {
  'opportunity-project-pairs': {
    filters: ['projectId', 'opportunityId', 'updatedAt'],
    read: (query) => [
      ...timeFilter(query, 'updatedAt', 'exclusive'),
      ...valueFilter(query, 'projectId', (pair) => pair.projectId),
      ...valueFilter(query, 'opportunityId', (pair) => pair.opportunityId),
    ],
  },
  invites: {
    filters: ['projectId', 'bidPackageId', 'bidderCompanyId', 'state', 'updatedAt', 'createdAt'],
    read: (query) => [
      ...timeFilter(query, 'updatedAt', 'exclusive'),
      ...timeFilter(query, 'createdAt', 'exclusive'),
      ...valueFilter(query, 'projectId', (invite) => invite.projectId),
      ...valueFilter(query, 'bidPackageId', (invite) => invite.bidPackageId),
      ...valueFilter(query, 'bidderCompanyId', (invite) => nestedField(invite, 'bidderCompany', 'id')),
      ...valueFilter(query, 'state', (invite) => invite.state),
    ],
  },
  [FORMS]: {
    filters: ['projectId', 'bidPackageId', 'updatedAt'],
    read: (query) => [
      ...timeFilter(query, 'updatedAt', 'exclusive'),
      ...valueFilter(query, 'projectId', (form) => form.projectId),
      ...valueFilter(query, 'bidPackageId', (form) => form.bidPackageId),
    ],
  },
};

/** BuildingConnected v2 below its base path, for a caller whose token was accepted. */
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
    const path = `${BUILDING_CONNECTED}/${FORMS}/${formId}/line-items`;
    return `{"pagination":${pagination(path, query, origin, page.cursor)},"results":[${texts.join(',')}]}`;
  }

  /** A form as it is sent: with the first page of its line items. */
  function formText(formId: string, text: string, origin: string): string {
    const lineItems = lineItemsText(formId, new URLSearchParams(), origin, undefined);
    return `${text.slice(0, -1)},"lineItems":${lineItems}}`;
  }

  function list(
    resource: SandboxResource,
    request: SandboxRequest,
    origin: string,
    fault: PageFault | undefined,
  ): SandboxResponse {
    const { query, path } = request;
    const known = LISTS[resource];
    refuseOtherFilters(query, known?.filters ?? []);
    const filters = known?.read(query) ?? [];
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

  function readOne(resource: SandboxResource, id: string, origin: string): SandboxResponse {
    const entry = data.collection(resource).get(id);
    if (entry === undefined) return notFound();
    return jsonText(200, resource === FORMS ? formText(id, entry.text, origin) : entry.text);
  }

  return (request, origin, fault) => {
    const [name = '', id, nested, more] = request.path.slice(BUILDING_CONNECTED.length + 1).split('/');
    if (name === 'users' && id === 'me' && nested === undefined) return json(200, options.user);
    const resource = resourceNamed(name);
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

function resourceNamed(name: string): SandboxResource | undefined {
  return name === 'opportunity-project-pairs' || name === 'invites' || name === FORMS ? name : undefined;
}

function notFound(): SandboxResponse {
  return buildingConnectedError(404, 'The requested resource could not be found.');
}
