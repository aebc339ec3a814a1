import { expect, it } from 'vitest';
import type { EndedLanding, LandingStore, OpenLanding } from '../../shared/extracts/landing/landing.ts';

const ENDED_AT = '2026-11-22T08:00:00.000Z';

function open(jobId: string): OpenLanding {
  return {
    ...{ accountId: 'a1', requestId: 'r1', jobId, endedAt: ENDED_AT, dueAt: ENDED_AT },
    ...{ attempts: 0, files: [], rev: 0 },
  };
}

function ended(jobId: string, endedAt = ENDED_AT): EndedLanding {
  return {
    ...{ accountId: 'a1', requestId: 'r1', jobId, endedAt, at: ENDED_AT, outcome: 'landed' },
    ...{ keptUntil: '2999-01-01T00:00:00.000Z', refused: [] },
    files: [{ name: 'a.csv', size: 3, sha256: 'a'.repeat(64) }],
  };
}

/** What every landing store does. `createStore` answers an empty one. */
export function defineLandingStoreContract(createStore: () => Promise<LandingStore>): void {
  it('keeps a landing by account and job, and lists those that are open', async () => {
    const store = await createStore();
    await store.save(open('j2'));
    await store.save(open('j1'));

    expect(await store.open('a1')).toEqual([
      { ...open('j1'), rev: 1 },
      { ...open('j2'), rev: 1 },
    ]);
    expect(await store.open('a2')).toEqual([]);
    expect([await store.isKnown('a1', 'j1'), await store.isKnown('a1', 'j3')]).toEqual([true, false]);
  });

  it('saves only what nobody has changed since it was read', async () => {
    const store = await createStore();
    const first = await store.save(open('j1'));
    expect(first).toEqual({ ...open('j1'), rev: 1 });
    expect(await store.save(open('j1'))).toBeUndefined();
    const upload = { name: 'a.csv', size: 9, uploadId: 'u', partBytes: 8, tags: ['t'], hash: 'aGFzaA==' };
    const second = await store.save({ ...open('j1'), rev: 1, attempts: 1, upload });
    expect(second?.rev).toBe(2);
    expect(await store.save({ ...open('j1'), rev: 1 })).toBeUndefined();
    expect(await store.open('a1')).toEqual([{ ...open('j1'), attempts: 1, upload, rev: 2 }]);
  });

  it('knows a landing at its end, newest job first, and no longer as open', async () => {
    const store = await createStore();
    await store.save(open('j1'));
    await store.end(ended('j1'), 1);
    await store.end(ended('j1'), 1);
    await store.end(ended('j2', '2026-11-22T09:00:00.000Z'), 0);

    expect(await store.open('a1')).toEqual([]);
    expect((await store.ended('a1')).map(({ jobId }) => jobId)).toEqual(['j2', 'j1']);
    expect(await store.isKnown('a1', 'j1')).toBe(true);
  });

  it('moves the latest job of a request forward only', async () => {
    const store = await createStore();
    const latest = (jobId: string, endedAt: string) => store.advanceLatest(ended(jobId, endedAt));
    await latest('j1', '2026-11-22T08:00:00.000Z');
    expect(await latest('j2', '2026-11-22T09:00:00.000Z')).toMatchObject({ jobId: 'j2' });
    expect(await latest('j1', '2026-11-22T08:00:00.000Z')).toMatchObject({ jobId: 'j2' });
    expect(await store.advanceLatest({ ...ended('j0'), requestId: 'r2' })).toMatchObject({ jobId: 'j0' });
  });

  it('keeps one look at the jobs of each account', async () => {
    const store = await createStore();
    expect(await store.look('a1')).toBeUndefined();
    await store.keepLook('a1', { runId: 'run-1', createdAt: [] });
    await store.keepLook('a1', { runId: 'run-2', createdAt: [ENDED_AT] });
    expect(await store.look('a1')).toEqual({ runId: 'run-2', createdAt: [ENDED_AT] });
    expect(await store.look('a2')).toBeUndefined();
  });
}
