import { randomBytes } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { parseJson } from '../../shared/json.ts';
import type { QuarantinedRecord, QuarantineStore } from '../../shared/records/quarantine.ts';
import type { Stores } from './stores.ts';

function anEntry(of: Partial<QuarantinedRecord> = {}): QuarantinedRecord {
  return {
    key: 'x',
    resource: 'invites',
    scope: 'company',
    reason: 'TOO_LARGE',
    message: 'The record cannot be stored.',
    readAt: '2026-11-01T00:00:00.000Z',
    runId: 'run',
    ...of,
  };
}

/** How any quarantine keeps records aside. */
export function defineQuarantineStoreContract(createStores: () => Promise<Stores>): void {
  let store: QuarantineStore;

  beforeEach(async () => {
    store = (await createStores()).quarantine;
  });

  it.each([
    ['object', '{"id":"x","n":1e400,"exact":9007199254740993,"__proto__":{"a":[]}}'],
    ['text', '"just text"'],
    ['null', 'null'],
    ['list', '[[[1]]]'],
  ])('keeps any JSON: %s', async (_case, text) => {
    await store.add(anEntry(), parseJson(text));

    expect(JSON.stringify(await store.payload('invites', 'company', 'x'))).toBe(text);
    expect(await store.list('invites', 'company')).toEqual([anEntry()]);
  });

  it('keeps payloads of several megabytes whole', async () => {
    const payload = { text: randomBytes(1_500_000).toString('base64') };
    await store.add(anEntry(), payload);

    expect(await store.payload('invites', 'company', 'x')).toEqual(payload);
  });

  it('replaces an entry that is added again, also by a smaller one', async () => {
    await store.add(anEntry(), { text: randomBytes(600_000).toString('base64') });
    await store.add(anEntry({ reason: 'NUMBER' }), { small: true });

    expect(await store.payload('invites', 'company', 'x')).toEqual({ small: true });
    expect(await store.list('invites', 'company')).toEqual([anEntry({ reason: 'NUMBER' })]);
  });

  it('keeps lists apart', async () => {
    await store.add(anEntry({ key: 'a' }), 1);
    await store.add(anEntry({ key: 'b', resource: 'items', parentId: 'form' }), 2);
    await store.add(anEntry({ key: 'c', scope: 'other' }), 3);

    expect((await store.list('invites', 'company')).map(({ key }) => key)).toEqual(['a']);
    expect(await store.list('items', 'company')).toMatchObject([{ key: 'b', parentId: 'form' }]);
    expect(await store.payload('invites', 'company', 'c')).toBeUndefined();
  });

  it('removes an entry with its payload', async () => {
    await store.add(anEntry(), { text: randomBytes(600_000).toString('base64') });
    await store.remove('invites', 'company', 'x');
    await store.remove('invites', 'company', 'x');

    expect(await store.list('invites', 'company')).toEqual([]);
    expect(await store.payload('invites', 'company', 'x')).toBeUndefined();
  });
}
