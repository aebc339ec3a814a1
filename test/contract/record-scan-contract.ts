import { beforeEach, describe, expect, it } from 'vitest';
import { contentHash } from '../../shared/records/content-hash.ts';
import type { RecordKey } from '../../shared/records/record.ts';
import type { RecordStore, RecordVersion } from '../../shared/records/record-store.ts';
import type { RecordScan } from '../../shared/records/scan/record-scan.ts';
import { requireResource } from '../../shared/resources/registry.ts';
import { collect, type Stores } from './stores.ts';

const INVITES = requireResource('invites');
const BIDS = requireResource('bids');
const T1 = '2026-11-01T00:00:00.000Z';
const T2 = '2026-11-02T00:00:00.000Z';
const T3 = '2026-11-03T00:00:00.000Z';
const TIMES = [T1, T2, T3];

/** How all that is stored of a list is read. */
export function defineRecordScanContract(createStores: () => Promise<Stores>): void {
  let store: RecordStore;
  let scan: RecordScan;

  beforeEach(async () => {
    const stores = await createStores();
    store = stores.records;
    scan = stores.scan;
  });

  const put = (v: number, key: RecordKey, more: Partial<RecordVersion> = {}) => {
    const data = { id: key.id, v };
    const readAt = TIMES[v - 1] ?? T1;
    const hash = contentHash(JSON.stringify(data));
    return store.put({
      ...key,
      scope: 'company',
      data,
      readAt,
      contentHash: hash,
      attention: false,
      ...more,
    });
  };
  const ids = async (resource = INVITES, scope = 'company') =>
    (await collect(scan.everyRecord(resource, scope)))
      .flat()
      .map(({ id }) => id)
      .sort();
  const marks = async (resource = INVITES) =>
    (await collect(scan.recordMarks(resource, 'company'))).join('\n');

  describe('records', () => {
    it('are all there, deleted ones too, each once, apart by scope', async () => {
      const many = Array.from({ length: 230 }, (_, index) => `r${index}`);
      await Promise.all(many.map((id) => put(1, { resource: 'invites', id })));
      await store.markDeleted({ resource: 'invites', id: 'r7' }, T2);
      await put(1, { resource: 'invites', id: 'elsewhere' }, { scope: 'other' });
      expect(await ids()).toEqual([...many].sort());
      expect(await ids(INVITES, 'other')).toEqual(['elsewhere']);
      const gone = (await collect(scan.everyRecord(INVITES, 'company'))).flat();
      expect(gone.filter(({ deletedAt }) => deletedAt !== undefined)).toMatchObject([
        { id: 'r7', deletedAt: T2, data: { id: 'r7', v: 1 } },
      ]);
    });

    it('come with the elements of their nested lists, and without those of other records', async () => {
      for (const id of ['a', 'b']) {
        await put(1, { resource: 'bids', id });
        await put(1, { resource: 'bid-line-items', parentId: id, id: `line-${id}` });
        await put(1, { resource: 'bid-plugs', parentId: id, id: `plug-${id}` });
        await store.putOrder(
          { resource: 'bid-line-items', parentId: id },
          { ids: [`line-${id}`], readAt: T1 },
        );
      }
      expect(await ids(BIDS)).toEqual(['a', 'b', 'line-a', 'line-b', 'plug-a', 'plug-b']);
    });

    it('have marks that stay while nothing changes, and change with every record', async () => {
      await put(1, { resource: 'invites', id: 'a' });
      await put(1, { resource: 'invites', id: 'b' });
      const seen = [await marks()];
      expect(await marks()).toBe(seen[0]);
      await put(2, { resource: 'invites', id: 'b' });
      seen.push(await marks());
      await store.markDeleted({ resource: 'invites', id: 'b' }, T3);
      seen.push(await marks());
      await put(1, { resource: 'invites', id: 'c' });
      seen.push(await marks());
      expect(new Set(seen).size).toBe(4);
    });

    it('have marks that change with the lists inside them', async () => {
      await put(1, { resource: 'bids', id: 'a' });
      await store.closeLists({ resource: 'bids', id: 'a' }, { listHash: 'one', readAt: T1 });
      const before = await marks(BIDS);
      await store.closeLists({ resource: 'bids', id: 'a' }, { listHash: 'two', readAt: T2 });
      expect(await marks(BIDS)).not.toBe(before);
    });
  });

  describe('versions that were replaced', () => {
    it('are all there, of records and of elements, with when they were replaced', async () => {
      const many = Array.from({ length: 120 }, (_, index) => `r${index}`);
      for (const v of [1, 2]) await Promise.all(many.map((id) => put(v, { resource: 'bids', id })));
      for (const v of [1, 2, 3]) await put(v, { resource: 'bid-line-items', parentId: 'r1', id: 'line' });
      await put(1, { resource: 'bids', id: 'elsewhere' }, { scope: 'other' });
      await put(2, { resource: 'bids', id: 'elsewhere' }, { scope: 'other' });

      const versions = (await collect(scan.everyVersion(BIDS, 'company'))).flat();
      const records = versions.filter(({ resource }) => resource === 'bids');
      expect(records.map(({ id }) => id).sort()).toEqual([...many].sort());
      expect(records[0]).toMatchObject({ scope: 'company', data: { v: 1 }, readAt: T1, replacedAt: T2 });
      const lines = versions.filter(({ resource }) => resource === 'bid-line-items');
      expect(lines.map(({ parentId, data }) => [parentId, data.v]).sort()).toEqual([
        ['r1', 1],
        ['r1', 2],
      ]);
    });

    it('have marks that stay while none is added or forgotten', async () => {
      const versionMarks = async () =>
        (await collect(scan.versionMarks(INVITES, 'company'))).sort().join('\n');
      await put(1, { resource: 'invites', id: 'a' });
      expect(await versionMarks()).toBe('');
      await put(2, { resource: 'invites', id: 'a' });
      const one = await versionMarks();
      expect(one).not.toBe('');
      expect(await versionMarks()).toBe(one);
      await put(3, { resource: 'invites', id: 'a' });
      expect(await versionMarks()).not.toBe(one);
      for await (const old of store.replacedBefore('invites', 'company', T3)) await store.forget(old);
      expect((await collect(scan.everyVersion(INVITES, 'company'))).flat()).toMatchObject([
        { data: { v: 2 } },
      ]);
    });
  });
}
