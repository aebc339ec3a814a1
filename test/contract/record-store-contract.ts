import { beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson, isJsonObject, type JsonObject, parseJson } from '../../shared/json.ts';
import { contentHash } from '../../shared/records/content-hash.ts';
import type { ListKey, RecordKey } from '../../shared/records/record.ts';
import { keyText, type RecordStore, type RecordVersion } from '../../shared/records/record-store.ts';
import { RecordRefusedError } from '../../shared/records/refusal.ts';
import { collect, type Stores } from './stores.ts';

const INVITES = 'invites';
const T1 = '2026-11-01T00:00:00.000Z';
const T2 = '2026-11-02T00:00:00.000Z';
const T3 = '2026-11-03T00:00:00.000Z';

function anInvite(version: Partial<RecordVersion> & { id: string }): RecordVersion {
  const data = version.data ?? { id: version.id };
  return {
    resource: INVITES,
    scope: 'company',
    data,
    readAt: T1,
    contentHash: contentHash(JSON.stringify(data)),
    attention: false,
    ...version,
  };
}

function objectFrom(text: string): JsonObject {
  const value = parseJson(text);
  if (!isJsonObject(value)) throw new TypeError('A record is an object.');
  return value;
}

/** How any mirror keeps records. */
export function defineRecordStoreContract(createStores: () => Promise<Stores>): void {
  let store: RecordStore;

  beforeEach(async () => {
    store = (await createStores()).records;
  });

  const dataOf = async (id: string) => (await store.get({ resource: INVITES, id }))?.data;
  const liveIds = async (scope = 'company') =>
    (await collect(store.liveKeys(INVITES, scope)))
      .flat()
      .map(({ id }) => id)
      .sort();

  describe('payloads', () => {
    it.each([
      ['empty', '{"id":"x","empty":"","list":[],"object":{},"nothing":null,"no":false}'],
      ['with keys that JavaScript gives a meaning', '{"id":"x","__proto__":{"a":1},"constructor":"c"}'],
      ['with a name of a prototype inside', '{"id":"x","deep":{"__proto__":"text","toString":[1]}}'],
      ['with names that look like it', '{"id":"x","___proto__":3,"____proto__":[4],"__proto__":5,"proto":6}'],
      ['with text in other scripts', '{"id":"x","name":"Zoë 建設 🏗️ \\u0000 \\"quoted\\""}'],
      ['with an integer beyond a double', '{"id":"x","n":9007199254740993}'],
      ['with 38 digits', '{"id":"x","n":12345678901234567890123456789012345678}'],
      ['with fractions', '{"id":"x","n":[0.1,-2.5,1e-7,123456.789,-0.000001]}'],
      ['with large powers', '{"id":"x","n":[1e22,1e125,1e-130]}'],
    ])('keeps a record %s exactly', async (_case, text) => {
      const data = objectFrom(text);
      await store.put(anInvite({ id: 'x', data }));

      expect(canonicalJson((await dataOf('x')) ?? null)).toBe(canonicalJson(data));
    });

    it.each(['1e130', '123456789012345678901234567890123456789', '1e-140'])(
      'refuses a record with the number %s, which DynamoDB cannot hold',
      async (number) => {
        const data = objectFrom(`{"id":"x","n":${number}}`);

        await expect(store.put(anInvite({ id: 'x', data }))).rejects.toThrow(RecordRefusedError);
        expect(await dataOf('x')).toBeUndefined();
      },
    );

    it('refuses a record larger than an item may be', async () => {
      const data = { id: 'x', text: 'x'.repeat(420 * 1024) };

      await expect(store.put(anInvite({ id: 'x', data }))).rejects.toThrow(RecordRefusedError);
    });
  });

  describe('the order of versions', () => {
    it.each([
      ['later update', { updatedAt: T2, readAt: T1 }, 'stored'],
      ['later reading of the same update', { updatedAt: T1, readAt: T3 }, 'stored'],
      ['same version again', { updatedAt: T1, readAt: T2 }, 'stored'],
      ['earlier reading of the same update', { updatedAt: T1, readAt: T1 }, 'superseded'],
      ['earlier update read later', { updatedAt: '2026-10-01T00:00:00.000Z', readAt: T3 }, 'superseded'],
      ['version without a time, read later', { readAt: T3 }, 'stored'],
      ['version without a time, read earlier', { readAt: T1 }, 'superseded'],
    ] as const)('treats a %s as it should', async (_case, version, outcome) => {
      await store.put(anInvite({ id: 'x', updatedAt: T1, readAt: T2, data: { id: 'x', is: 'first' } }));

      expect(await store.put(anInvite({ id: 'x', ...version, data: { id: 'x', is: 'second' } }))).toBe(
        outcome,
      );
      expect(await dataOf('x')).toEqual({ id: 'x', is: outcome === 'stored' ? 'second' : 'first' });
    });

    it.each([
      ['earlier', T1, 'superseded'],
      ['at the same moment', T2, 'stored'],
      ['later', T3, 'stored'],
    ] as const)('orders versions without a time by their reading: %s', async (_case, readAt, outcome) => {
      await store.put(anInvite({ id: 'x', readAt: T2 }));

      expect(await store.put(anInvite({ id: 'x', readAt, data: { id: 'x', other: true } }))).toBe(outcome);
      expect(await store.put(anInvite({ id: 'x', readAt, updatedAt: T1 }))).toBe(outcome);
    });

    it('creates a record that is not stored, and leaves one that is, even a deleted one', async () => {
      const created = () => store.create(anInvite({ id: 'x', readAt: T3, data: { id: 'x', new: true } }));
      await store.put(anInvite({ id: 'x', readAt: T1 }));
      expect(await created()).toBe('exists');
      await store.markDeleted({ resource: INVITES, id: 'x' }, T2);
      expect(await created()).toBe('exists');
      expect(await dataOf('x')).not.toHaveProperty('new');

      await store.purge({ resource: INVITES, id: 'x' });
      expect(await created()).toBe('stored');
      expect(await dataOf('x')).toHaveProperty('new');
    });

    it('lets one of many versions written at once win: the newest', async () => {
      const versions = Array.from({ length: 20 }, (_, index) =>
        anInvite({ id: 'x', updatedAt: `2026-11-01T00:00:${10 + index}.000Z`, data: { id: 'x', index } }),
      );
      await Promise.all([...versions].reverse().map((version) => store.put(version)));

      expect(await dataOf('x')).toEqual({ id: 'x', index: 19 });
    });
  });

  it('answers many records at once, by key, deleted ones too, and none for what is not stored', async () => {
    const ids = Array.from({ length: 150 }, (_, index) => `r${index}`);
    await Promise.all(ids.slice(0, 120).map((id) => store.put(anInvite({ id, updatedAt: T1 }))));
    await store.markDeleted({ resource: INVITES, id: 'r7' }, T2);

    const found = await store.getMany([...ids, ...ids].map((id) => ({ resource: INVITES, id })));

    expect(found.size).toBe(120);
    expect(found.get(`${INVITES}#r7`)).toEqual(await store.get({ resource: INVITES, id: 'r7' }));
    expect(found.get(`${INVITES}#r8`)).toEqual(await store.get({ resource: INVITES, id: 'r8' }));
    expect(await store.getMany([])).toEqual(new Map());
  });

  describe('heads', () => {
    it('answers those that are stored, by key, however many are asked for', async () => {
      const ids = Array.from({ length: 150 }, (_, index) => `r${index}`);
      await Promise.all(ids.slice(0, 120).map((id) => store.put(anInvite({ id, updatedAt: T1 }))));

      const heads = await store.heads([...ids, ...ids].map((id) => ({ resource: INVITES, id })));

      expect(heads.size).toBe(120);
      expect(heads.get(`${INVITES}#r7`)).toEqual({
        contentHash: contentHash('{"id":"r7"}'),
        readAt: T1,
        updatedAt: T1,
      });
      expect(await store.heads([])).toEqual(new Map());
    });

    it('tells who wrote a version', async () => {
      await store.put(anInvite({ id: 'x', writtenBy: 'run/page/created' }));

      const heads = await store.heads([{ resource: INVITES, id: 'x' }]);
      expect(heads.get(`${INVITES}#x`)?.writtenBy).toBe('run/page/created');
    });
  });

  describe('deletions', () => {
    beforeEach(async () => {
      await store.put(anInvite({ id: 'x', updatedAt: T3, readAt: T2, attention: true }));
    });

    it('marks a record, which leaves the lists of the living', async () => {
      expect(await store.markDeleted({ resource: INVITES, id: 'x' }, T3)).toBe('stored');

      expect(await store.get({ resource: INVITES, id: 'x' })).toMatchObject({ deletedAt: T3, readAt: T3 });
      expect(await liveIds()).toEqual([]);
      expect(await collect(store.attention(INVITES))).toEqual([]);
      expect(await collect(store.all(INVITES, 'company'))).toEqual([]);
      expect(await collect(store.all(INVITES, 'company', { includeDeleted: true }))).toMatchObject([
        { id: 'x', deletedAt: T3 },
      ]);
    });

    it('counts a deletion by when it was read, and only once', async () => {
      expect(await store.markDeleted({ resource: INVITES, id: 'x' }, T1)).toBe('superseded');
      expect(await store.markDeleted({ resource: INVITES, id: 'x' }, T2)).toBe('stored');
      expect(await store.markDeleted({ resource: INVITES, id: 'x' }, T3)).toBe('superseded');
      expect(await store.markDeleted({ resource: INVITES, id: 'unknown' }, T3)).toBe('superseded');
    });

    it.each([
      ['before it', T1, 'superseded'],
      ['at the moment of it', T2, 'superseded'],
      ['after it', T3, 'stored'],
    ] as const)('brings a record back that was read %s accordingly', async (_case, readAt, outcome) => {
      await store.markDeleted({ resource: INVITES, id: 'x' }, T2);

      expect(await store.put(anInvite({ id: 'x', updatedAt: T1, readAt }))).toBe(outcome);
      expect(await liveIds()).toEqual(outcome === 'stored' ? ['x'] : []);
    });

    it('takes a version that says of itself that it is gone, and one that came back', async () => {
      await store.put(anInvite({ id: 'a' }));
      const gone = { data: { id: 'a', isRemoved: true }, readAt: T2, deletedAt: T2 };
      expect(await store.put(anInvite({ id: 'a', ...gone }))).toBe('stored');
      expect(await liveIds()).toEqual(['x']);
      expect(await collect(store.all(INVITES, 'company'))).toMatchObject([{ id: 'x' }]);
      expect(await collect(store.all(INVITES, 'company', { includeDeleted: true }))).toContainEqual(
        expect.objectContaining({ id: 'a', deletedAt: T2, data: { id: 'a', isRemoved: true } }),
      );
      expect(await collect(store.deletedBefore(INVITES, 'company', T3))).toMatchObject([{ id: 'a' }]);

      expect(await store.put(anInvite({ id: 'a', readAt: T1 }))).toBe('superseded');
      expect(await store.put(anInvite({ id: 'a', readAt: T3 }))).toBe('stored');
      expect(await liveIds()).toEqual(['a', 'x']);
      expect(await collect(store.deletedBefore(INVITES, 'company', T3))).toEqual([]);
    });

    it('creates a record that says of itself that it is gone, out of the lists of the living', async () => {
      expect(await store.create(anInvite({ id: 'a', deletedAt: T1 }))).toBe('stored');
      expect(await liveIds()).toEqual(['x']);
      expect(await store.heads([{ resource: INVITES, id: 'a' }])).toEqual(
        new Map([[keyText({ resource: INVITES, id: 'a' }), expect.objectContaining({ deletedAt: T1 })]]),
      );
    });

    it('lists what was deleted before a moment, for purging', async () => {
      await store.put(anInvite({ id: 'y' }));
      await store.put(anInvite({ id: 'z' }));
      await store.markDeleted({ resource: INVITES, id: 'x' }, T2);
      await store.markDeleted({ resource: INVITES, id: 'y' }, T3);

      expect(await collect(store.deletedBefore(INVITES, 'company', T3))).toEqual([
        { resource: INVITES, id: 'x' },
      ]);
      expect(await collect(store.deletedBefore(INVITES, 'other', T3))).toEqual([]);
    });

    it('purges what is deleted and leaves what is not', async () => {
      await store.purge({ resource: INVITES, id: 'x' });
      expect(await liveIds()).toEqual(['x']);

      await store.markDeleted({ resource: INVITES, id: 'x' }, T2);
      await store.purge({ resource: INVITES, id: 'x' });
      expect(await store.get({ resource: INVITES, id: 'x' })).toBeUndefined();
      expect(await collect(store.deletedBefore(INVITES, 'company', T3))).toEqual([]);
    });

    it('remembers which sweep missed a record last, until it is written again', async () => {
      const key = { resource: INVITES, id: 'x' };

      expect(await store.noteAbsence(key, 'run-1')).toBeUndefined();
      expect(await store.noteAbsence(key, 'run-2')).toBe('run-1');
      expect(await store.noteAbsence(key, 'run-2')).toBe('run-2');
      await store.put(anInvite({ id: 'x', updatedAt: T3, readAt: T3 }));
      expect(await store.noteAbsence(key, 'run-3')).toBeUndefined();
      expect(await store.noteAbsence({ resource: INVITES, id: 'unknown' }, 'run-3')).toBeUndefined();
    });
  });

  describe('history', () => {
    const X = { resource: INVITES, id: 'x' };
    const of = (key: RecordKey, scope = 'company') => collect(store.history(key, scope));
    const dataIn = (versions: readonly { data: JsonObject }[]) => versions.map(({ data }) => data.v);
    const version = (v: number, more: Partial<RecordVersion> = {}) =>
      anInvite({ id: 'x', readAt: `2026-11-0${v}T00:00:00.000Z`, data: { id: 'x', v }, ...more });

    it('keeps each version that is replaced whole, the one read last first', async () => {
      const first = version(1, {
        updatedAt: T1,
        projectId: 'p',
        writtenBy: 'run/page/created',
        listHash: 'h',
      });
      await store.create(first);
      expect(await of(X)).toEqual([]);
      await store.put(version(2, { updatedAt: T2 }));
      await store.put(version(3, { updatedAt: T3 }));

      expect(dataIn(await of(X))).toEqual([2, 1]);
      const { attention: _attention, writtenBy: _writtenBy, listHash: _listHash, ...kept } = first;
      expect((await of(X))[1]).toEqual({ ...kept, replacedAt: T2 });
      expect(await dataOf('x')).toEqual({ id: 'x', v: 3 });
    });

    it('keeps numbers and names as they were sent', async () => {
      const data = objectFrom('{"id":"x","__proto__":{"a":1},"n":9007199254740993}');
      await store.create(version(1, { data }));
      await store.put(version(2));

      expect(canonicalJson((await of(X))[0]?.data ?? null)).toBe(canonicalJson(data));
    });

    it('keeps nothing of a version that is superseded or written again', async () => {
      await store.put(version(2));
      expect(await store.put(version(2))).toBe('stored');
      expect(await store.put(version(1))).toBe('superseded');
      expect(await store.markDeleted(X, T1)).toBe('superseded');
      expect(await store.markDeleted({ resource: INVITES, id: 'unknown' }, T1)).toBe('superseded');

      expect(await of(X)).toEqual([]);
    });

    it('keeps what was there before a deletion, and the deletion when the record comes back', async () => {
      await store.put(version(1));
      await store.markDeleted(X, T2);
      expect(await of(X)).toMatchObject([{ readAt: T1, replacedAt: T2, data: { v: 1 } }]);
      expect((await of(X))[0]).not.toHaveProperty('deletedAt');

      await store.put(version(3));
      expect(await of(X)).toMatchObject([
        { readAt: T2, deletedAt: T2, replacedAt: T3, data: { v: 1 } },
        { readAt: T1, replacedAt: T2, data: { v: 1 } },
      ]);
    });

    it('keeps versions apart that were read in the same millisecond', async () => {
      await store.put(version(1));
      await store.put(version(2, { readAt: T1 }));
      await store.markDeleted(X, T1);
      await store.put(version(3));

      const versions = await of(X);
      expect(dataIn(versions).sort()).toEqual([1, 2, 2]);
      expect(versions.filter(({ deletedAt }) => deletedAt !== undefined)).toMatchObject([{ data: { v: 2 } }]);
    });

    it('keeps every one of many versions that are written and deleted at once', async () => {
      const times = Array.from({ length: 12 }, (_, index) => `2026-11-01T00:00:${10 + index}.000Z`);
      await store.create(anInvite({ id: 'x', readAt: T1, data: { id: 'x', index: -1 } }));
      const outcomes = await Promise.all(
        times.map(async (readAt, index) => {
          const data = { id: 'x', index };
          const outcome = await (index % 4 === 3
            ? store.markDeleted(X, readAt)
            : store.put(anInvite({ id: 'x', readAt, updatedAt: readAt, data })));
          return { readAt, outcome };
        }),
      );

      const stored = outcomes.filter(({ outcome }) => outcome === 'stored').map(({ readAt }) => readAt);
      const known = [...(await of(X)), await store.get(X)].map((one) => one?.readAt);
      expect([...new Set(known)].sort()).toEqual([T1, ...stored].sort());
    });

    it('keeps records apart by list, scope and parent', async () => {
      const comment = { resource: 'opportunity-comments', id: 'x' };
      for (const key of [X, { ...comment, parentId: 'a' }, { ...comment, parentId: 'b' }]) {
        for (const v of [1, 2]) await store.put(version(v, key));
      }
      await store.put(version(3, { ...comment, parentId: 'b' }));

      expect(dataIn(await of({ ...comment, parentId: 'a' }))).toEqual([1]);
      expect(dataIn(await of({ ...comment, parentId: 'b' }))).toEqual([2, 1]);
      expect(dataIn(await of(X))).toEqual([1]);
      expect(await of(X, 'other')).toEqual([]);
      expect(await of(comment)).toEqual([]);
    });

    it('is in no list of what is stored', async () => {
      await store.put(version(1, { attention: true, projectId: 'p' }));
      await store.put(version(2));
      await store.put(version(1, { id: 'y' }));
      await store.markDeleted({ resource: INVITES, id: 'y' }, T2);

      expect(await liveIds()).toEqual(['x']);
      expect(await collect(store.attention(INVITES))).toEqual([]);
      const all = await collect(store.all(INVITES, 'company', { includeDeleted: true }));
      expect(all.map(({ id }) => id).sort()).toEqual(['x', 'y']);
      expect(await collect(store.deletedBefore(INVITES, 'company', T3))).toMatchObject([{ id: 'y' }]);
      expect((await store.updateSample(INVITES, 'company')).moments).toEqual([]);
    });

    it('goes with its record when that is purged, that of its elements as well', async () => {
      const bid = { resource: 'bids', id: 'x' };
      const item = { resource: 'bid-line-items', parentId: 'x', id: 'item' };
      for (const key of [bid, item, { ...bid, id: 'other' }]) {
        for (const v of [1, 2]) await store.put(version(v, key));
      }
      await store.purge(bid);
      expect(dataIn(await of(bid))).toEqual([1]);

      await store.markDeleted(item, T3);
      await store.markDeleted(bid, T3);
      await store.purge(bid);
      expect(await of(bid)).toEqual([]);
      expect(await of(item)).toEqual([]);
      expect(dataIn(await of({ ...bid, id: 'other' }))).toEqual([1]);
    });

    it('is forgotten by when its versions were replaced', async () => {
      for (const v of [1, 2, 3]) await store.put(version(v));
      const old = await collect(store.replacedBefore(INVITES, 'company', T3));
      expect(old.flat()).toHaveLength(1);
      expect(await collect(store.replacedBefore(INVITES, 'other', T3))).toEqual([]);

      await store.forget(old.flat());
      await store.forget(old.flat());
      expect(dataIn(await of(X))).toEqual([2]);
    });
  });

  describe('lists', () => {
    it('keeps lists apart by resource and scope', async () => {
      await store.put(anInvite({ id: 'a', scope: 'one' }));
      await store.put(anInvite({ id: 'b', scope: 'two' }));
      await store.put(anInvite({ id: 'c', scope: 'one', resource: 'opportunity-project-pairs' }));

      expect(await liveIds('one')).toEqual(['a']);
      expect(await collect(store.all(INVITES, 'two'))).toMatchObject([{ id: 'b', scope: 'two' }]);
    });

    it('reads every page of a list that is larger than one answer', async () => {
      const ids = Array.from({ length: 30 }, (_, index) => `r${String(index).padStart(2, '0')}`);
      const text = 'x'.repeat(40 * 1024);
      await Promise.all(ids.map((id) => store.put(anInvite({ id, data: { id, text } }))));

      expect(await liveIds()).toEqual(ids);
      expect((await collect(store.all(INVITES, 'company'))).map(({ id }) => id).sort()).toEqual(ids);
    });

    it('lists what needs attention, the oldest update first', async () => {
      await store.put(anInvite({ id: 'late', updatedAt: T3, attention: true }));
      await store.put(anInvite({ id: 'fine', updatedAt: T1 }));
      await store.put(anInvite({ id: 'early', updatedAt: T2, attention: true }));
      await store.put(anInvite({ id: 'unknown', attention: true }));

      expect((await collect(store.attention(INVITES))).map(({ id }) => id)).toEqual([
        'unknown',
        'early',
        'late',
      ]);
    });

    it('takes a record off the attention list once it needs none', async () => {
      await store.put(anInvite({ id: 'x', updatedAt: T1, attention: true }));
      await store.put(anInvite({ id: 'x', updatedAt: T2, attention: false }));

      expect(await collect(store.attention(INVITES))).toEqual([]);
    });

    it('samples when the records of a list were updated, in order', async () => {
      await Promise.all(
        Array.from({ length: 48 }, (_, index) =>
          store.put(anInvite({ id: `r${index}`, updatedAt: new Date(index * 1_000).toISOString() })),
        ),
      );
      const { total, moments } = await store.updateSample(INVITES, 'company');

      expect(total).toBeGreaterThan(8);
      expect(total).toBeLessThan(200);
      expect(moments).toEqual([...moments].sort());
      expect(moments.length).toBeGreaterThan(0);
    });
  });

  describe('the lists in a record', () => {
    const FORMS = 'scope-specific-bid-forms';
    const ITEMS = 'scope-specific-bid-form-line-items';
    const form = { resource: FORMS, id: 'form' };
    const list = { resource: ITEMS, parentId: 'form' };

    const anItem = (id: string, of: Partial<RecordVersion> = {}) =>
      anInvite({ resource: ITEMS, parentId: 'form', id, ...of });
    const itemIds = async (options?: { includeDeleted: boolean }) =>
      (await collect(store.elements(list, options))).map(({ id }) => id);
    const listHash = async () => (await store.heads([form])).get(keyText(form))?.listHash;

    /** The order of the list, and then that it stands. */
    const closeList = async (
      { ids, readAt, listHash }: { ids: string[]; readAt: string; listHash?: string },
      record: RecordKey = form,
    ) => {
      const order = await store.putOrder({ resource: ITEMS, parentId: record.id }, { ids, readAt });
      if (order === 'superseded') return order;
      return store.closeLists(record, { readAt, ...(listHash !== undefined && { listHash }) });
    };

    beforeEach(async () => {
      await store.put(anInvite({ resource: FORMS, id: 'form' }));
      for (const id of ['a', 'b', 'c']) await store.put(anItem(id));
    });

    it('gives them in the order of the list', async () => {
      await closeList({ ids: ['c', 'a', 'b'], listHash: 'h', readAt: T1 });
      expect(await itemIds()).toEqual(['c', 'a', 'b']);

      await closeList({ ids: ['b', 'c', 'a'], listHash: 'h2', readAt: T2 });
      expect(await itemIds()).toEqual(['b', 'c', 'a']);
      expect(await listHash()).toBe('h2');
    });

    it('gives items that are not in the order yet after the others', async () => {
      await closeList({ ids: ['c', 'a'], listHash: 'h', readAt: T1 });
      expect(await itemIds()).toEqual(['c', 'a', 'b']);
    });

    it('leaves deleted ones out, or gives them last', async () => {
      await closeList({ ids: ['c', 'a', 'b'], listHash: 'h', readAt: T1 });
      await store.markDeleted({ resource: ITEMS, parentId: 'form', id: 'c' }, T2);

      expect(await itemIds()).toEqual(['a', 'b']);
      expect(await itemIds({ includeDeleted: true })).toEqual(['a', 'b', 'c']);
      expect((await store.elementHeads(list)).get('c')).toMatchObject({ deletedAt: T2 });
      expect((await store.elementHeads(list)).size).toBe(3);
    });

    it('keeps them out of the lists of records, and apart from items of other forms', async () => {
      await store.put(anInvite({ resource: ITEMS, parentId: 'other', id: 'a' }));

      expect((await collect(store.liveKeys(ITEMS, 'company'))).flat()).toEqual([]);
      expect(await itemIds()).toEqual(['a', 'b', 'c']);
      expect(await store.get({ resource: ITEMS, parentId: 'other', id: 'a' })).toMatchObject({
        parentId: 'other',
      });
    });

    it('shows a list as unfinished between opening and closing it', async () => {
      await closeList({ ids: ['a', 'b', 'c'], listHash: 'h', readAt: T1 });
      await store.openLists(form);
      expect(await listHash()).toBeUndefined();

      await store.openLists(form);
      await closeList({ ids: ['a', 'b', 'c'], listHash: 'h', readAt: T1 });
      expect(await listHash()).toBe('h');
    });

    it('keeps the order of a list that is not whole without a hash', async () => {
      await closeList({ ids: ['a', 'b', 'c'], listHash: 'h', readAt: T1 });
      await closeList({ ids: ['c', 'b', 'a'], readAt: T2 });

      expect(await listHash()).toBeUndefined();
      expect(await itemIds()).toEqual(['c', 'b', 'a']);
    });

    it('opens nothing where there is no form', async () => {
      await store.openLists({ resource: FORMS, id: 'nothing' });
      expect(await store.get({ resource: FORMS, id: 'nothing' })).toBeUndefined();
    });

    it('does not close a list that was read before the one that stands', async () => {
      await closeList({ ids: ['a', 'b'], listHash: 'newer', readAt: T3 });

      expect(await closeList({ ids: ['b', 'a'], listHash: 'older', readAt: T2 })).toBe('superseded');
      expect(await listHash()).toBe('newer');
      expect((await itemIds()).slice(0, 2)).toEqual(['a', 'b']);
    });

    it('does not close a list whose order was read before the one that stands, although the form is newer', async () => {
      await closeList({ ids: ['a', 'b'], listHash: 'newer', readAt: T3 });
      await store.put(anInvite({ resource: FORMS, id: 'form', updatedAt: T1, readAt: T2 }));

      expect(await closeList({ ids: ['b', 'a'], listHash: 'older', readAt: T2 })).toBe('superseded');
      expect(await listHash()).toBeUndefined();
      expect((await itemIds()).slice(0, 2)).toEqual(['a', 'b']);
    });

    it('does not close the list of a form that is gone or was never stored', async () => {
      await store.markDeleted(form, T2);

      expect(await closeList({ ids: ['a'], listHash: 'h', readAt: T3 })).toBe('superseded');
      expect(await closeList({ ids: ['a'], listHash: 'h', readAt: T3 }, { resource: FORMS, id: 'no' })).toBe(
        'superseded',
      );
      expect(await store.get({ resource: FORMS, id: 'no' })).toBeUndefined();
    });

    it('keeps the list hash that comes with a form', async () => {
      await store.put(anInvite({ resource: FORMS, id: 'form', readAt: T2, listHash: 'given' }));
      expect(await listHash()).toBe('given');

      await store.put(anInvite({ resource: FORMS, id: 'form', readAt: T3 }));
      expect(await listHash()).toBeUndefined();
    });

    it('keeps the order of 2,500 items, and of fewer afterwards', async () => {
      const ids = Array.from({ length: 2_500 }, (_, index) => `item-${index}`);
      await closeList({ ids: [...ids, 'b', 'a'], listHash: 'h', readAt: T1 });
      expect(await itemIds()).toEqual(['b', 'a', 'c']);

      await closeList({ ids: ['c', 'b', 'a'], listHash: 'h2', readAt: T2 });
      expect(await itemIds()).toEqual(['c', 'b', 'a']);
    });

    it('keeps two lists of one record apart, with an order each', async () => {
      const bid = { resource: 'bids', id: 'bid' };
      const lineItems = { resource: 'bid-line-items', parentId: 'bid' };
      const plugs = { resource: 'bid-plugs', parentId: 'bid' };
      await store.put(anInvite(bid));
      for (const list of [lineItems, plugs]) {
        for (const id of ['a', 'b'])
          await store.put(anInvite({ ...list, id, data: { id, of: list.resource } }));
      }
      await store.putOrder(lineItems, { ids: ['b', 'a'], readAt: T1 });
      await store.putOrder(plugs, { ids: ['a', 'b'], readAt: T1 });
      await store.markDeleted({ ...plugs, id: 'b' }, T2);

      const idsOf = async (key: ListKey) => (await collect(store.elements(key))).map(({ id }) => id);
      expect(await idsOf(lineItems)).toEqual(['b', 'a']);
      expect(await idsOf(plugs)).toEqual(['a']);
      expect(await store.get({ ...plugs, id: 'a' })).toMatchObject({
        parentId: 'bid',
        data: { of: 'bid-plugs' },
      });

      await store.markDeleted(bid, T2);
      for (const list of [lineItems, plugs]) {
        for (const id of ['a', 'b']) await store.markDeleted({ ...list, id }, T2);
      }
      await store.purge(bid);
      for (const list of [lineItems, plugs]) {
        expect(await collect(store.elements(list, { includeDeleted: true }))).toEqual([]);
      }
    });

    it('purges them with their form', async () => {
      await closeList({ ids: ['c', 'a', 'b'], listHash: 'h', readAt: T1 });
      for (const id of ['a', 'b', 'c'])
        await store.markDeleted({ resource: ITEMS, parentId: 'form', id }, T2);
      await store.markDeleted(form, T2);
      await store.purge(form);

      expect(await itemIds({ includeDeleted: true })).toEqual([]);
      expect(await store.get(form)).toBeUndefined();
    });

    it('purges nothing of a form that came back', async () => {
      await closeList({ ids: ['c', 'a', 'b'], listHash: 'h', readAt: T1 });
      await store.purge(form);

      expect(await itemIds()).toEqual(['c', 'a', 'b']);
    });
  });
}
