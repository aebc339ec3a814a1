import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { LifeEvent } from '../../../infra/sandbox/data/life.ts';
import type { Sandbox } from '../../../infra/sandbox/sandbox.ts';
import { type Json, parseJson } from '../../../shared/json.ts';
import { standingClock, startForTest } from './sandboxes.ts';

const PAIRS = 'opportunity-project-pairs';
const CYCLE_LENGTH = 18;

/** Where jobs call back to. */
const listeners: Server[] = [];
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.close().closeAllConnections();
});

async function listenForCallbacks(status = 202): Promise<{ url: string; bodies: Json[] }> {
  const bodies: Json[] = [];
  const listener = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      bodies.push(parseJson(text));
      response.writeHead(status).end();
    });
  });
  listeners.push(listener);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return { url: `http://127.0.0.1:${address.port}/callbacks`, bodies };
}

async function cycle(sandbox: Sandbox): Promise<LifeEvent[]> {
  const events: LifeEvent[] = [];
  for (let step = 0; step < CYCLE_LENGTH; step++) {
    const event = await sandbox.live.step();
    if (event !== undefined) events.push(event);
  }
  return events;
}

describe('a step of life', () => {
  it('brings every kind of event within one cycle', async () => {
    const sandbox = await startForTest();
    const events = await cycle(sandbox);
    expect(events).toHaveLength(CYCLE_LENGTH);
    expect(new Set(events.map((event) => event.kind)).size).toBe(CYCLE_LENGTH - 1);
    expect(new Set(events.map((event) => event.resource)).size).toBe(7);
  });

  it('is the same for the same seed', async () => {
    const events = async () => cycle(await startForTest({ clock: standingClock() }));
    expect(await events()).toEqual(await events());
  });

  it('makes a pair fail and heal, with updatedAt moving', async () => {
    const clock = standingClock();
    const sandbox = await startForTest({ clock });
    for (const [kind, status] of [
      ['pair-fails', 'FAILED'],
      ['pair-heals', 'SUCCESS'],
    ] as const) {
      clock.nowMs += 1000;
      const event = await sandbox.live.happen(kind);
      const pair = sandbox.data.record(PAIRS, event?.id ?? '');
      expect(pair?.fileStatus).toBe(status);
      expect(pair?.fileSyncingError === null).toBe(status === 'SUCCESS');
      expect(pair?.updatedAt).toBe(new Date(clock.nowMs).toISOString());
    }
  });

  it('heals a pair without moving updatedAt', async () => {
    const sandbox = await startForTest();
    const before = new Map(sandbox.data.records(PAIRS).map((pair) => [pair.id, pair]));
    const event = await sandbox.live.happen('pair-heals-quietly');
    const after = sandbox.data.record(PAIRS, event?.id ?? '');
    expect(before.get(after?.id ?? null)).toMatchObject({
      fileStatus: 'FAILED',
      updatedAt: after?.updatedAt,
    });
    expect(after).toMatchObject({ fileStatus: 'SUCCESS', fileSyncingError: null });
  });

  it('answers, sends and withdraws invites', async () => {
    const sandbox = await startForTest();
    const answered = await sandbox.live.happen('invite-answered');
    expect(sandbox.data.record('invites', answered?.id ?? '')?.state).toMatch(/BID/);
    const sent = await sandbox.live.happen('invite-sent');
    expect(sandbox.data.record('invites', sent?.id ?? '')?.state).toBe('UNDECIDED');
    const withdrawn = await sandbox.live.happen('invite-withdrawn');
    expect(sandbox.data.record('invites', withdrawn?.id ?? '')).toBeUndefined();
  });

  it('replaces a line item of a form and moves the form', async () => {
    const clock = standingClock();
    const sandbox = await startForTest({ clock });
    const before = new Map(
      sandbox.data
        .records('scope-specific-bid-forms')
        .map((form) => [
          form.id,
          sandbox.data.elements('scope-specific-bid-form-line-items', String(form.id)),
        ]),
    );
    const event = await sandbox.live.happen('form-changes');
    const old = before.get(event?.id ?? '') ?? [];
    const now = sandbox.data.elements('scope-specific-bid-form-line-items', event?.id ?? '');
    expect(now).toHaveLength(old.length);
    expect(now.map((item) => item.id)).not.toContain(old[0]?.id);
    expect(sandbox.data.record('scope-specific-bid-forms', event?.id ?? '')?.updatedAt).toBe(
      new Date(clock.nowMs).toISOString(),
    );
  });

  it('does nothing where there is nothing', async () => {
    const sandbox = await startForTest({ scale: { pairs: 0, invites: 0, forms: 0, requests: 0, jobs: 0 } });
    expect(await sandbox.live.step()).toBeUndefined();
  });

  it('keeps the company at its size over many steps', async () => {
    const sandbox = await startForTest();
    for (let round = 0; round < 30; round++) await cycle(sandbox);
    const sizes = [PAIRS, 'invites', 'scope-specific-bid-forms', 'data-connector-requests'] as const;
    const [pairs = 0, ...others] = sizes.map((resource) => sandbox.data.records(resource).length);
    expect(pairs).toBeLessThan(40);
    expect(others).toEqual([30, 6, 5]);
    expect(sandbox.data.records(PAIRS).filter((pair) => pair.fileStatus === 'FAILED').length).toBeLessThan(
      20,
    );
  });
});

describe('a job', () => {
  it('starts, finishes and calls back with what is documented', async () => {
    const sandbox = await startForTest();
    const { url, bodies } = await listenForCallbacks();
    sandbox.live.callbackUrl = url;
    const started = await sandbox.live.happen('job-starts');
    const job = sandbox.data.record('data-connector-jobs', started?.id ?? '');
    expect(job).toMatchObject({ status: 'running', completionStatus: null });
    const finished = await sandbox.live.happen('job-finishes');
    expect(finished).toMatchObject({ id: started?.id, callback: { url, outcome: 202 } });
    const done = sandbox.data.record('data-connector-jobs', started?.id ?? '');
    expect(done).toMatchObject({ status: 'complete', progress: 100 });
    expect(bodies).toEqual([
      {
        accountId: job?.accountId,
        requestId: job?.requestId,
        jobId: job?.id,
        state: 'complete',
        success: done?.completionStatus === 'success',
      },
    ]);
  });

  it("calls its request's own address when that is on this machine, and never another", async () => {
    const called: string[] = [];
    const fetchNothing: typeof fetch = async (address) => {
      called.push(String(address));
      throw new Error('nobody there');
    };
    const sandbox = await startForTest({ fetch: fetchNothing });
    await sandbox.live.happen('job-starts');
    expect(await sandbox.live.happen('job-finishes')).not.toHaveProperty('callback');
    expect(called).toEqual([]);
    for (const request of sandbox.data.records('data-connector-requests')) {
      sandbox.data.changeQuietly('data-connector-requests', String(request.id), {
        callbackUrl: 'http://localhost:9/x',
      });
    }
    await sandbox.live.happen('job-starts');
    const finished = await sandbox.live.happen('job-finishes');
    expect(finished?.callback).toEqual({ url: 'http://localhost:9/x', outcome: 'nobody there' });
    expect(called).toEqual(['http://localhost:9/x']);
  });
});

it('lives by itself from start to stop', async () => {
  let tick = () => {};
  const clock = {
    now: () => Date.now(),
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        tick = resolve;
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
  };
  const sandbox = await startForTest({ clock });
  const events: LifeEvent[] = [];
  sandbox.live.start(1000, (event) => events.push(event));
  expect(() => sandbox.live.start(1000)).toThrow('already live');
  tick();
  await expect.poll(() => events.length).toBe(1);
  tick();
  await expect.poll(() => events.length).toBe(2);
  await sandbox.live.stop();
  tick();
  expect(events).toHaveLength(2);
});
