import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SANDBOX_RESOURCES } from '../../infra/sandbox/data/bidding-data.ts';
import { type MirroredSandbox, mirrorSandbox } from './mirrored-sandbox.ts';

const WORKERS = 8;
/** Those of the list that nothing may hold up, which come beside the others. */
const URGENT_WORKERS = 2;
const PAUSE_SECONDS = 4;
/** A request that was on its way when Autodesk asked for a pause has arrived by then, on a busy machine, too. */
const ON_ITS_WAY_MS = 2_500;
/** Everything but tokens. */
const DATA = /^GET \/(construction|data-connector)\//;

let mirror: MirroredSandbox;
beforeEach(async () => {
  mirror = await mirrorSandbox(
    {
      seed: 'storm',
      scale: { projects: 10, pairs: 120, invites: 500, forms: 30, requests: 40, jobs: 40 },
      tokens: { accessTokenCalls: 25 },
      latencyMs: 5,
    },
    { WORKER_CONCURRENCY: String(WORKERS) },
  );
});
afterEach(() => mirror.close());

describe('npm start -- --live against an Autodesk that is not well', () => {
  it('is complete and equal, and keeps quiet when it is asked to', async () => {
    const { faults, journal, authorization } = mirror.sandbox;
    faults.add({
      on: DATA,
      probability: 0.03,
      fault: { kind: 'rate-limited', retryAfterSeconds: PAUSE_SECONDS, as: 'seconds' },
    });
    faults.add({ on: DATA, probability: 0.05, fault: { kind: 'server-error', status: 503 } });
    faults.add({ on: DATA, probability: 0.03, fault: { kind: 'connection-reset' } });
    faults.add({ on: DATA, probability: 0.1, fault: { kind: 'empty-page' } });
    faults.add({ on: DATA, fault: { kind: 'short-page', records: 10 } });

    const { code, stderr, status } = await mirror.once();
    expect(code, stderr).toBe(0);
    expect(status.resources.map(({ lastRun }) => lastRun?.status)).toEqual(
      SANDBOX_RESOURCES.map(() => 'complete'),
    );
    expect(await mirror.differences()).toEqual([]);

    const throttled = journal.entries({ status: 429 });
    expect(throttled.length).toBeGreaterThan(0);
    expect(journal.count({ status: 503 })).toBeGreaterThan(0);
    expect(journal.entries().filter(({ status: answer }) => answer === undefined).length).toBeGreaterThan(0);
    expect(authorization.refreshes).toBeGreaterThan(2);
    expect(authorization.reusedRefreshTokens).toBe(0);

    const duringPause = journal.entries({ duringPause: true });
    console.log(
      `${journal.count()} requests, ${throttled.length} pauses, ${duringPause.length} requests in them`,
    );
    expect(duringPause.length).toBeLessThanOrEqual(throttled.length * (WORKERS + URGENT_WORKERS));
    const late = duringPause.filter(
      ({ atMs, api }) =>
        !throttled.some(
          (pause) => pause.api === api && atMs >= pause.atMs && atMs < pause.atMs + ON_ITS_WAY_MS,
        ),
    );
    expect(late).toEqual([]);
  }, 180_000);
});
