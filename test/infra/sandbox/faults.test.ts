import { describe, expect, it } from 'vitest';
import { askForToken, BC, connect, DC, idsOf, pagination, results, walk } from './client.ts';
import { standingClock, startConnected, startForTest } from './sandboxes.ts';

const INVITES = /\/invites/;

describe('faults instead of an answer', () => {
  it('throttle with Retry-After in seconds, as a date, or without', async () => {
    const clock = standingClock();
    const { sandbox, client } = await startConnected({ clock });
    sandbox.faults.add({ on: INVITES, fault: { kind: 'rate-limited', retryAfterSeconds: 7 }, times: 1 });
    sandbox.faults.add({
      on: INVITES,
      fault: { kind: 'rate-limited', retryAfterSeconds: 7, as: 'date' },
      times: 1,
    });
    sandbox.faults.add({ on: INVITES, fault: { kind: 'rate-limited' }, times: 1 });
    const answers = [
      await client.get(`${BC}/invites`),
      await client.get(`${BC}/invites`),
      await client.get(`${BC}/invites`),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([429, 429, 429]);
    const [seconds, date, none] = answers.map((answer) => answer.headers.get('retry-after'));
    expect(seconds).toBe('7');
    expect(Date.parse(date ?? '')).toBe(clock.nowMs + 7000);
    expect(none).toBeNull();
    expect((await client.get(`${BC}/invites`)).status).toBe(200);
  });

  it.each([
    ['a server error', { kind: 'server-error', status: 503 }, 503],
    ['a refused token', { kind: 'unauthorized' }, 401],
    ['any other 403', { kind: 'forbidden' }, 403],
    ['a 404', { kind: 'not-found' }, 404],
    ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:1/' }, 302],
  ] as const)('send %s', async (_what, fault, status) => {
    const { sandbox, client } = await startConnected();
    sandbox.faults.add({ on: INVITES, fault });
    expect((await client.get(`${BC}/invites`)).status).toBe(status);
    expect((await client.get(`${BC}/users/me`)).status).toBe(200);
  });

  it('say which subscription or which consent of an account is missing', async () => {
    const { sandbox, client } = await startConnected();
    sandbox.faults.add({ on: INVITES, fault: { kind: 'subscription-required' } });
    sandbox.faults.add({ on: /data-connector/, fault: { kind: 'app-not-in-account' } });
    const subscription = await client.get(`${BC}/invites`);
    expect(subscription.status).toBe(403);
    expect(subscription.text).toContain('BC_PRO_SUBSCRIPTION_REQUIRED');
    const account = await client.get(`${DC}/${sandbox.accountIds[0]}/jobs`);
    expect(account.status).toBe(403);
    expect(account.text).toContain('custom integration');
  });

  it('answer 200 with a web page or with another shape', async () => {
    const { sandbox, client } = await startConnected();
    sandbox.faults.add({ on: INVITES, fault: { kind: 'html' }, times: 1 });
    sandbox.faults.add({ on: INVITES, fault: { kind: 'wrong-shape' }, times: 1 });
    sandbox.faults.add({ on: INVITES, fault: { kind: 'wrong-shape', body: '{"results":[{}]}' }, times: 1 });
    const page = await client.get(`${BC}/invites`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect((await client.get(`${BC}/invites`)).json).not.toHaveProperty('results');
    expect((await client.get(`${BC}/invites`)).text).toBe('{"results":[{}]}');
  });

  it('cut the connection before anything is done', async () => {
    const sandbox = await startForTest();
    const { refreshToken } = await connect(sandbox);
    sandbox.faults.add({ on: /\/token/, fault: { kind: 'connection-reset' }, times: 1 });
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
    await expect(askForToken(sandbox, form)).rejects.toThrow();
    expect((await askForToken(sandbox, form)).status).toBe(200);
  });
});

describe('faults of an answer', () => {
  it('rotate a token and lose the answer', async () => {
    const sandbox = await startForTest();
    const { refreshToken } = await connect(sandbox);
    sandbox.faults.add({ on: /\/token/, fault: { kind: 'answer-lost' }, times: 1 });
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
    await expect(askForToken(sandbox, form)).rejects.toThrow();
    expect((await askForToken(sandbox, form)).json.error).toBe('invalid_grant');
  });

  it('send half a body, as if it were all or breaking off', async () => {
    const { sandbox, client } = await startConnected();
    sandbox.faults.add({ on: INVITES, fault: { kind: 'truncated-body' }, times: 1 });
    sandbox.faults.add({ on: INVITES, fault: { kind: 'broken-off' }, times: 1 });
    const half = await client.get(`${BC}/invites`);
    expect(half.status).toBe(200);
    expect(() => JSON.parse(half.text)).toThrow(SyntaxError);
    await expect(client.get(`${BC}/invites`)).rejects.toThrow();
    expect(results(await client.get(`${BC}/invites`)).length).toBe(30);
  });

  it('answer late', async () => {
    const waits: number[] = [];
    const clock = { now: () => Date.now(), sleep: async (ms: number) => void waits.push(ms) };
    const { sandbox, client } = await startConnected({ clock, latencyMs: 5 });
    waits.length = 0;
    sandbox.faults.add({ on: INVITES, fault: { kind: 'slow', latencyMs: 100 } });
    sandbox.faults.add({ on: INVITES, fault: { kind: 'server-error', status: 500 }, times: 1 });
    expect((await client.get(`${BC}/invites`)).status).toBe(500);
    expect((await client.get(`${BC}/invites`)).status).toBe(200);
    expect((await client.get(`${BC}/users/me`)).status).toBe(200);
    expect(waits).toEqual([105, 105, 5]);
  });
});

describe('faults of a page', () => {
  for (const cursorStyle of ['key', 'offset'] as const) {
    for (const listOrder of ['id', 'unordered'] as const) {
      it(`make pages short or empty and lose nothing, with ${cursorStyle} cursors and order ${listOrder}`, async () => {
        const { sandbox, client } = await startConnected({ cursorStyle, listOrder });
        sandbox.faults.add({ on: INVITES, fault: { kind: 'empty-page' }, probability: 0.4 });
        sandbox.faults.add({ on: INVITES, fault: { kind: 'short-page', records: 3 }, probability: 0.5 });
        const pages = await walk(client, `${BC}/invites`, { limit: '10' });
        expect(idsOf(pages.flatMap(results))).toEqual(idsOf(sandbox.data.records('invites')));
        const sizes = new Set(pages.map((page) => results(page).length));
        expect(sizes.has(0) && sizes.has(3)).toBe(true);
        const cursors = pages.map((page) => pagination(page).cursorState);
        expect(new Set(cursors).size).toBe(cursors.length);
      });
    }
  }

  it('make nested pages short or empty and lose nothing', async () => {
    const { sandbox, client } = await startConnected();
    const formId = String(sandbox.data.records('scope-specific-bid-forms')[0]?.id);
    sandbox.faults.add({ on: /line-items/, fault: { kind: 'empty-page' }, probability: 0.4 });
    sandbox.faults.add({ on: /line-items/, fault: { kind: 'short-page', records: 2 } });
    const pages = await walk(client, `${BC}/scope-specific-bid-forms/${formId}/line-items`);
    expect(pages.flatMap(results)).toEqual(
      sandbox.data.elements('scope-specific-bid-form-line-items', formId),
    );
  });

  it('shorten offset pages', async () => {
    const { sandbox, client } = await startConnected();
    sandbox.faults.add({ on: /\/requests/, fault: { kind: 'short-page', records: 2 } });
    const page = await client.get(`${DC}/${sandbox.accountIds[0]}/requests`);
    expect(results(page).length).toBe(2);
    expect(pagination(page).totalResults).toBe(5);
  });

  it('repeat a cursor', async () => {
    const { sandbox, client } = await startConnected();
    sandbox.faults.add({ on: INVITES, fault: { kind: 'repeated-cursor' } });
    const first = pagination(await client.get(`${BC}/invites`, { limit: '5' })).cursorState;
    const second = await client.get(`${BC}/invites`, { limit: '5', cursorState: String(first) });
    expect(pagination(second).cursorState).toBe(first);
  });
});

describe('fault rules', () => {
  it('let requests pass first, strike so many times, and can be ended', async () => {
    const { sandbox, client } = await startConnected();
    sandbox.faults.add({ on: INVITES, fault: { kind: 'not-found' }, after: 1, times: 2 });
    const statuses = async (count: number) => {
      const found: number[] = [];
      for (let call = 0; call < count; call++) found.push((await client.get(`${BC}/invites`)).status);
      return found;
    };
    expect(await statuses(4)).toEqual([200, 404, 404, 200]);
    const end = sandbox.faults.add({ on: INVITES, fault: { kind: 'not-found' } });
    expect(await statuses(1)).toEqual([404]);
    end();
    expect(await statuses(1)).toEqual([200]);
    sandbox.faults.add({ on: INVITES, fault: { kind: 'not-found' } });
    sandbox.faults.clear();
    expect(await statuses(1)).toEqual([200]);
  });

  it('see the method and the decoded query', async () => {
    const { sandbox, client } = await startConnected();
    sandbox.faults.add({ on: /^GET .*filter\[projectId\]=x/, fault: { kind: 'not-found' } });
    expect((await client.get(`${BC}/invites`, { 'filter[projectId]': 'x' })).status).toBe(404);
    expect((await client.get(`${BC}/invites`)).status).toBe(200);
  });

  it('strike the same requests for the same seed', async () => {
    const struck = async (seed: string) => {
      const { sandbox, client } = await startConnected({ seed });
      sandbox.faults.add({ on: INVITES, fault: { kind: 'not-found' }, probability: 0.5 });
      const statuses: number[] = [];
      for (let call = 0; call < 30; call++)
        statuses.push((await client.get(`${BC}/invites`, { limit: '1' })).status);
      return statuses.join();
    };
    const first = await struck('one');
    expect(await struck('one')).toBe(first);
    expect(await struck('two')).not.toBe(first);
    expect(first).toContain('200');
    expect(first).toContain('404');
  });
});
