import { describe, expect, it } from 'vitest';
import { connect, DC, idsOf, pagination, results } from './client.ts';
import { startConnected } from './sandboxes.ts';

const REQUESTS = 'data-connector-requests';
const JOBS = 'data-connector-jobs';

async function start(scale = { requests: 50, jobs: 45 }) {
  const { sandbox, client } = await startConnected({ accountIds: ['account-1', 'account-2'], scale });
  const get = (path: string, query?: Record<string, string>) => client.get(`${DC}/account-1/${path}`, query);
  const ofAccount = (resource: typeof REQUESTS | typeof JOBS, accountId = 'account-1') =>
    sandbox.data.records(resource).filter((record) => record.accountId === accountId);
  return { sandbox, client, get, ofAccount };
}

describe('Data Connector lists', () => {
  it.each([
    ['requests', REQUESTS],
    ['jobs', JOBS],
  ] as const)('page %s by offset, 20 at a time, with a total', async (path, resource) => {
    const { get, ofAccount } = await start();
    const found: string[] = [];
    for (let offset = 0; ; offset += 20) {
      const page = await get(path, { offset: String(offset) });
      expect(pagination(page)).toEqual({ limit: 20, offset, totalResults: ofAccount(resource).length });
      if (results(page).length === 0) break;
      found.push(...idsOf(results(page)));
    }
    expect(found.toSorted()).toEqual(idsOf(ofAccount(resource)).toSorted());
    expect(new Set(found).size).toBe(found.length);
  });

  it('show each account its own records only', async () => {
    const { client, ofAccount } = await start();
    const page = await client.get(`${DC}/account-2/requests`, { limit: '100' });
    expect(idsOf(results(page))).toEqual(idsOf(ofAccount(REQUESTS, 'account-2')));
  });

  it('sort by date, and requests by fields, a hyphen turning the order round', async () => {
    const { get } = await start();
    const dates = async (path: string, query: Record<string, string>) =>
      results(await get(path, { ...query, limit: '100' })).map((record) => String(record.createdAt));
    for (const path of ['requests', 'jobs']) {
      const ascending = await dates(path, { sort: 'asc' });
      expect(ascending).toEqual(ascending.toSorted());
      const descending = await dates(path, { sort: 'desc' });
      expect(descending).toEqual(descending.toSorted().reverse());
    }
    const byCreation = await dates('requests', { sortFields: 'createdAt,nonsense' });
    expect(byCreation).toEqual(byCreation.toSorted());
    const twice = results(await get('requests', { sortFields: 'isActive,-updatedAt', limit: '100' }));
    const keys = twice.map((request) => [
      request.isActive === true ? 1 : 0,
      -Date.parse(String(request.updatedAt)),
    ]);
    expect(keys).toEqual(keys.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d));
  });

  it('filter requests by both bounds of a time, by value and by project', async () => {
    const { get, ofAccount } = await start();
    const requests = ofAccount(REQUESTS);
    const list = async (query: Record<string, string>) =>
      idsOf(results(await get('requests', { ...query, limit: '100' }))).toSorted();
    const expected = (fits: (request: (typeof requests)[number]) => boolean) =>
      idsOf(requests.filter(fits)).toSorted();
    const [low = '', high = ''] = requests
      .map((request) => String(request.updatedAt))
      .toSorted()
      .slice(10, 12);

    expect(await list({ 'filter[updatedAt]': `${low}..${high}` })).toHaveLength(2);
    expect(await list({ 'filter[updatedAt]': `${low}..` })).toEqual(
      expected((request) => String(request.updatedAt) >= low),
    );
    expect(await list({ 'filter[createdAt]': `..${low}` })).toEqual(
      expected((request) => String(request.createdAt) <= low),
    );
    expect(await list({ 'filter[isActive]': 'true' })).toEqual(
      expected((request) => request.isActive === true),
    );
    expect(await list({ 'filter[reocurringInterval]': '2' })).toEqual(
      expected((request) => request.reoccuringInterval === 2),
    );
    expect(await list({ 'filter[projectId]': 'null' })).toEqual(idsOf(requests).toSorted());
    for (const request of requests.slice(0, 4)) {
      const text = JSON.stringify(request.projectIdList);
      const projectId = /[0-9a-f-]{36}/.exec(text)?.[0] ?? '';
      expect(await list({ 'filter[projectId]': projectId })).toContain(request.id);
    }
  });

  it('refuse parameters that make no sense', async () => {
    const { get } = await start();
    for (const query of [
      { limit: '0' },
      { limit: 'x' },
      { offset: '-1' },
      { sort: 'up' },
      { 'filter[updatedAt]': '2026-01-01..' },
      { 'filter[description]': 'x' },
    ]) {
      expect((await get('requests', query)).status, JSON.stringify(query)).toBe(400);
    }
  });
});

describe('Data Connector records', () => {
  it('are read by id, each in its own account', async () => {
    const { get, client, ofAccount } = await start();
    const [request] = ofAccount(REQUESTS);
    const [job] = ofAccount(JOBS);
    expect((await get(`requests/${request?.id}`)).json).toEqual(request);
    expect((await get(`jobs/${job?.id}`)).json).toEqual(job);
    expect((await client.get(`${DC}/account-2/requests/${request?.id}`)).status).toBe(404);
    expect((await get('jobs/none')).status).toBe(404);
  });

  it('list the jobs of one request', async () => {
    const { get, ofAccount } = await start();
    const requestId = String(ofAccount(JOBS)[0]?.requestId);
    const page = await get(`requests/${requestId}/jobs`, { sort: 'desc' });
    expect(idsOf(results(page)).toSorted()).toEqual(
      idsOf(ofAccount(JOBS).filter((job) => job.requestId === requestId)).toSorted(),
    );
    expect((await get('requests/none/jobs')).status).toBe(404);
  });

  it('are nowhere for an account that is not there', async () => {
    const { client } = await start();
    expect((await client.get(`${DC}/account-3/requests`)).status).toBe(404);
    expect((await client.get(`${DC}/account-1`)).status).toBe(404);
  });
});

describe('changes of requests', () => {
  const NEW = {
    scheduleInterval: 'ONE_TIME',
    effectiveFrom: '2026-12-01T00:00:00.000Z',
    serviceGroups: ['admin'],
    callbackUrl: 'https://sync.example.com/callbacks/data-connector/x',
  };

  async function startWith(scopes: string[]) {
    const { sandbox } = await start();
    const { accessToken } = await connect(sandbox, scopes);
    const send = (method: string, path: string, body?: object) =>
      fetch(`${sandbox.origin}${DC}/account-1/requests${path}`, {
        method,
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
    const [request = {}] = sandbox.data
      .records(REQUESTS)
      .filter(({ accountId }) => accountId === 'account-1');
    return { sandbox, send, id: String(request.id) };
  }

  it('make, change and delete one, as the documents say', async () => {
    const { sandbox, send } = await startWith(['data:read', 'data:create', 'data:write']);
    const made = await send('POST', '', NEW);
    expect(made.status).toBe(201);
    const { id } = JSON.parse(await made.text());
    expect(sandbox.data.record(REQUESTS, id)).toMatchObject({
      ...NEW,
      isActive: true,
      accountId: 'account-1',
    });
    expect((await send('PATCH', `/${id}`, { isActive: false })).status).toBe(200);
    expect(sandbox.data.record(REQUESTS, id)).toMatchObject({ ...NEW, isActive: false });
    expect((await send('DELETE', `/${id}`)).status).toBe(204);
    expect(sandbox.data.record(REQUESTS, id)).toBeUndefined();
  });

  it('need their scopes', async () => {
    const { send, id } = await startWith(['data:read']);
    expect((await send('POST', '', NEW)).status).toBe(403);
    expect((await send('PATCH', `/${id}`, { isActive: false })).status).toBe(403);
    expect((await send('DELETE', `/${id}`)).status).toBe(403);
  });

  it.each([
    ['what is required is missing', 'POST', { ...NEW, serviceGroups: undefined }],
    ['a schedule has no interval', 'POST', { ...NEW, scheduleInterval: 'DAY' }],
    ['there are more than 50 projects', 'POST', { ...NEW, projectIdList: Array(51).fill('p') }],
    ['a field cannot be changed', 'PATCH', { dateRange: 'TODAY' }],
    ['nothing is changed', 'PATCH', {}],
  ])('are refused when %s', async (_what, method, body) => {
    const { send, id } = await startWith(['data:read', 'data:create', 'data:write']);
    expect((await send(method, method === 'PATCH' ? `/${id}` : '', body)).status).toBe(400);
  });

  it('are refused after 24 jobs in 24 hours', async () => {
    const { sandbox, send, id } = await startWith(['data:read', 'data:create', 'data:write']);
    for (let index = 0; index < 24; index += 1) {
      const createdAt = new Date().toISOString();
      sandbox.data.put(JOBS, { id: `job-${index}`, requestId: id, accountId: 'account-1', createdAt });
    }
    expect((await send('POST', '', NEW)).status).toBe(429);
  });
});
