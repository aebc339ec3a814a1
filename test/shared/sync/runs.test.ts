import { describe, expect, it } from 'vitest';
import {
  AutodeskUnavailableError,
  NeedsConsentError,
  RateLimitedError,
  RequestRefusedError,
} from '../../../shared/autodesk/http/errors.ts';
import { isoTime } from '../../../shared/clock.ts';
import { newPartition } from '../../../shared/sync/partitions/plan.ts';
import { noTotals } from '../../../shared/sync/state/partition.ts';
import { type Call, EngineKit } from '../../support/sync/sync-kit.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

function holdMany(kit: EngineKit, count: number): void {
  for (let index = 0; index < count; index += 1) kit.hold(`r${String(index).padStart(4, '0')}`, { index });
}

function failOnce(kit: EngineKit, error: Error, kind: Call['kind'] = 'list'): void {
  let failed = false;
  kit.beforeResponse = (call) => {
    if (failed || call.kind !== kind) return;
    failed = true;
    throw error;
  };
}

const forbidden = () => new RequestRefusedError('FORBIDDEN', 403);
const away = () => new AutodeskUnavailableError('HTTP 503');

describe('the first load', () => {
  it('is a full run, whatever was asked for, and stores everything', async () => {
    const kit = new EngineKit({ model: { pageSize: () => 30 } });
    holdMany(kit, 250);

    const { lastRun, watermark } = await kit.run({ mode: 'incremental' });

    expect(lastRun).toMatchObject({ mode: 'full', status: 'complete', totals: { counts: { created: 250 } } });
    expect((await kit.stored()).size).toBe(250);
    expect(watermark).toBe(lastRun?.startedAt);
    expect(kit.calls.every(({ kind }) => kind === 'list')).toBe(true);
  });

  it('of an empty list is complete', async () => {
    const { lastRun } = await new EngineKit().run();

    expect(lastRun).toMatchObject({ status: 'complete', totals: { counts: { fetched: 0 }, apiCalls: 1 } });
  });

  it('goes on over short and empty pages', async () => {
    const sizes = [0, 3, 1, 0, 7, 2];
    let page = 0;
    const pageSize = () => sizes[page++ % sizes.length] ?? 1;
    const kit = new EngineKit({ model: { pageSize } });
    holdMany(kit, 60);

    await kit.run();

    expect((await kit.stored()).size).toBe(60);
  });
});

describe('an incremental run', () => {
  it('reads the changed window and writes the changed records', async () => {
    const kit = new EngineKit();
    holdMany(kit, 400);
    kit.nowMs += DAY_MS;
    await kit.run();
    kit.nowMs += DAY_MS;
    for (const id of ['r0001', 'r0100', 'r0200', 'r0399']) kit.hold(id, { changed: true });
    kit.calls.length = 0;

    const { lastRun } = await kit.run();

    expect(lastRun).toMatchObject({
      mode: 'incremental',
      totals: { counts: { fetched: 4, created: 0, updated: 4, unchanged: 0 } },
    });
    expect(kit.calls).toHaveLength(1);
    expect((await kit.record('r0100'))?.data).toMatchObject({ changed: true });
  });

  it('reaches back before the watermark by the overlap', async () => {
    const kit = new EngineKit({ settings: { overlapMs: 30 * MINUTE_MS } });
    const { watermark } = await kit.run();
    kit.nowMs += DAY_MS;
    await kit.run();

    const from = isoTime(Date.parse(watermark ?? '') - 30 * MINUTE_MS);
    expect(kit.calls.at(-1)).toMatchObject({ request: { window: { from } } });
  });

  it('reaches back to the moment asked for, where that is earlier', async () => {
    const kit = new EngineKit();
    await kit.run();
    await kit.run({ mode: 'incremental', since: '2026-01-01T00:00:00.000Z' });
    expect(kit.calls.at(-1)).toMatchObject({ request: { window: { from: '2026-01-01T00:00:00.000Z' } } });

    await kit.run({ mode: 'incremental', since: '2027-01-01T00:00:00.000Z' });
    expect(kit.calls.at(-1)).toMatchObject({
      request: { window: { from: expect.stringContaining('2026-10-31') } },
    });
  });
});

describe('the watermark', () => {
  it("is Autodesk's date where the clock of this side is ahead", async () => {
    const kit = new EngineKit();
    kit.aheadMs = 5 * MINUTE_MS;
    const { watermark } = await kit.run();

    expect(watermark).toBe('2026-11-01T00:00:01.000Z');
  });

  it('is the start of the run where the clock of this side is behind', async () => {
    const kit = new EngineKit();
    kit.aheadMs = -5 * MINUTE_MS;
    const { watermark, lastRun } = await kit.run();

    expect(watermark).toBe(lastRun?.startedAt);
  });

  it('never moves with a run that failed', async () => {
    const kit = new EngineKit();
    holdMany(kit, 3);
    const { watermark } = await kit.run();
    kit.nowMs += DAY_MS;
    kit.hold('r0000', { changed: true });
    failOnce(kit, forbidden());

    const failed = await kit.run();
    expect(failed.lastRun).toMatchObject({ status: 'failed', error: { code: 'FORBIDDEN' } });
    expect(failed.watermark).toBe(watermark);

    await kit.run();
    expect((await kit.record('r0000'))?.data).toMatchObject({ changed: true });
  });
});

describe('triggers', () => {
  it('cost two runs at most, however many come', async () => {
    const kit = new EngineKit();
    await kit.run();
    const ids = new Set<string | undefined>();

    await Promise.all(Array.from({ length: 100 }, () => kit.request()));
    ids.add((await kit.state()).activeRun?.id);
    while (await kit.workOnNext()) ids.add((await kit.state()).activeRun?.id);
    await kit.drain();

    ids.delete(undefined);
    expect(ids.size).toBe(2);
  });

  it('that come during a run make another one start when it ends', async () => {
    const kit = new EngineKit();
    holdMany(kit, 3);
    await kit.request();
    let changed = false;
    kit.beforeResponse = () => {
      if (changed) return;
      changed = true;
      void kit.request({ mode: 'full' });
    };
    const first = (await kit.state()).activeRun?.id;
    const { lastRun } = await kit.drain();

    expect(lastRun?.id).not.toBe(first);
    expect(lastRun?.mode).toBe('full');
  });

  it('are served by the tick when the process died before it sent the message', async () => {
    const kit = new EngineKit();
    holdMany(kit, 3);
    await kit.request();
    kit.fetchQueue.waiting.length = 0;

    await kit.drain();

    expect((await kit.stored()).size).toBe(3);
  });
});

describe('failures', () => {
  it('that may pass are waited for, and the run is complete', async () => {
    const kit = new EngineKit({ model: { pageSize: () => 2 } });
    holdMany(kit, 9);
    let calls = 0;
    kit.beforeResponse = () => {
      calls += 1;
      if (calls % 2 === 0) throw calls % 4 === 0 ? away() : new RateLimitedError('buildingconnected', 30_000);
    };

    const { lastRun } = await kit.run();

    expect(lastRun).toMatchObject({ status: 'complete', totals: { counts: { created: 9, fetched: 9 } } });
  });

  it('no request is sent before the wait is over', async () => {
    const kit = new EngineKit();
    failOnce(kit, new RateLimitedError('buildingconnected', 10 * MINUTE_MS));
    const sentAt: number[] = [];
    const fail = kit.beforeResponse;
    kit.beforeResponse = (call) => {
      sentAt.push(kit.nowMs);
      fail(call);
    };
    await kit.run();

    expect((sentAt[1] ?? 0) - (sentAt[0] ?? 0)).toBeGreaterThanOrEqual(10 * MINUTE_MS);
  });

  it('that last for 24 hours fail the run', async () => {
    const kit = new EngineKit();
    kit.beforeResponse = () => {
      throw away();
    };
    const { lastRun } = await kit.run();

    expect(lastRun).toMatchObject({ status: 'failed', error: { code: 'STALLED_TOO_LONG' } });
    expect(Date.parse(lastRun?.finishedAt ?? '') - Date.parse(lastRun?.startedAt ?? '')).toBeGreaterThan(
      DAY_MS,
    );
  });

  it('count anew once the run has got on', async () => {
    const kit = new EngineKit({ model: { pageSize: () => 1 } });
    holdMany(kit, 4);
    let failuresLeft = 0;
    kit.beforeResponse = () => {
      if (failuresLeft > 0) {
        failuresLeft -= 1;
        throw away();
      }
      failuresLeft = 800;
    };
    const { lastRun } = await kit.run();

    expect(lastRun?.status).toBe('complete');
  });

  it('of one list leave the others alone and delete nothing', async () => {
    const kit = new EngineKit();
    holdMany(kit, 5);
    await kit.run();
    kit.beforeResponse = () => {
      throw forbidden();
    };
    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun).toMatchObject({
      status: 'failed',
      error: { code: 'FORBIDDEN', remedy: expect.any(String) },
      totals: { counts: { deleted: 0 } },
    });
    expect((await kit.stored()).size).toBe(5);
  });

  it('of a worker that has lost its lease leave the run to the other', async () => {
    const kit = new EngineKit();
    const { activeRun } = await kit.request();
    kit.beforeResponse = () => {
      kit.nowMs += 2 * MINUTE_MS;
      void kit.ports.partitions.acquire(activeRun?.id ?? '', 'read', 'another worker', kit.nowMs);
      throw forbidden();
    };
    await kit.workOnNext();

    expect((await kit.state()).activeRun?.id).toBe(activeRun?.id);
  });

  it('of the connection pause the run, without failing it, until somebody has signed in', async () => {
    const kit = new EngineKit();
    holdMany(kit, 3);
    let signedIn = false;
    kit.beforeResponse = () => {
      if (!signedIn) throw new NeedsConsentError('revoked');
    };
    await kit.request();
    for (let minute = 0; minute < 3 * 24 * 60; minute += 1) {
      while (await kit.workOnNext());
      kit.nowMs += MINUTE_MS;
      await kit.tick();
    }
    expect((await kit.state()).activeRun).toBeDefined();

    signedIn = true;
    const { lastRun } = await kit.drain();
    expect(lastRun).toMatchObject({ status: 'complete', totals: { counts: { created: 3 } } });
  });

  it('before a long pause do not count towards the 24 hours', async () => {
    const kit = new EngineKit();
    holdMany(kit, 3);
    let answer: () => void = () => {
      throw away();
    };
    kit.beforeResponse = () => answer();
    await kit.request();
    await kit.workOnNext();
    answer = () => {
      throw new NeedsConsentError('revoked');
    };
    for (let hour = 0; hour < 30; hour += 1) {
      kit.nowMs += 60 * MINUTE_MS;
      await kit.tick();
      while (await kit.workOnNext());
    }
    let left = 2;
    answer = () => {
      left -= 1;
      if (left > 0) throw away();
    };

    expect((await kit.drain()).lastRun?.status).toBe('complete');
  });
});

describe('adoption', () => {
  it('takes over what a failed full run had finished', async () => {
    const kit = new EngineKit({ model: { pageSize: () => 20, totalOf: () => 6_000 } });
    for (let index = 0; index < 100; index += 1) {
      kit.hold(`r${index}`, {}, { updatedAt: isoTime(Date.UTC(2026, 0, 1) + index * DAY_MS) });
    }
    let lists = 0;
    kit.beforeResponse = ({ kind }) => {
      if (kind === 'list') lists += 1;
      if (lists === 9) throw forbidden();
    };
    const failed = await kit.run({ mode: 'full' });
    expect(failed.lastRun?.status).toBe('failed');
    kit.beforeResponse = () => {};
    kit.calls.length = 0;

    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun).toMatchObject({ status: 'complete' });
    expect((await kit.stored()).size).toBe(100);
    const again = new EngineKit({ model: { pageSize: () => 20, totalOf: () => 6_000 } });
    for (const record of kit.held.values()) again.held.set(record.id, record);
    await again.run({ mode: 'full' });
    expect(kit.callsOf('list').length).toBeLessThan(again.callsOf('list').length);
  });

  it('goes on with a split that was under way, for other cuts would not fit its windows', async () => {
    const kit = new EngineKit();
    const [early, late] = ['2026-03-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z'];
    for (const moment of ['2026-01-01T00:00:00.000Z', early, '2026-04-01T00:00:00.000Z', late]) {
      kit.hold(`r-${moment}`.replaceAll(':', '-'), {}, { updatedAt: moment });
    }
    const startedAt = isoTime(kit.nowMs);
    const failed = {
      id: 'failed',
      mode: 'full',
      status: 'failed',
      startedAt,
      finishedAt: startedAt,
    } as const;
    await kit.ports.runs.update(kit.resource.name, kit.scope, (state) => ({
      ...state,
      lastRun: { ...failed, totals: noTotals() },
    }));
    const run = { id: 'failed', mode: 'full', phase: 'read', startedAt } as const;
    const plan = { partPages: 8, level: 1 };
    const whole = newPartition(run, 'read', 'read', { kind: 'list' });
    const window = { from: early, to: late };
    await kit.ports.partitions.create({
      ...whole,
      checkpoint: { pages: 0, split: { cuts: [early, late], plan } },
    });
    await kit.ports.partitions.create(
      newPartition(run, 'read', `read@${early}`, { kind: 'list', window, plan }),
    );

    const { lastRun } = await kit.run({ mode: 'full' });

    const partitions = await kit.ports.partitions.ofRun(lastRun?.id ?? '');
    const read = partitions.filter(({ phase }) => phase === 'read');
    expect(read.map(({ work }) => work.kind === 'list' && work.window)).toEqual([
      { to: early },
      window,
      { from: late },
    ]);
    expect((await kit.stored()).size).toBe(4);
  });

  it('does not take over a sweep that the guard has stopped: what it could not see may be seen again', async () => {
    const kit = new EngineKit();
    holdMany(kit, 10);
    kit.nowMs += DAY_MS;
    await kit.run();
    const hidden = [...kit.held.values()].slice(0, 5);
    for (const { id } of hidden) kit.held.delete(id);
    expect((await kit.run({ mode: 'full' })).lastRun?.error?.code).toBe('MASS_DELETION_STOPPED');

    for (const record of hidden) kit.held.set(record.id, record);
    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun).toMatchObject({ status: 'complete', totals: { counts: { deleted: 0 } } });
  });
});
