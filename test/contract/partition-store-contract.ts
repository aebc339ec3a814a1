import { beforeEach, describe, expect, it } from 'vitest';
import { LeaseLostError } from '../../shared/sync/state/errors.ts';
import { releaseLease } from '../../shared/sync/state/lease.ts';
import { LEASE_MS, noTotals, type Partition } from '../../shared/sync/state/partition.ts';
import type { PartitionStore } from '../../shared/sync/state/stores.ts';
import { collect, type Stores } from './stores.ts';

function aPartition(of: Partial<Partition> = {}): Partition {
  return {
    runId: 'run',
    id: 'read',
    phase: 'read',
    work: { kind: 'list', window: { from: '2026-11-01T00:00:00.000Z' } },
    state: 'open',
    origin: 'run',
    checkpoint: { pages: 3, position: { cursor: 'c3' }, loop: { cursor: 'c1', power: 2, steps: 1 } },
    totals: noTotals(),
    fence: 0,
    notBeforeMs: 0,
    resumes: 0,
    failures: 0,
    restarted: false,
    ...of,
  };
}

function aPart(id: string) {
  return {
    list: 'scope-specific-bid-form-line-items',
    readAt: '2026-11-01T00:00:00.000Z',
    entries: [{ id, contentHash: `hash of ${id}` }],
  };
}

/** How any store of partitions hands out leases and keeps what belongs to a run. */
export function definePartitionStoreContract(createStores: () => Promise<Stores>): void {
  let store: PartitionStore;

  beforeEach(async () => {
    store = (await createStores()).partitions;
  });

  const acquire = (owner: string, nowMs: number) => store.acquire('run', 'read', owner, nowMs);

  it('keeps a partition as it was created, and creates it once', async () => {
    await store.create(aPartition());
    await store.create(aPartition({ checkpoint: { pages: 0 } }));

    expect(await store.ofRun('run')).toEqual([aPartition()]);
    expect(await store.ofRun('other')).toEqual([]);
  });

  it('lists the partitions of a run, however much else the run keeps', async () => {
    for (const id of ['read', 'read@2026', 'catch-up']) await store.create(aPartition({ id }));
    await store.addSeen('run', 'read', 0, new Uint8Array(8));
    await store.keepParts('run', 'read', 'form', 0, []);

    expect((await store.ofRun('run')).map(({ id }) => id).sort()).toEqual(['catch-up', 'read', 'read@2026']);
  });

  describe('leases', () => {
    beforeEach(() => store.create(aPartition()));

    it('go to one owner at a time', async () => {
      const taken = await Promise.all(Array.from({ length: 8 }, (_, index) => acquire(`owner-${index}`, 0)));

      expect(taken.filter((partition) => partition !== undefined)).toHaveLength(1);
    });

    it('last for a minute and raise the fence', async () => {
      expect(await acquire('one', 0)).toMatchObject({ fence: 1, lease: { owner: 'one', untilMs: LEASE_MS } });
      expect(await acquire('two', LEASE_MS - 1)).toBeUndefined();
      expect(await acquire('two', LEASE_MS)).toMatchObject({
        fence: 2,
        lease: { owner: 'two' },
        resumes: 1,
      });
    });

    it('are refused for what is done, not due, or unknown', async () => {
      const owned = await acquire('one', 0);
      if (owned === undefined) throw new Error('The lease was free.');
      await store.save(releaseLease(owned, 5_000));

      expect(await acquire('two', 4_999)).toBeUndefined();
      expect(await acquire('two', 5_000)).toMatchObject({ resumes: 0 });
      expect(await store.acquire('run', 'unknown', 'one', 0)).toBeUndefined();
    });

    it('let the owner save, and nobody after another has taken over', async () => {
      const first = await acquire('one', 0);
      const second = await acquire('two', LEASE_MS);
      if (first === undefined || second === undefined) throw new Error('The leases were free.');

      await store.save({ ...second, checkpoint: { pages: 9 } });
      await expect(store.save({ ...first, checkpoint: { pages: 1 } })).rejects.toThrow(LeaseLostError);
      expect(await store.ofRun('run')).toMatchObject([{ checkpoint: { pages: 9 } }]);
    });

    it('are not to be had for a partition that is done', async () => {
      const owned = await acquire('one', 0);
      if (owned === undefined) throw new Error('The lease was free.');
      await store.save({ ...releaseLease(owned, 0), state: 'done' });

      expect(await acquire('two', 0)).toBeUndefined();
    });

    it('are over with a partition that was saved as done, also for its owner', async () => {
      const owned = await acquire('one', 0);
      if (owned === undefined) throw new Error('It was not acquired.');
      await store.save({ ...releaseLease(owned, 0), state: 'done' });
      // Its answer was lost, so that the owner takes it for not done.
      await expect(store.save(releaseLease(owned, 0))).rejects.toThrow(LeaseLostError);
      expect(await store.ofRun(owned.runId)).toMatchObject([{ state: 'done' }]);
    });

    it('cannot be saved for a partition that was forgotten', async () => {
      const owned = await acquire('one', 0);
      if (owned === undefined) throw new Error('The lease was free.');
      await store.forget('run');

      await expect(store.save(owned)).rejects.toThrow(LeaseLostError);
    });
  });

  it('keeps the hashes of each page once, by partition', async () => {
    await store.addSeen('run', 'read', 0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    await store.addSeen('run', 'read', 1, Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9));
    await store.addSeen('run', 'read', 1, Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1));
    await store.addSeen('run', 'read@2026', 0, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0));

    const chunks = await collect(store.seen('run', 'read'));
    expect(chunks.map((chunk) => [...chunk])).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [8, 7, 6, 5, 4, 3, 2, 1],
    ]);
    expect(await collect(store.seen('run', 'catch-up'))).toEqual([]);
  });

  it('keeps the parts of a list in order and answers as many as asked for', async () => {
    for (let chunk = 0; chunk < 12; chunk += 1) {
      await store.keepParts('run', 'read', 'form', chunk, [aPart(`${chunk}a`), aPart(`${chunk}b`)]);
    }
    await store.keepParts('run', 'read', 'form', 1, [aPart('replaced')]);
    await store.keepParts('run', 'read', 'form2', 0, [aPart('other')]);

    expect(await store.keptParts('run', 'read', 'form', 3)).toEqual(
      ['0a', '0b', 'replaced', '2a', '2b'].map(aPart),
    );
    expect(await store.keptParts('run', 'read', 'form', 12)).toHaveLength(23);
    expect(await store.keptParts('run', 'read', 'form', 0)).toEqual([]);
  });

  it('forgets a run with all that belongs to it, and no other', async () => {
    for (const runId of ['run', 'run2']) {
      await store.create(aPartition({ runId }));
      for (let page = 0; page < 60; page += 1)
        await store.addSeen(runId, 'read', page, new Uint8Array(8).fill(page));
      await store.keepParts(runId, 'read', 'form', 0, [aPart('a')]);
    }
    await store.forget('run');

    expect(await store.ofRun('run')).toEqual([]);
    expect(await collect(store.seen('run', 'read'))).toEqual([]);
    expect(await store.keptParts('run', 'read', 'form', 1)).toEqual([]);
    expect(await store.ofRun('run2')).toHaveLength(1);
    expect(await collect(store.seen('run2', 'read'))).toHaveLength(60);
  });
}
