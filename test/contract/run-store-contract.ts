import { beforeEach, expect, it } from 'vitest';
import { noCounts, noTotals } from '../../shared/sync/state/partition.ts';
import type { ScopeState } from '../../shared/sync/state/run.ts';
import type { Stores } from './stores.ts';

const RESOURCE = 'invites';
const SCOPE = 'company';

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
