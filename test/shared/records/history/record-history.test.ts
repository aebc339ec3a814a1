import { beforeEach, expect, it } from 'vitest';
import { readRecordHistory } from '../../../../shared/records/history/record-history.ts';
import { InMemoryRecordStore } from '../../../support/in-memory/record-store.ts';

const KEY = { resource: 'invites', id: 'x' };
const readAt = (day: number) => `2026-11-0${day}T00:00:00.000Z`;
const version = (day: number) => ({
  ...KEY,
  scope: 'company',
  data: { id: 'x', day },
  readAt: readAt(day),
  contentHash: `hash-${day}`,
  attention: false,
});

let records: InMemoryRecordStore;
beforeEach(() => {
  records = new InMemoryRecordStore();
});

it('has the stored version first, and in each version what it changed', async () => {
  for (const day of [1, 2]) await records.put(version(day));
  await records.markDeleted(KEY, readAt(3));

  const history = await readRecordHistory(KEY, records);
  expect(history).toMatchObject({
    isCut: false,
    entries: [
      { version: { deletedAt: readAt(3) }, changes: [] },
      {
        version: { data: { day: 2 } },
        replacedAt: readAt(3),
        changes: [{ path: 'day', before: 1, after: 2 }],
      },
      { version: { data: { day: 1 } }, replacedAt: readAt(2), changes: [] },
    ],
  });
  expect(history?.entries[0]).not.toHaveProperty('replacedAt');
});

it('knows what the last of a limited number of versions changed', async () => {
  for (const day of [1, 2, 3, 4]) await records.put(version(day));

  const history = await readRecordHistory(KEY, records, 2);
  expect(history?.isCut).toBe(true);
  expect(history?.entries.map(({ changes }) => changes)).toEqual([
    [{ path: 'day', before: 3, after: 4 }],
    [{ path: 'day', before: 2, after: 3 }],
  ]);
  expect((await readRecordHistory(KEY, records, 4))?.isCut).toBe(false);
});

it('does not show the stored version twice after a writer died before it replaced it', async () => {
  for (const day of [1, 2]) await records.put(version(day));
  records.keep(version(2), readAt(3));

  expect((await readRecordHistory(KEY, records))?.entries).toHaveLength(2);
});

it('knows nothing of a record that is not stored', async () => {
  expect(await readRecordHistory(KEY, records)).toBeUndefined();
});
