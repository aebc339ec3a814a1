import { beforeEach, expect, it } from 'vitest';
import { noCounts, noTotals } from '../../shared/sync/state/partition.ts';
import type { FinishedRun, ScopeState } from '../../shared/sync/state/run.ts';
import type { Stores } from './stores.ts';

const RESOURCE = 'invites';
const SCOPE = 'company';

function endedOn(day: string): FinishedRun {
  return {
    id: `run-${day}`,
    mode: 'incremental',
    status: 'complete',
    startedAt: `2026-11-${day}T08:00:00.000Z`,
    finishedAt: `2026-11-${day}T08:01:00.000Z`,
    totals: noTotals(),
  };
}

/** How any store of runs keeps the state of a list. */
export function defineRunStoreContract(createStores: () => Promise<Stores>): void {
  let stores: Stores;

  beforeEach(async () => {
    stores = await createStores();
  });

  it('begins with nothing', async () => {
    expect(await stores.runs.read(RESOURCE, SCOPE)).toEqual({ resource: RESOURCE, scope: SCOPE });
    expect(await stores.runs.totalsOf('unknown')).toEqual(noTotals());
  });

  it('keeps a state whole', async () => {
    const state: ScopeState = {
      resource: RESOURCE,
      scope: SCOPE,
      activeRun: { id: 'r2', mode: 'incremental', phase: 're-read', startedAt: 'now', from: 'then' },
      pending: { mode: 'full', unfiltered: true, acceptDeletions: true, since: 'then' },
      watermark: 'then',
      lastRun: {
        id: 'r1',
        mode: 'full',
        status: 'failed',
        startedAt: 'a',
        finishedAt: 'b',
        totals: { ...noTotals(), lineItems: noCounts() },
        error: { code: 'C', message: 'm', remedy: 'r' },
      },
      lastFull: { id: 'r0', finishedAt: 'c' },
    };

    expect(await stores.runs.update(RESOURCE, SCOPE, () => state)).toEqual(state);
    expect(await stores.runs.read(RESOURCE, SCOPE)).toEqual(state);
    expect(await stores.runs.read(RESOURCE, 'other')).toEqual({ resource: RESOURCE, scope: 'other' });
  });

  it('leaves a state alone when there is nothing to change', async () => {
    await stores.runs.update(RESOURCE, SCOPE, (state) => ({ ...state, watermark: 'w' }));

    expect(await stores.runs.update(RESOURCE, SCOPE, () => undefined)).toMatchObject({ watermark: 'w' });
  });

  it('loses no change of many that are made at once', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        stores.runs.update(RESOURCE, SCOPE, (state) => ({
          ...state,
          watermark: [...(state.watermark ?? ''), index.toString(16)].sort().join(''),
        })),
      ),
    );

    expect((await stores.runs.read(RESOURCE, SCOPE)).watermark).toBe('0123456789ab');
  });

  it('keeps the runs that have ended, the latest first, each once', async () => {
    const { runs } = stores;
    for (const day of ['01', '02', '03']) await runs.keepEnded(RESOURCE, SCOPE, endedOn(day));
    await runs.keepEnded(RESOURCE, SCOPE, { ...endedOn('02'), status: 'failed' });

    const ids = async (options: { limit: number; before?: string }, scope = SCOPE) =>
      (await runs.ended(RESOURCE, scope, options)).map(({ id, status }) => `${id} ${status}`);
    expect(await ids({ limit: 10 })).toEqual(['run-03 complete', 'run-02 failed', 'run-01 complete']);
    expect(await ids({ limit: 1 })).toEqual(['run-03 complete']);
    expect(await ids({ limit: 10, before: endedOn('03').startedAt })).toEqual([
      'run-02 failed',
      'run-01 complete',
    ]);
    expect(await ids({ limit: 10 }, 'other')).toEqual([]);
  });

  it('forgets the runs that started before a moment, and all but the latest', async () => {
    const { runs } = stores;
    for (const day of ['01', '02', '03', '04']) await runs.keepEnded(RESOURCE, SCOPE, endedOn(day));

    await runs.forgetEnded(RESOURCE, SCOPE, endedOn('02').startedAt, 10);
    expect(await runs.ended(RESOURCE, SCOPE, { limit: 10 })).toHaveLength(3);
    await runs.forgetEnded(RESOURCE, SCOPE, endedOn('02').startedAt, 1);
    expect(await runs.ended(RESOURCE, SCOPE, { limit: 10 })).toEqual([endedOn('04')]);
  });

  it('adds up the totals of a run that is under way', async () => {
    for (const id of ['one', 'two']) {
      await stores.partitions.create({
        runId: 'run',
        id,
        phase: 'read',
        work: { kind: 'list' },
        state: 'open',
        origin: 'run',
        checkpoint: { pages: 0 },
        totals: { ...noTotals(), counts: { ...noCounts(), fetched: 7 }, pages: 2, readUnits: 0.5 },
        fence: 0,
        notBeforeMs: 0,
        resumes: 0,
        failures: 0,
        restarted: false,
      });
    }

    expect(await stores.runs.totalsOf('run')).toMatchObject({
      counts: { fetched: 14 },
      pages: 4,
      readUnits: 1,
    });
  });
}
