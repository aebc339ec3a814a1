import { expect, it } from 'vitest';
import { askForToken, BC, connect, DC } from './client.ts';
import { standingClock, startConnected, startForTest } from './sandboxes.ts';

it('keeps what was asked, when, and with which token', async () => {
  const clock = standingClock();
  const sandbox = await startForTest({ clock });
  const client = await connect(sandbox);
  clock.nowMs += 1000;
  await client.get(`${BC}/invites`, { limit: '5' });
  await client.get(`${BC}/invites/none`);
  expect(sandbox.journal.entries({ api: 'buildingconnected' })).toEqual([
    {
      atMs: clock.nowMs,
      api: 'buildingconnected',
      method: 'GET',
      path: `${BC}/invites`,
      query: 'limit=5',
      status: 200,
      tokenGeneration: 1,
      duringPause: false,
    },
    {
      atMs: clock.nowMs,
      api: 'buildingconnected',
      method: 'GET',
      path: `${BC}/invites/none`,
      query: '',
      status: 404,
      tokenGeneration: 1,
      duringPause: false,
    },
  ]);
  await askForToken(sandbox, { grant_type: 'refresh_token', refresh_token: client.refreshToken });
  expect(sandbox.journal.count({ api: 'authentication', method: 'POST', status: 200 })).toBe(2);
  expect(sandbox.journal.count({ path: /invites\?limit=5$/ })).toBe(1);
  sandbox.journal.clear();
  expect(sandbox.journal.count()).toBe(0);
});

it.each(['seconds', 'date'] as const)('marks calls to an API that has asked to pause, in %s', async (as) => {
  const clock = standingClock();
  const { sandbox, client } = await startConnected({ clock });
  sandbox.faults.add({ on: /invites/, fault: { kind: 'rate-limited', retryAfterSeconds: 10, as }, times: 1 });
  await client.get(`${BC}/invites`);
  clock.nowMs += 9999;
  await client.get(`${BC}/users/me`);
  await client.get(`${DC}/${sandbox.accountIds[0]}/jobs`);
  clock.nowMs += 1;
  await client.get(`${BC}/invites`);
  expect(sandbox.journal.entries({ duringPause: true }).map((entry) => entry.path)).toEqual([
    `${BC}/users/me`,
  ]);
});

it('knows how many requests were under way at once', async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { sandbox, client } = await startConnected({ clock: { now: () => Date.now(), sleep: () => gate } });
  sandbox.faults.add({ on: /invites/, fault: { kind: 'slow', latencyMs: 1 } });
  sandbox.journal.clear();
  const calls = [1, 2, 3].map(() => client.get(`${BC}/invites`));
  await expect.poll(() => sandbox.journal.count()).toBe(3);
  release();
  await Promise.all(calls);
  expect(sandbox.journal.peakInFlight).toBe(3);
});
