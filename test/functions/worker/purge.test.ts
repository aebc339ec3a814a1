import { beforeEach, describe, expect, it } from 'vitest';
import { serveFetchMessage } from '../../../functions/worker/serve-fetch-message.ts';
import type { AutodeskApi } from '../../../shared/autodesk/client/api.ts';
import { isoTime } from '../../../shared/clock.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { DEFAULT_WORKERS, settingsFor } from '../../../shared/sync/state/sync-ports.ts';
import { NO_HOOKS } from '../../../shared/webhooks/hook-health.ts';
import { memoryStateItem } from '../../support/autodesk/memory-state-item.ts';
import { createInMemoryCallbackStore } from '../../support/in-memory/callback-store.ts';
import { InMemoryLandingStore } from '../../support/in-memory/landing-store.ts';
import { InMemoryPartitionStore } from '../../support/in-memory/partition-store.ts';
import { InMemoryQuarantineStore } from '../../support/in-memory/quarantine-store.ts';
import { InMemoryAlertQueue, InMemoryFetchQueue } from '../../support/in-memory/queues.ts';
import { InMemoryRecordStore } from '../../support/in-memory/record-store.ts';
import { InMemoryRunStore } from '../../support/in-memory/run-store.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-11-20T10:00:00.000Z');
const daysAgo = (days: number) => isoTime(NOW_MS - days * DAY_MS);

const clock = { now: () => NOW_MS, sleep: async () => {} };
let records: InMemoryRecordStore;
let fetchQueue: InMemoryFetchQueue;

beforeEach(async () => {
  records = new InMemoryRecordStore();
  fetchQueue = new InMemoryFetchQueue(clock);
  for (const [id, deletedDaysAgo] of [
    ['long-gone', 31],
    ['just-gone', 29],
    ['there', undefined],
  ] as const) {
    const key = { resource: 'invites', id };
    const readAt = daysAgo(100);
    await records.put({ ...key, scope: 'company', data: { id }, readAt, contentHash: 'h', attention: false });
    if (deletedDaysAgo !== undefined) await records.markDeleted(key, daysAgo(deletedDaysAgo));
  }
});

it('removes what was deleted longer ago than the setting says, and nothing else', async () => {
  await purge(() => 60_000);

  expect(await storedIds()).toEqual(['just-gone', 'there']);
  expect(fetchQueue.waiting).toEqual([]);
});

it('goes on in another message when the time is up', async () => {
  await purge(() => 0);

  expect(await storedIds()).toEqual(['just-gone', 'long-gone', 'there']);
  expect(fetchQueue.waiting.map(({ message }) => message)).toEqual([{ kind: 'purge' }]);
});

describe('the history', () => {
  const list = { resource: 'bids', id: 'bid' };
  const element = { resource: 'bid-plugs', parentId: 'bid', id: 'plug' };
  const replacedOf = async () => {
    const kept = [];
    for (const key of [list, element]) {
      for await (const { replacedAt } of records.history(key, 'company')) kept.push(replacedAt);
    }
    return kept;
  };

  beforeEach(async () => {
    for (const key of [list, element]) {
      for (const days of [40, 21, 19]) {
        const readAt = daysAgo(days);
        const data = { id: key.id };
        await records.put({ ...key, scope: 'company', data, readAt, contentHash: 'h', attention: false });
      }
    }
  });

  it('loses what was replaced longer ago than the setting says, that of lists in records as well', async () => {
    await purge(() => 60_000);

    expect(await replacedOf()).toEqual([daysAgo(19), daysAgo(19)]);
    expect(fetchQueue.waiting).toEqual([]);
  });

  it('loses all of it when none is to be kept', async () => {
    await purge(() => 60_000, 0);

    expect(await replacedOf()).toEqual([]);
  });

  it('is purged on in another message when the time is up', async () => {
    let looks = 0;
    await purge(() => {
      looks += 1;
      return looks > 3 ? 0 : 60_000;
    });
    expect((await replacedOf()).length).toBe(3);
    expect(fetchQueue.waiting.map(({ message }) => message)).toEqual([{ kind: 'purge' }]);

    await purge(() => 60_000);
    expect((await replacedOf()).length).toBe(2);
  });
});

async function purge(timeLeftMs: () => number, historyDays = 20): Promise<void> {
  const partitions = new InMemoryPartitionStore();
  const engine = {
    runs: new InMemoryRunStore(partitions),
    partitions,
    records,
    fetchQueue,
    alertQueue: new InMemoryAlertQueue(),
    quarantine: new InMemoryQuarantineStore(),
    clock,
    randomness: systemRandomness,
    log: silentLog,
    metrics: noMetrics,
    settings: settingsFor(DEFAULT_WORKERS, []),
    api: noAutodesk,
    usage: new Usage(),
    timeLeftMs,
  };
  await serveFetchMessage({ kind: 'purge' }, engine, {
    lists: { resources: ['invites', 'bids'], accountIds: [] },
    syncPortsFor: () => engine,
    callbacksFor: createInMemoryCallbackStore,
    hookHealth: memoryStateItem(NO_HOOKS),
    webhooks: {
      managed: async () => undefined,
      own() {
        throw new Error('No hooks are set up.');
      },
    },
    landingsFor: () => new InMemoryLandingStore(),
    extractsFor: () => undefined,
    keepAlive: async () => {},
    purgeDeletedAfterDays: 30,
    historyDays,
  });
}

async function storedIds(): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of records.all('invites', 'company', { includeDeleted: true })) ids.push(id);
  return ids.sort();
}

const notAsked = () => Promise.reject(new Error('Autodesk is not asked.'));
const noAutodesk: AutodeskApi = { list: notAsked, nested: notAsked, read: notAsked };
