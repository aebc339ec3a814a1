import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { AutodeskClient } from '../../../shared/autodesk/client/client.ts';
import type { AccessToken } from '../../../shared/autodesk/client/token-source.ts';
import {
  AutodeskUnavailableError,
  mayBeRefusedCursor,
  RateLimitedError,
  RepeatedCursorError,
  RequestRefusedError,
  TokenRefusedError,
  UnexpectedResponseError,
} from '../../../shared/autodesk/http/errors.ts';
import { AutodeskHttp } from '../../../shared/autodesk/http/http.ts';
import { autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { ExactNumber } from '../../../shared/json.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import { findResource } from '../../../shared/resources/registry.ts';
import type { Resource } from '../../../shared/resources/resource.ts';
import { connectionError, type FakeResponse, fakeFetch, json } from '../../support/autodesk/fake-fetch.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const ACCOUNT = 'f9abf4c8-1f51-4b26-a6b7-6ac0639cb138';
const pairs = resource('opportunity-project-pairs');
const invites = resource('invites');
const forms = resource('scope-specific-bid-forms');
const requests = resource('data-connector-requests');
const jobs = resource('data-connector-jobs');
const page = (records: unknown[], cursorState?: string) =>
  json({ pagination: { limit: 100, cursorState }, results: records });
const firstPage = { resource: pairs, scope: 'company', limit: 100 };

function resource(name: string): Resource {
  const found = findResource(name);
  if (found === undefined) throw new Error(`no resource ${name}`);
  return found;
}

function setUp(...answers: FakeResponse[]) {
  const { fetch, seen } = fakeFetch(...answers);
  return { seen, ...connect(fetch, 'https://autodesk.test') };
}

function connect(fetch: typeof globalThis.fetch, origin: string, timeoutMs = 1_000) {
  const clock = new VirtualClock();
  const usage = new Usage();
  const pauses: number[] = [];
  const taken: string[] = [];
  let generation = 1;
  const client = new AutodeskClient({
    http: new AutodeskHttp({ fetch, origin: autodeskOrigin.parse(origin), timeoutMs, mode: 'test' }),
    tokens: {
      get: async (): Promise<AccessToken> => ({ value: `access-${generation}`, generation }),
      refused: (token) => {
        generation = token.generation + 1;
      },
    },
    budget: {
      take: async (api) => void taken.push(api),
      pause: async (_api, ms) => void pauses.push(ms),
    },
    clock,
    randomness: { fraction: () => 0.5, hex: () => 'ab' },
    log: silentLog,
    metrics: noMetrics,
    usage,
  });
  return { client, clock, usage, pauses, taken };
}

describe('the requests it sends', () => {
  it('asks for a window of updatedAt as from..to, with the token, the mode and no redirects', async () => {
    const { client, seen } = setUp(page([]));

    await client.list({
      ...firstPage,
      window: { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' },
    });

    expect(seen[0]?.url).toBe(
      'https://autodesk.test/construction/buildingconnected/v2/opportunity-project-pairs' +
        '?filter[updatedAt]=2026-01-01T00%3A00%3A00.000Z..2026-02-01T00%3A00%3A00.000Z&limit=100',
    );
    expect(seen[0]?.headers.get('authorization')).toBe('Bearer access-1');
    expect(seen[0]?.headers.get('x-bc-mode')).toBe('test');
    expect(seen[0]?.headers.get('user-agent')).toBe('buildingconnected-sync');
    expect(seen[0]?.redirect).toBe('manual');
  });

  it('leaves an open end open and sends the filter again with the cursor', async () => {
    const { client, seen } = setUp(page([]));

    await client.list({
      ...firstPage,
      window: { from: '2026-01-01T00:00:00.000Z' },
      position: { cursor: 'a/b=' },
    });

    expect(seen[0]?.url).toContain('filter[updatedAt]=2026-01-01T00%3A00%3A00.000Z..&');
    expect(seen[0]?.url).toContain('cursorState=a%2Fb%3D');
  });

  it('asks for totals on the first page only, and never for more than 100 records', async () => {
    const { client, seen } = setUp(
      json({ pagination: { cursorState: 'c', totalResults: 812 }, results: [{ id: 'r1' }] }),
    );

    const first = await client.list({ resource: invites, scope: 'company', limit: 500 });
    await client.list({ resource: invites, scope: 'company', limit: 100, position: { cursor: 'c' } });

    expect(first.total).toBe(812);
    expect(seen[0]?.url).toContain('includeTotalResults=true&limit=100');
    expect(seen[1]?.url).not.toContain('includeTotalResults');
  });

  it('sorts offset lists by creation, or from the newest where it is asked to', async () => {
    const empty = () => json({ pagination: { limit: 100, offset: 0, totalResults: 0 }, results: [] });
    const { client, seen } = setUp(empty);

    await client.list({ resource: requests, scope: ACCOUNT, limit: 100, position: { offset: 200 } });
    await client.list({ resource: jobs, scope: ACCOUNT, limit: 10, newestFirst: true });

    expect(seen[0]?.url).toBe(
      `https://autodesk.test/data-connector/v1/accounts/${ACCOUNT}/requests?sortFields=createdAt&limit=100&offset=200`,
    );
    expect(seen[1]?.url).toContain('/jobs?sort=desc&limit=10');
  });

  it('encodes ids in paths, and refuses those that would name another path', async () => {
    const { client, seen } = setUp(json({ pagination: {}, results: [] }));

    const [list] = forms.nested ?? [];
    if (list === undefined) throw new TypeError('Forms have a list.');
    const id = 'a/../b?';
    await client.nested({
      resource: forms,
      list,
      scope: 'company',
      id,
      position: { cursor: 'x' },
      limit: 50,
    });

    expect(seen[0]?.url).toBe(
      'https://autodesk.test/construction/buildingconnected/v2/scope-specific-bid-forms/a%2F..%2Fb%3F/line-items' +
        '?limit=50&cursorState=x',
    );
    await expect(client.read(pairs, 'company', '..')).rejects.toThrow(UnexpectedResponseError);
    expect(seen).toHaveLength(1);
  });
});

describe('the pages it reads', () => {
  it('ends a cursor list only where there is no cursor, however short the page', async () => {
    const { client } = setUp(
      page([], 'next'),
      page([{ id: 'a' }]),
      json({ pagination: { cursorState: null, nextUrl: '' }, results: [] }),
    );

    expect(await client.list(firstPage)).toMatchObject({ records: [], next: { cursor: 'next' } });
    expect((await client.list(firstPage)).next).toBeUndefined();
    expect((await client.list(firstPage)).next).toBeUndefined();
  });

  it('goes on in an offset list until the total, past an empty page', async () => {
    const offsets = (results: unknown[]) => json({ pagination: { totalResults: 250 }, results });
    const { client } = setUp(offsets([1, 2, 3]), offsets([]), offsets(Array(100).fill(0)));
    const at = (offset: number) =>
      client.list({ resource: requests, scope: ACCOUNT, limit: 100, position: { offset } });

    expect((await at(100)).next).toEqual({ offset: 103 });
    expect((await at(103)).next).toEqual({ offset: 203 });
    expect((await at(150)).next).toBeUndefined();
  });

  it('leaves records as they were sent, and tells when it asked and what time the server had', async () => {
    const body = '{"pagination":{},"results":[{"id":"a","n":1.00000000000000000001},7,null]}';
    const { client } = setUp(new Response(body, { headers: { date: 'Sun, 22 Nov 2026 08:00:01 GMT' } }));

    const read = await client.list(firstPage);

    expect(read.records).toEqual([{ id: 'a', n: new ExactNumber('1.00000000000000000001') }, 7, null]);
    expect(read.readAt).toBe('2026-11-22T00:00:00.000Z');
    expect(read.serverDate).toBe('2026-11-22T08:00:01.000Z');
  });

  it.each([
    ['HTML', () => new Response('<html>Sign in to the proxy</html>')],
    ['cut JSON', () => new Response('{"pagination":{},"results":[{"id":')],
    ['no pagination', () => json({ results: [] })],
    ['no results', () => json({ pagination: {} })],
    ['an error in a 200', () => json({ error: 'oops' })],
    ['204', () => new Response(null, { status: 204 })],
  ])('tries a few times, then gives up on %s', async (_name, answer) => {
    const { client, usage } = setUp(answer);

    await expect(client.list(firstPage)).rejects.toThrow(UnexpectedResponseError);
    expect(usage.apiCalls).toBe(4);
  });

  it('gets over a page that was broken once', async () => {
    const { client } = setUp(new Response('{"pagi'), page([{ id: 'a' }]));

    expect((await client.list(firstPage)).records).toHaveLength(1);
  });

  it('reads an empty page that leads to itself up to three times more, with growing waits', async () => {
    const { client, clock, seen } = setUp(
      page([], 'c1'),
      page([], 'c1'),
      page([], 'c1'),
      page([{ id: 'r1' }]),
    );
    const startedAtMs = clock.now();

    const { records } = await client.list({ ...firstPage, position: { cursor: 'c1' } });

    expect(records).toEqual([{ id: 'r1' }]);
    expect(seen).toHaveLength(4);
    expect(clock.now() - startedAtMs).toBeGreaterThan(1_000);
  });

  it('fails where such a page stays as it is', async () => {
    const { client, clock, seen } = setUp(page([], 'c1'));
    const startedAtMs = clock.now();

    await expect(client.list({ ...firstPage, position: { cursor: 'c1' } })).rejects.toThrow(
      RepeatedCursorError,
    );

    expect(seen).toHaveLength(4);
    expect(clock.now() - startedAtMs).toBeLessThan(10_000);
  });

  it('takes an empty page that leads on for what it is', async () => {
    const { client, seen } = setUp(page([], 'c2'));

    expect(await client.list({ ...firstPage, position: { cursor: 'c1' } })).toMatchObject({
      next: { cursor: 'c2' },
    });

    expect(seen).toHaveLength(1);
  });

  it('never follows a redirect', async () => {
    const { client, seen } = setUp(
      new Response(null, { status: 302, headers: { location: 'https://else.test' } }),
    );

    await expect(client.list(firstPage)).rejects.toThrow(/redirect/);
    expect(seen).toHaveLength(1);
  });
});

describe('a read by id', () => {
  it('tells found from absent', async () => {
    const { client } = setUp(
      json({ id: 'a', fileStatus: 'SUCCESS' }),
      json({ title: 'gone' }, { status: 404 }),
    );

    expect(await client.read(pairs, 'company', 'a')).toMatchObject({ kind: 'found', record: { id: 'a' } });
    expect(await client.read(pairs, 'company', 'a')).toEqual({
      kind: 'absent',
      readAt: '2026-11-22T00:00:00.000Z',
    });
  });

  it.each([
    ['the 404 page of a proxy', () => new Response('<html>', { status: 404 })],
    ['another record', () => json({ id: 'b' })],
    ['a list', () => json([{ id: 'a' }])],
  ])('takes %s for neither', async (_name, answer) => {
    const { client } = setUp(answer);

    await expect(client.read(pairs, 'company', 'a')).rejects.toThrow(UnexpectedResponseError);
  });

  it('does not take a lost permission for an absence', async () => {
    const { client } = setUp(json({}, { status: 403 }));

    await expect(client.read(pairs, 'company', 'a')).rejects.toThrow(RequestRefusedError);
  });
});

describe('what may pass by itself', () => {
  it.each([
    ['a 500', () => new Response('', { status: 500 })],
    ['a 503', () => new Response('', { status: 503 })],
    ['a reset', connectionError('ECONNRESET')],
    ['a refused connection', connectionError('ECONNREFUSED')],
  ])('is tried four times: %s', async (_name, answer) => {
    const { client, usage, taken } = setUp(answer);

    await expect(client.list(firstPage)).rejects.toThrow(AutodeskUnavailableError);
    expect(usage.apiCalls).toBe(4);
    expect(taken).toHaveLength(4);
  });

  it('is over after one failure', async () => {
    const { client } = setUp(new Response('', { status: 502 }), page([{ id: 'a' }]));

    expect((await client.list(firstPage)).records).toHaveLength(1);
  });

  it.each([
    ['seconds', '7', 7_000],
    ['a date', 'Sun, 22 Nov 2026 00:00:09 GMT', 9_000],
    ['nothing', undefined, 2_000],
    ['nonsense', 'soon', 2_000],
    ['317 years', '9999999999', 900_000],
  ])('makes all workers pause after a 429 with %s', async (_name, retryAfter, pauseMs) => {
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
    const { client, pauses } = setUp(json({}, { status: 429, headers }), page([]));

    await client.list(firstPage);

    expect(pauses).toEqual([pauseMs]);
  });

  it('makes all workers pause after a 503 that names a time, and after no other', async () => {
    const named = setUp(new Response('', { status: 503, headers: { 'retry-after': '30' } }), page([]));
    await named.client.list(firstPage);
    expect(named.pauses).toEqual([30_000]);

    const unnamed = setUp(new Response('', { status: 503 }), page([]));
    await unnamed.client.list(firstPage);
    expect(unnamed.pauses).toEqual([]);
  });

  it('is unavailable when it met nothing but 503s that name a time', async () => {
    const { client, usage } = setUp(new Response('', { status: 503, headers: { 'retry-after': '1' } }));

    await expect(client.list(firstPage)).rejects.toThrow(AutodeskUnavailableError);
    expect(usage.apiCalls).toBe(4);
  });

  it('hands a call back that met nothing but 429s', async () => {
    const { client, usage } = setUp(() => json({}, { status: 429, headers: { 'retry-after': '1' } }));

    await expect(client.list(firstPage)).rejects.toThrow(RateLimitedError);
    expect(usage.apiCalls).toBe(4);
  });
});

describe('a refused token', () => {
  it('is replaced by a newer one', async () => {
    const { client, seen } = setUp(json({}, { status: 401 }), page([]));

    await client.list(firstPage);

    expect(seen.map((request) => request.headers.get('authorization'))).toEqual([
      'Bearer access-1',
      'Bearer access-2',
    ]);
  });

  it('ends the call after five generations', async () => {
    const { client, usage } = setUp(() => json({}, { status: 401 }));

    await expect(client.list(firstPage)).rejects.toThrow(TokenRefusedError);
    expect(usage.apiCalls).toBe(5);
  });

  it('is not replaced when it is of the wrong kind', async () => {
    const body = {
      developerMessage: 'You are not authorized to use a 2-legged token',
      errorCode: 'AUTH-001',
    };
    const { client, usage } = setUp(() => json(body, { status: 401 }));

    await expect(client.list(firstPage)).rejects.toMatchObject({ code: 'TWO_LEGGED_TOKEN' });
    expect(usage.apiCalls).toBe(1);
  });
});

describe('a refusal', () => {
  it.each([
    [pairs, 'company', 403, { code: 'BC_PRO_SUBSCRIPTION_REQUIRED' }, 'SUBSCRIPTION_REQUIRED'],
    [pairs, 'company', 403, { errorCode: 'AUTH-010' }, 'WRONG_SCOPE'],
    [pairs, 'company', 403, { title: 'Token lacks the required scope data:read' }, 'WRONG_SCOPE'],
    [forms, 'company', 403, { title: 'No required access to scope-specific-bid-forms' }, 'FORBIDDEN'],
    [pairs, 'company', 403, {}, 'FORBIDDEN'],
    [requests, ACCOUNT, 403, {}, 'APP_NOT_IN_ACCOUNT'],
    [requests, ACCOUNT, 404, {}, 'ACCOUNT_UNKNOWN'],
    [pairs, 'company', 404, {}, 'NOT_FOUND'],
    [pairs, 'company', 400, { title: 'query.limit should be <= 100' }, 'BAD_REQUEST'],
    [pairs, 'company', 422, {}, 'BAD_REQUEST'],
  ] as const)('of %o in %s with %i %o is %s', async (of, scope, status, body, code) => {
    const { client, usage } = setUp(json(body, { status }));

    await expect(client.list({ resource: of, scope, limit: 100 })).rejects.toMatchObject({ code, status });
    expect(usage.apiCalls).toBe(1);
  });

  it('repeats a short title of the server, and nothing that could be a token', async () => {
    const title = `bad cursor ${'x'.repeat(40)} <- here`;
    const { client } = setUp(json({ title }, { status: 400 }));

    await expect(client.list(firstPage)).rejects.toThrow(/bad cursor … <- here/);
  });

  it('may be of a cursor unless it is of the caller', () => {
    expect(mayBeRefusedCursor(new RequestRefusedError('BAD_REQUEST', 400))).toBe(true);
    expect(mayBeRefusedCursor(new RequestRefusedError('NOT_FOUND', 404))).toBe(true);
    expect(mayBeRefusedCursor(new RequestRefusedError('FORBIDDEN', 403))).toBe(false);
    expect(mayBeRefusedCursor(new RateLimitedError('buildingconnected', 1))).toBe(false);
  });
});

describe('over a real connection', () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  async function serve(listener: Parameters<typeof createServer>[1], timeoutMs?: number) {
    const server = createServer(listener ?? (() => {}));
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return connect(globalThis.fetch, `http://127.0.0.1:${address.port}`, timeoutMs);
  }

  it('takes a body shorter than its content-length for a broken answer', async () => {
    const { client, usage } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"pagination":{},"results":[]}', () => response.destroy());
    });

    await expect(client.list(firstPage)).rejects.toThrow(UnexpectedResponseError);
    expect(usage.apiCalls).toBe(4);
  });

  it('does not wait for a body that never ends', async () => {
    const { client } = await serve((_request, response) => {
      response.writeHead(200).write('{');
    }, 50);

    await expect(client.list(firstPage)).rejects.toThrow(/timeout/);
  });

  it('tells a connection that never opened', async () => {
    const { client } = await serve(undefined);
    await new Promise((resolve) => servers[0]?.close(resolve));

    await expect(client.list(firstPage)).rejects.toThrow(/never-opened \(ECONNREFUSED\)/);
  });

  it('reads who is signed in', async () => {
    const { client } = await serve((_request, response) => response.end('{"id":"u1","companyId":"c1"}'));

    expect(await client.signedInUser()).toEqual({ id: 'u1', companyId: 'c1' });
  });
});

describe('an origin', () => {
  it.each([
    'https://developer.api.autodesk.com',
    'https://host:8443/',
    'http://127.0.0.1:1',
    'http://localhost:80',
    'http://[::1]:9',
  ])('may be %s', (text) => expect(autodeskOrigin.safeParse(text).success).toBe(true));

  it.each([
    'http://developer.api.autodesk.com',
    'http://127.0.0.1.evil.test',
    'https://user@host',
    'https://host/path',
    'ftp://host',
    'host',
    '',
  ])('may not be %j', (text) => expect(autodeskOrigin.safeParse(text).success).toBe(false));
});
