import { beforeEach, describe, expect, it } from 'vitest';
import type { CallbackStore, ReceivedCallback } from '../../../shared/callbacks/callback.ts';
import { syncStores } from '../../../shared/composition/stores.ts';
import { embeddedTables } from '../../support/embedded-tables.ts';
import { createInMemoryCallbackStore } from '../../support/in-memory/callback-store.ts';

describe('the in-memory callback store', () => {
  keepsCallbacks(createInMemoryCallbackStore);
});

describe('the DynamoDB callback store', () => {
  const tables = embeddedTables();

  keepsCallbacks(async () => syncStores(await tables()).callbacks);
});

function keepsCallbacks(create: () => CallbackStore | Promise<CallbackStore>) {
  let store: CallbackStore;

  beforeEach(async () => {
    store = await create();
  });

  it('keeps a callback as it came, received and due at once', async () => {
    const outcome = await store.record(aCallback({ jobId: 'j1', body: '{"jobId":"j1", "extra": 1}' }));

    expect(outcome).toBe('recorded');
    expect(await store.find('a1', 'j1')).toEqual({
      accountId: 'a1',
      jobId: 'j1',
      requestId: 'r1',
      body: '{"jobId":"j1", "extra": 1}',
      receivedAt: '2026-11-20T10:00:00.000Z',
      state: 'received',
      attempts: 0,
      dueAt: '2026-11-20T10:00:00.000Z',
    });
  });

  it('keeps the first of two callbacks for a job', async () => {
    await store.record(aCallback({ jobId: 'j1', body: 'first' }));

    expect(await store.record(aCallback({ jobId: 'j1', body: 'second' }))).toBe('duplicate');
    expect((await store.find('a1', 'j1'))?.body).toBe('first');
  });

  it('takes the same job id of another account for another job', async () => {
    await store.record(aCallback({ accountId: 'a1', jobId: 'j1' }));

    expect(await store.record(aCallback({ accountId: 'a2', jobId: 'j1' }))).toBe('recorded');
    expect(await idsOf(store.list('a2'))).toEqual(['j1']);
  });

  it('finds nothing where nothing was recorded', async () => {
    expect(await store.find('a1', 'j1')).toBeUndefined();
    expect(await idsOf(store.list('a1'))).toEqual([]);
  });

  it('lists the callbacks of an account by job id, all or those of one state', async () => {
    for (const jobId of ['j3', 'j1', 'j2']) await store.record(aCallback({ jobId }));
    const second = await store.find('a1', 'j2');
    if (second) await store.advance(second, { ...second, state: 'confirmed' });

    expect(await idsOf(store.list('a1'))).toEqual(['j1', 'j2', 'j3']);
    expect(await idsOf(store.list('a1', 'received'))).toEqual(['j1', 'j3']);
    expect(await idsOf(store.list('a1', 'confirmed'))).toEqual(['j2']);
  });

  it('lists more callbacks than fit on one page of the engine', async () => {
    // A query answers with at most 1 MB; these are 1.5 MB.
    const body = 'x'.repeat(15_000);
    const jobIds = Array.from({ length: 100 }, (_, index) => `j${String(index).padStart(3, '0')}`);
    await Promise.all(jobIds.map((jobId) => store.record(aCallback({ jobId, body }))));

    expect(await idsOf(store.list('a1', 'received'))).toEqual(jobIds);
  });

  it('stores progress', async () => {
    await store.record(aCallback({ jobId: 'j1' }));
    const before = await store.find('a1', 'j1');
    if (!before) throw new Error('The callback was not kept.');

    expect(
      await store.advance(before, { state: 'unconfirmed', attempts: 3, dueAt: '2026-11-20T11:00:00.000Z' }),
    ).toBe(true);
    expect(await store.find('a1', 'j1')).toEqual({
      ...before,
      state: 'unconfirmed',
      attempts: 3,
      dueAt: '2026-11-20T11:00:00.000Z',
    });
  });

  it('refuses progress made from an old reading', async () => {
    await store.record(aCallback({ jobId: 'j1' }));
    const before = await store.find('a1', 'j1');
    if (!before) throw new Error('The callback was not kept.');
    await store.advance(before, { ...before, attempts: 1 });

    expect(await store.advance(before, { ...before, state: 'confirmed' })).toBe(false);
    expect(await store.find('a1', 'j1')).toEqual({ ...before, attempts: 1 });
  });
}

function aCallback(change: Partial<ReceivedCallback> = {}): ReceivedCallback {
  return {
    accountId: 'a1',
    jobId: 'j1',
    requestId: 'r1',
    body: '{}',
    receivedAt: '2026-11-20T10:00:00.000Z',
    ...change,
  };
}

async function idsOf(callbacks: AsyncIterable<{ jobId: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { jobId } of callbacks) ids.push(jobId);
  return ids;
}
