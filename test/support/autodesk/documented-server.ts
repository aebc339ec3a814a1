import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isJsonObject, type Json, type JsonObject } from '../../../shared/json.ts';

/**
 * A second, plain server that speaks the documented APIs, written apart from the sandbox so that both cannot be
 * wrong in the same way. It gives small pages, empty ones in between, and cursors that tell nothing.
 */
export interface DocumentedServer {
  origin: string;
  /** The first refresh token; each is good for one use. */
  refreshToken: string;
  records: Record<DocumentedList, JsonObject[]>;
  /** The lists of the BuildingConnected API that are read as they are, by the last part of their path. */
  others: Map<string, JsonObject[]>;
  /** Lists of one record each, by the end of their path: `opportunities/{id}/comments`. */
  below: Map<string, JsonObject[]>;
  /** `GET /path?query` of every request. */
  requests: string[];
  /** Answers a request before the documented answer is made; returns whether it did. */
  intercept: (path: string, response: ServerResponse) => boolean;
  close(): Promise<void>;
}

export type DocumentedList = 'pairs' | 'invites' | 'forms' | 'requests' | 'jobs';

const CLIENT = { id: 'a-client', secret: 'a-secret' };
export const ACCOUNT_ID = 'f9abf4c8-1f51-4b26-a6b7-6ac0639cb138';
const BUILDINGCONNECTED = '/construction/buildingconnected/v2/';
const DATA_CONNECTOR = `/data-connector/v1/accounts/${ACCOUNT_ID}/`;
const LISTS: Record<string, DocumentedList> = {
  [`${BUILDINGCONNECTED}opportunity-project-pairs`]: 'pairs',
  [`${BUILDINGCONNECTED}invites`]: 'invites',
  [`${BUILDINGCONNECTED}scope-specific-bid-forms`]: 'forms',
  [`${DATA_CONNECTOR}requests`]: 'requests',
  [`${DATA_CONNECTOR}jobs`]: 'jobs',
};
/** What a list leaves out unless a parameter of its query says otherwise. */
const HIDDEN: Record<string, { unless: string; hides: (record: JsonObject) => boolean }> = {
  projects: { unless: 'includeClosed=true', hides: ({ state }) => state === 'CLOSED' },
  contacts: { unless: 'includeRemoved=true', hides: ({ isRemoved }) => isRemoved === true },
};
/** Lists that are only given for some records of another, and the filter that has to name these. */
const NEEDS_FILTER: Record<string, string> = {
  'bid-package-activities': 'bidPackageId',
  'invite-notes': 'projectId',
};
/** Lists inside records: the last part of their path, and the field of the record that holds them whole. */
const INSIDE: Record<string, string> = { 'line-items': 'lineItems', plugs: 'plugs' };
/** Lists of records that have a path alone. */
const NEVER_INSIDE = ['comments', 'costs'];
/** Records a page, however many are asked for: a page may be short without being the last. */
const USUAL_PAGE = 3;

/** The settings with which `npm start -- --live` reads from the server. */
export function settingsFor(server: DocumentedServer): Record<string, string> {
  return {
    AUTODESK_BASE_URL: server.origin,
    AUTODESK_CLIENT_ID: CLIENT.id,
    AUTODESK_CLIENT_SECRET: CLIENT.secret,
    AUTODESK_REFRESH_TOKEN: server.refreshToken,
    AUTODESK_ACCOUNT_IDS: ACCOUNT_ID,
  };
}

/** `pageSize`: records a page, of lists inside records, too. */
export async function startDocumentedServer(pageSize = USUAL_PAGE): Promise<DocumentedServer> {
  let token = 1;
  const server = createServer((request, response) => {
    void serve(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const documented: DocumentedServer = {
    origin: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    refreshToken: 'refresh-1',
    records: { pairs: [], invites: [], forms: [], requests: [], jobs: [] },
    others: new Map(),
    below: new Map(),
    requests: [],
    intercept: () => false,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return documented;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    documented.requests.push(`${request.method} ${decodeURIComponent(`${url.pathname}${url.search}`)}`);
    if (documented.intercept(url.pathname, response)) return;
    if (url.pathname === '/authentication/v2/token') {
      exchange(await bodyOf(request), response);
      return;
    }
    if (request.headers.authorization !== `Bearer access-${token}`) {
      answer(response, 401, { message: 'invalid token' });
      return;
    }
    list(url, response);
  }

  function exchange(form: URLSearchParams, response: ServerResponse): ServerResponse {
    if (form.get('refresh_token') !== `refresh-${token}`)
      return answer(response, 400, { error: 'invalid_grant' });
    token += 1;
    return answer(response, 200, {
      access_token: `access-${token}`,
      refresh_token: `refresh-${token}`,
      token_type: 'Bearer',
      expires_in: 3599,
    });
  }

  function list(url: URL, response: ServerResponse): ServerResponse {
    const { pathname, searchParams } = url;
    const name = LISTS[pathname];
    if (name !== undefined) {
      const matching = documented.records[name].filter(inWindow(searchParams.get('filter[updatedAt]')));
      return answer(
        response,
        200,
        pathname.startsWith(DATA_CONNECTOR)
          ? offsetPage(matching, url, pageSize)
          : cursorPage(matching, url, pageSize),
      );
    }
    const other = /^\/construction\/buildingconnected\/v[23]\/([a-z-]+)$/.exec(pathname)?.[1] ?? '';
    const others = documented.others.get(other);
    if (others !== undefined) {
      const hidden = HIDDEN[other];
      const needed = NEEDS_FILTER[other];
      const wanted = needed && searchParams.get(`filter[${needed}]`)?.split(',');
      if (needed !== undefined && wanted === undefined) {
        return answer(response, 400, { message: `filter[${needed}] is required` });
      }
      const shown = others
        .filter((record) => !needed || wanted?.includes(String(record[needed])))
        .filter((record) => !hidden?.hides(record) || url.search.includes(hidden.unless))
        .filter(inWindow(searchParams.get('filter[updatedAt]')));
      return answer(response, 200, cursorPage(shown, url, pageSize));
    }
    const [listPath = '', id = '', inside] = partsOf(pathname);
    const listName = LISTS[listPath];
    const records = listName
      ? documented.records[listName]
      : documented.others.get(listPath.split('/').at(-1) ?? '');
    const found = records?.find((record) => record.id === decodeURIComponent(id));
    if (found === undefined) return answer(response, 404, { message: 'not found' });
    if (inside === undefined) return answer(response, 200, withLists(found, pageSize));
    const below = documented.below.get(`${listPath.split('/').at(-1)}/${id}/${inside}`);
    if (below !== undefined) return answer(response, 200, cursorPage(below, url, pageSize));
    if (NEVER_INSIDE.includes(inside)) return answer(response, 200, cursorPage([], url, pageSize));
    const field = INSIDE[inside];
    return field === undefined
      ? answer(response, 404, { message: 'not found' })
      : answer(response, 200, cursorPage(elementsOf(found, field), url, pageSize));
  }
}

/** The path of a list, the id of one of its records, and what follows it. */
function partsOf(pathname: string): string[] {
  const [, ...parts] =
    /^(.*?\/v\d\/[a-z-]+|.*\/(?:requests|jobs))\/([^/]+)(?:\/([a-z-]+))?$/.exec(pathname) ?? [];
  return parts.filter((part) => part !== undefined);
}

/** `[from, to)`, as documented. */
function inWindow(filter: string | null): (record: JsonObject) => boolean {
  if (filter === null) return () => true;
  const [from = '', to = ''] = filter.split('..');
  return ({ updatedAt }) =>
    typeof updatedAt === 'string' && (from === '' || updatedAt >= from) && (to === '' || updatedAt < to);
}

function cursorPage(records: JsonObject[], { searchParams }: URL, pageSize: number): JsonObject {
  const [start = 0, empty = 0] = Buffer.from(searchParams.get('cursorState') ?? '', 'base64')
    .toString()
    .split(':')
    .map(Number);
  // Every second request meets an empty page that is not the last.
  if (start > 0 && empty === 0)
    return { pagination: { limit: pageSize, cursorState: cursorOf(start, 1), nextUrl: '' }, results: [] };
  const next = start + pageSize;
  const more = next < records.length;
  return {
    pagination: { limit: pageSize, ...(more && { cursorState: cursorOf(next, 0), nextUrl: '/elsewhere' }) },
    results: records.slice(start, next).map((record) => withLists(record, pageSize)),
  };
}

function cursorOf(start: number, empty: number): string {
  return Buffer.from(`${start}:${empty}`).toString('base64');
}

function offsetPage(records: JsonObject[], { searchParams }: URL, pageSize: number): JsonObject {
  const offset = Number(searchParams.get('offset') ?? 0);
  const newestFirst = searchParams.get('sort') === 'desc';
  const sorted = [...records].sort(
    (a, b) => String(a.createdAt).localeCompare(String(b.createdAt)) * (newestFirst ? -1 : 1),
  );
  return {
    pagination: { limit: pageSize, offset, totalResults: records.length },
    results: sorted.slice(offset, offset + pageSize),
  };
}

/** A record as its list shows it: the first elements of each list inside it, the others behind a cursor. */
function withLists(record: JsonObject, pageSize: number): JsonObject {
  const lists = Object.values(INSIDE)
    .filter((field) => record[field] !== undefined)
    .map((field) => {
      const elements = elementsOf(record, field);
      const more = elements.length > pageSize;
      // As in Autodesk's examples, the address of the next page is that of another list.
      const next = { cursorState: cursorOf(pageSize, 1), nextUrl: '/elsewhere' };
      const pagination = { limit: pageSize, ...(more && next) };
      return [field, { pagination, results: elements.slice(0, pageSize) }] as const;
    });
  return { ...record, ...Object.fromEntries(lists) };
}

function elementsOf(record: JsonObject, field: string): JsonObject[] {
  const list = record[field];
  const results: Json | undefined = isJsonObject(list) ? list.results : undefined;
  return Array.isArray(results) ? results.filter(isJsonObject) : [];
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return new URLSearchParams(body);
}

function answer(response: ServerResponse, status: number, body: JsonObject): ServerResponse {
  return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
