import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { openPlace } from '../../infra/ops/run-ops.ts';
import { storesOf } from '../../infra/ops/targets/stores.ts';
import { status } from '../../infra/status/status.ts';
import { ops } from '../infra/ops/captured-terminal.ts';
import { type MirroredSandbox, mirrorSandbox } from './mirrored-sandbox.ts';

const BURST = 100;
const BUILDING_CONNECTED_LISTS = ['opportunity-project-pairs', 'invites', 'scope-specific-bid-forms'];

let mirror: MirroredSandbox;
let url: string;
beforeAll(async () => {
  mirror = await mirrorSandbox({ scale: { pairs: 10, invites: 40, forms: 5, requests: 10, jobs: BURST } });
  const { output } = mirror.start('--port', '0');
  await vi.waitUntil(() => output.stdout.includes('Callback URL'), { timeout: 100_000 });
  [url = ''] = /http:\S+/.exec(output.stdout) ?? [];
}, 120_000);
afterAll(() => mirror.close());

describe('the callback endpoint of npm start', { timeout: 120_000 }, () => {
  it('is where ops callback-url says', async () => {
    expect((await mirror.ops('callback-url')).stdout.trim()).toBe(url);
  });

  it('answers a hundred callbacks in a second, each before Autodesk is called, with two runs at most', async () => {
    const { data, faults, journal } = mirror.sandbox;
    const jobs = data.records('data-connector-jobs').slice(0, BURST);
    expect(jobs).toHaveLength(BURST);
    const before = journal.count();
    const runsBefore = await runsOf(BUILDING_CONNECTED_LISTS);
    // No run ends before all callbacks are confirmed, however slow this machine is.
    const { promise: confirmed, resolve: release } = Promise.withResolvers<void>();
    faults.add({ on: /^GET \/construction\//, fault: { kind: 'held', until: confirmed } });
    const startedMs = Date.now();
    const answers = await Promise.all(
      jobs.map(async ({ id }) => {
        const sentMs = performance.now();
        const answer = await post(callback({ jobId: String(id) }));
        return { ...answer, ms: performance.now() - sentMs, calls: journal.count() - before };
      }),
    );
    const times = answers.map(({ ms }) => Math.round(ms)).sort((a, b) => a - b);
    console.log(`${BURST} callbacks in ${Date.now() - startedMs} ms; slowest ${times.at(-1)} ms`);
    for (const { code, body } of answers) expect([code, body]).toEqual([202, '{"status":"accepted"}']);
    // A sender that hangs up before ten seconds is not known; on an idle machine this takes a fifth of a second.
    expect(times.at(-2)).toBeLessThan(10_000);
    expect(answers[0]?.calls).toBe(0);

    await expect.poll(unconfirmed, { timeout: 60_000, interval: 500 }).toBe(0);
    release();
    await expect.poll(isIdle, { timeout: 60_000, interval: 500 }).toBe(true);
    const runs = await runsOf(BUILDING_CONNECTED_LISTS);
    for (const list of BUILDING_CONNECTED_LISTS) {
      const since = (runs.get(list) ?? 0) - (runsBefore.get(list) ?? 0);
      expect([list, since >= 1 && since <= 2]).toEqual([list, true]);
    }
  });

  it('says duplicate to a job it knows, and takes what it does not know in a callback', async () => {
    const strange = callback({ jobId: 'job-1', state: 'cancelled', success: false, more: [1] });
    expect(await post(strange)).toMatchObject({ code: 202, body: '{"status":"accepted"}' });
    expect(await post(strange)).toMatchObject({ code: 202, body: '{"status":"duplicate"}' });
  });

  it.each([
    ['400 to what is no JSON', { body: '{' }, 400, ['body']],
    ['400 to missing fields, by name', { body: '{"state":"complete"}' }, 400, ['accountId', 'jobId']],
    ['403 to an account that is not mirrored', { fields: { accountId: 'another' } }, 403, []],
    ['404 to a wrong token', { path: 'x'.repeat(43) }, 404, []],
    ['405 to another method', { method: 'PUT' }, 405, []],
    ['413 to a large body', { fields: { filler: 'x'.repeat(17_000) } }, 413, []],
    ['415 to another media type', { type: 'text/plain' }, 415, []],
  ])('answers %s', async (_what, { body, fields, path, method, type }: Wrong, code, named) => {
    const before = mirror.sandbox.journal.count();
    const answer = await post(body ?? callback(fields ?? {}), {
      to: path === undefined ? url : url.replace(/[^/]+$/, path),
      method: method ?? 'POST',
      type: type ?? 'application/json',
    });
    expect(answer.code).toBe(code);
    expect(answer.type).toContain('application/problem+json');
    for (const field of named) expect(answer.body).toContain(field);
    expect(mirror.sandbox.journal.count()).toBe(before);
  });
});

interface Wrong {
  body?: string;
  fields?: Record<string, unknown>;
  path?: string;
  method?: string;
  type?: string;
}

/** As documented, with some fields different. */
function callback(fields: Record<string, unknown>): string {
  const [accountId] = mirror.sandbox.accountIds;
  return JSON.stringify({
    accountId,
    requestId: 'request-1',
    jobId: 'job-0',
    state: 'complete',
    success: true,
    ...fields,
  });
}

async function post(body: string, options: { to?: string; method?: string; type?: string } = {}) {
  const { to = url, method = 'POST', type = 'application/json' } = options;
  const response = await fetch(to, { method, body, headers: { 'content-type': type } });
  return { code: response.status, body: await response.text(), type: response.headers.get('content-type') };
}

/** How many runs of each list have ended or go on. */
async function runsOf(lists: readonly string[]): Promise<Map<string, number>> {
  const { out } = await ops(['runs', '--json', '--limit', '1000', '--data-dir', mirror.dataDir]);
  const runs = z.array(z.object({ resource: z.string() })).parse(JSON.parse(out));
  return new Map(lists.map((list) => [list, runs.filter(({ resource }) => resource === list).length]));
}

/** Callbacks that Autodesk has not been asked about yet. */
function unconfirmed(): Promise<number> {
  return openPlace({ dataDir: mirror.dataDir })(async (target) => {
    let count = 0;
    for (const accountId of target.accountIds) {
      for await (const _callback of storesOf(target).callbacks.list(accountId, 'received')) count += 1;
    }
    return count;
  });
}

/** Whether no run is active and no message waits. */
async function isIdle(): Promise<boolean> {
  const { out } = await ops(['status', '--json', '--data-dir', mirror.dataDir]);
  const { resources, queues } = status.parse(JSON.parse(out));
  const { waiting, delayed, inFlight } = queues.fetch;
  return (
    waiting + delayed + inFlight === 0 && resources.every(({ lastRun }) => lastRun?.status === 'complete')
  );
}
