import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LAKE_FOLDER } from '../../../infra/local/data/data-folder.ts';
import { LakePublisher } from '../../../infra/local/lake-publisher.ts';
import { isoTime } from '../../../shared/clock.ts';
import { recordStores } from '../../../shared/composition/stores.ts';
import { FolderLake } from '../../../shared/lake/folder-lake.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { versionOf } from '../../../shared/records/reading.ts';
import { requireResource } from '../../../shared/resources/registry.ts';
import { noTotals } from '../../../shared/sync/state/partition.ts';
import type { FinishedRun } from '../../../shared/sync/state/run.ts';
import { embeddedTables } from '../../support/embedded-tables.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const newTables = embeddedTables();

let folder: string;
let clock: VirtualClock;
let runs: Map<string, FinishedRun[]>;
let tables: Awaited<ReturnType<typeof newTables>>;
let publisher: LakePublisher;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-publisher-'));
  clock = new VirtualClock();
  runs = new Map();
  tables = await newTables();
  publisher = newPublisher();
});
afterEach(async () => {
  await publisher.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the lake of a data folder', () => {
  it('is published for the lists that have had a run', async () => {
    await store('offices', 'a');
    runEnded('offices', { created: 1 });
    await publisher.publish();
    expect(await tablesThere()).toEqual(['offices', 'offices_history']);
    expect(await rowsIn('offices')).toBe(1);
  });

  it('is published again for lists that a run has changed, and for no others', async () => {
    for (const list of ['offices', 'users']) runEnded(list, { created: 1 });
    await publisher.publish();
    clock.jump(1_000);
    await store('offices', 'a');
    await store('users', 'b');
    runEnded('offices', { created: 1 });
    runEnded('users', { unchanged: 1 });
    await publisher.publish();
    expect(await rowsIn('offices')).toBe(1);
    expect(await rowsIn('users')).toBe(0);
  });

  it('is published anew after an hour where no run tells of a change', async () => {
    runEnded('users', { created: 1 });
    await publisher.publish();
    await store('users', 'b');
    clock.jump(3_598_000);
    expect(publisher.isTimeForAll()).toBe(false);
    await publisher.publish();
    expect(await rowsIn('users')).toBe(0);
    clock.jump(2_000);
    expect(publisher.isTimeForAll()).toBe(true);
    await publisher.publish();
    expect(await rowsIn('users')).toBe(1);
  });

  it('is published by the next start where one ended in between', async () => {
    runEnded('users', { created: 1 });
    await publisher.publish();
    clock.jump(1_000);
    await store('users', 'b');
    runEnded('users', { created: 1 });
    await publisher.stop();
    await publisher.publish();
    expect(await rowsIn('users')).toBe(0);
    publisher = newPublisher();
    await publisher.publish();
    expect(await rowsIn('users')).toBe(1);
  });

  it('shares one publication between all who ask while another goes on', async () => {
    runEnded('users', { created: 1 });
    const first = publisher.publish();
    expect(publisher.publish()).toBe(first);
    await first;
    expect(publisher.publish()).not.toBe(first);
  });
});

function newPublisher(): LakePublisher {
  return new LakePublisher({
    ...tables,
    clock,
    randomness: systemRandomness,
    log: silentLog,
    metrics: noMetrics,
    folder,
    runs: {
      read: async (resource, scope) => ({ resource, scope }),
      totalsOf: async () => noTotals(),
      ended: async (resource) => runs.get(resource) ?? [],
    },
    accountIds: [],
    extractStore: undefined,
    enabledResources: ['offices', 'users'],
  });
}

function runEnded(resource: string, counts: Partial<FinishedRun['totals']['counts']>): void {
  const at = isoTime(clock.now());
  const totals = noTotals();
  const run: FinishedRun = {
    id: at,
    mode: 'incremental',
    status: 'complete',
    startedAt: at,
    finishedAt: at,
    totals: { ...totals, counts: { ...totals.counts, ...counts } },
  };
  clock.jump(1);
  runs.set(resource, [run, ...(runs.get(resource) ?? [])]);
}

async function store(resource: string, id: string): Promise<void> {
  const version = versionOf(requireResource(resource), 'company', { id }, isoTime(clock.now()));
  await recordStores(tables).records.create(version);
}

async function tablesThere(): Promise<string[]> {
  return (await new FolderLake(join(folder, LAKE_FOLDER)).tables()).map(({ name }) => name);
}

async function rowsIn(table: string): Promise<number | undefined> {
  return (await new FolderLake(join(folder, LAKE_FOLDER)).current(table))?.rows;
}
