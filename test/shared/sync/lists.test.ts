import { describe, expect, it } from 'vitest';
import { RequestRefusedError, UnexpectedResponseError } from '../../../shared/autodesk/http/errors.ts';
import type { RecordVersion, WriteOutcome } from '../../../shared/records/record-store.ts';
import { newPartition } from '../../../shared/sync/partitions/plan.ts';
import { InMemoryRecordStore } from '../../support/in-memory/record-store.ts';
import { EngineKit } from '../../support/sync/sync-kit.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

function holdMany(kit: EngineKit, count: number): void {
  for (let index = 0; index < count; index += 1) kit.hold(`r${String(index).padStart(4, '0')}`, { index });
}

/** Makes the cursors of the list run in a circle of `length` after the first page. */
function giveCursorsInACircle(kit: EngineKit, length: number): void {
  const { list } = kit.model;
  let page = 0;
  kit.model.list = (request, readAt) => {
    page += 1;
    return { ...list.call(kit.model, request, readAt), next: { cursor: `c${page % length}` } };
  };
}

describe('a list', () => {
  it.each([1, 2, 3, 7, 50])('whose cursors go in a circle of %i fails its run', async (length) => {
    const kit = new EngineKit();
    holdMany(kit, 2);
    giveCursorsInACircle(kit, length);

    const { lastRun } = await kit.run();

    expect(lastRun).toMatchObject({ status: 'failed', error: { code: 'REPEATED_CURSOR' } });
    expect(kit.calls.length).toBeLessThan(4 * length + 4);
  });

  it('that goes on past every plausible length fails its run', async () => {
    const kit = new EngineKit();
    const { activeRun } = await kit.request();
    if (activeRun === undefined) throw new Error('A run was asked for.');
    const read = newPartition(activeRun, 'read', 'read', { kind: 'list' });
    await kit.ports.partitions.create({ ...read, checkpoint: { pages: 99_990, position: { cursor: 'c' } } });
    kit.model.list = (_request, readAt) => ({
      records: [],
      next: { cursor: `c${kit.calls.length}` },
      readAt,
    });
    const { lastRun } = await kit.drain();

    expect(lastRun?.error?.code).toBe('PAGE_CAP');
    expect(kit.calls.length).toBeLessThan(20);
  });

  it('that answers something else fails its run and deletes nothing', async () => {
    const kit = new EngineKit({ model: { pageSize: () => 2 } });
    holdMany(kit, 6);
    await kit.run();
    kit.beforeResponse = () => {
      if (kit.calls.length % 3 === 0) throw new UnexpectedResponseError('HTML');
    };
    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun).toMatchObject({ status: 'failed', error: { code: 'UNEXPECTED_ANSWER' } });
    expect((await kit.stored()).size).toBe(6);
  });

  it('that refuses a cursor is read again from its start, once', async () => {
    const kit = new EngineKit({ model: { pageSize: () => 2 } });
    holdMany(kit, 6);
    let refusals = 1;
    kit.beforeResponse = (call) => {
      if (call.kind !== 'list' || call.request.position === undefined || refusals === 0) return;
      refusals -= 1;
      throw new RequestRefusedError('BAD_REQUEST', 400);
    };
    expect((await kit.run()).lastRun?.status).toBe('complete');

    refusals = 2;
    expect((await kit.run({ mode: 'full' })).lastRun?.error?.code).toBe('BAD_REQUEST');
  });
});

describe('a worker whose time is up', () => {
  it('hands over after the page, and nothing is read twice', async () => {
    const kit = new EngineKit({ model: { pageSize: () => 3 } });
    holdMany(kit, 30);
    kit.timeLeftMs = () => 10_000;
    await kit.request();
    let messages = 0;
    while (await kit.workOnNext()) messages += 1;

    expect(messages).toBeGreaterThanOrEqual(10);
    expect(kit.callsOf('list')).toHaveLength(10);
    expect((await kit.state()).lastRun).toMatchObject({
      totals: { counts: { created: 30, fetched: 30 }, pages: 10 },
    });
  });

  it('hands over inside a form with 2,000 items', async () => {
    const kit = new EngineKit({ resource: 'scope-specific-bid-forms' });
    const items = Array.from({ length: 2_000 }, (_, index) => ({
      id: `i${index}`,
      description: `item ${index}`,
    }));
    kit.hold('form', {}, { lists: { 'scope-specific-bid-form-line-items': items } });
    kit.timeLeftMs = () => 10_000;

    const { lastRun } = await kit.run();

    expect(lastRun).toMatchObject({
      status: 'complete',
      totals: { counts: { created: 1, fetched: 1 }, lineItems: { created: 2_000, fetched: 2_000 } },
    });
    expect(await kit.elementsOf('form')).toEqual(items.map(({ id }) => id));
    expect(kit.callsOf('nested')).toHaveLength(19);
  });
});

describe('a worker that dies', () => {
  /** Dies at the n-th write of a record: the write takes place, and nothing after it. */
  class DeadlyStore extends InMemoryRecordStore {
    writesLeft = Number.POSITIVE_INFINITY;

    override async put(version: RecordVersion): Promise<WriteOutcome> {
      if (this.writesLeft === 0) return new Promise(() => {});
      this.writesLeft -= 1;
      return super.put(version);
    }

    override async create(version: RecordVersion): Promise<'stored' | 'exists'> {
      if (this.writesLeft === 0) return new Promise(() => {});
      this.writesLeft -= 1;
      return super.create(version);
    }
  }

  it.each([1, 5, 10, 17])('after %i writes leaves counts that are exact in the end', async (writes) => {
    const records = new DeadlyStore();
    const kit = new EngineKit({ model: { pageSize: () => 10 }, stores: { records } });
    holdMany(kit, 25);
    await kit.request();
    records.writesLeft = writes;
    void kit.workOnNext();
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    records.writesLeft = Number.POSITIVE_INFINITY;

    const { lastRun } = await kit.drain();

    expect(lastRun).toMatchObject({
      status: 'complete',
      totals: { counts: { fetched: 25, created: 25, updated: 0, unchanged: 0 } },
    });
    expect(kit.callsOf('list').length).toBeLessThanOrEqual(3 + 2);
  });

  it('again and again on the same page fails the run in the end', async () => {
    const records = new DeadlyStore();
    const kit = new EngineKit({ stores: { records } });
    holdMany(kit, 5);
    records.writesLeft = 0;
    await kit.request();
    for (let death = 0; death < 4; death += 1) {
      void kit.workOnNext();
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      kit.nowMs += 2 * MINUTE_MS;
      await kit.tick();
    }
    expect((await kit.state()).activeRun).toBeDefined();
    const { lastRun } = await kit.drain();

    expect(lastRun).toMatchObject({ status: 'failed', error: { code: 'NO_PROGRESS' } });
  });
});

describe('jobs', () => {
  it('are read from the newest back to the first before the window', async () => {
    const kit = new EngineKit({ resource: 'data-connector-jobs', model: { pageSize: () => 10 } });
    for (let day = 0; day < 100; day += 1) {
      kit.hold(`job-${day}`, { status: 'complete', completionStatus: 'success' });
      kit.nowMs += DAY_MS;
    }
    await kit.run();
    expect((await kit.stored()).size).toBe(100);
    kit.nowMs += DAY_MS;
    kit.hold('job-new', { status: 'complete', completionStatus: 'success' });
    kit.calls.length = 0;

    const { lastRun } = await kit.run();

    expect(lastRun?.totals.counts).toMatchObject({ created: 1 });
    expect(kit.calls).toHaveLength(1);
    expect(kit.calls[0]).toMatchObject({ request: { newestFirst: true } });
  });

  it('that are under way are read by id until they have ended', async () => {
    const kit = new EngineKit({ resource: 'data-connector-jobs' });
    kit.hold('old', { status: 'running' });
    kit.nowMs += DAY_MS;
    for (let index = 0; index < 120; index += 1) {
      kit.hold(`job-${index}`, { status: 'complete', completionStatus: 'success' });
      kit.nowMs += MINUTE_MS;
    }
    await kit.run();
    kit.nowMs += DAY_MS;
    kit.hold('old', { status: 'complete', completionStatus: 'failed' });
    kit.calls.length = 0;

    await kit.run();
    expect((await kit.record('old'))?.data).toMatchObject({ completionStatus: 'failed' });
    expect(kit.callsOf('read')).toEqual([{ kind: 'read', id: 'old' }]);

    await kit.run();
    expect(kit.callsOf('read')).toHaveLength(1);
  });
});

describe('pairs', () => {
  it('that are not settled are read by id after each run, unless the run has read them', async () => {
    const kit = new EngineKit({ resource: 'opportunity-project-pairs' });
    const fine = { fileStatus: 'SUCCESS', fileSyncingError: null, shouldRelinkGroup: false };
    kit.hold('fine', fine);
    kit.hold('queued', { ...fine, fileStatus: 'QUEUED' });
    kit.hold('with-error', { ...fine, fileSyncingError: 'no space' });
    kit.hold('to-relink', { ...fine, shouldRelinkGroup: true });
    kit.hold('unknown', { ...fine, fileStatus: 'PAUSED' });
    kit.nowMs += DAY_MS;
    await kit.run();
    expect(kit.callsOf('read')).toEqual([]);

    kit.nowMs += DAY_MS;
    const queued = kit.held.get('queued');
    if (queued !== undefined) queued.fields = { ...fine, fileStatus: 'FAILED' };
    const { lastRun } = await kit.run();

    expect(kit.callsOf('read').map((call) => 'id' in call && call.id)).toEqual([
      'queued',
      'to-relink',
      'unknown',
      'with-error',
    ]);
    expect((await kit.record('queued'))?.data).toMatchObject({ fileStatus: 'FAILED' });
    expect(lastRun?.totals.counts).toMatchObject({ updated: 1, unchanged: 3 });
  });
});
