import { describe, expect, it } from 'vitest';
import { RequestRefusedError, UnexpectedResponseError } from '../../../shared/autodesk/http/errors.ts';
import { EngineKit, type EngineKitOptions } from '../../support/sync/sync-kit.ts';

const DAY_MS = 24 * 60 * 60_000;

async function loadedKit(count = 20, options: EngineKitOptions = {}): Promise<EngineKit> {
  const kit = new EngineKit(options);
  for (let index = 0; index < count; index += 1) kit.hold(`r${String(index).padStart(3, '0')}`, { index });
  await kit.run();
  kit.nowMs += DAY_MS;
  kit.calls.length = 0;
  return kit;
}

describe('a full sweep', () => {
  it('marks what is gone, after it has asked for each by id', async () => {
    const kit = await loadedKit();
    kit.held.delete('r003');
    kit.held.delete('r007');

    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun).toMatchObject({ status: 'complete', totals: { counts: { deleted: 2, unchanged: 18 } } });
    expect(kit.callsOf('read')).toEqual(
      expect.arrayContaining([
        { kind: 'read', id: 'r003' },
        { kind: 'read', id: 'r007' },
      ]),
    );
    expect(kit.callsOf('read').length).toBeLessThanOrEqual(3);
    expect((await kit.record('r003'))?.deletedAt).toBeDefined();
    expect((await kit.stored()).size).toBe(18);
  });

  it('writes nothing where nothing has changed, and asks for nothing by id', async () => {
    const kit = await loadedKit(300);
    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun?.totals.counts).toEqual({
      fetched: 300,
      created: 0,
      updated: 0,
      unchanged: 300,
      deleted: 0,
      quarantined: 0,
    });
    expect(kit.callsOf('read')).toEqual([]);
    expect(kit.callsOf('list')).toHaveLength(3 + 1);
  });

  it('keeps what the list did not show although it is there', async () => {
    const kit = await loadedKit();
    const hidden = kit.held.get('r004');
    if (hidden !== undefined) hidden.visibleAtMs = Number.POSITIVE_INFINITY;

    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun?.totals.counts.deleted).toBe(0);
    expect(kit.callsOf('read')).toEqual([{ kind: 'read', id: 'r004' }]);
  });

  it.each([
    ['403', new RequestRefusedError('FORBIDDEN', 403)],
    ['a lost subscription', new RequestRefusedError('SUBSCRIPTION_REQUIRED', 403)],
    ['something else than JSON', new UnexpectedResponseError('HTML')],
  ])('deletes nothing when a reading by id is answered with %s', async (_case, error) => {
    const kit = await loadedKit();
    kit.held.delete('r003');
    kit.beforeResponse = ({ kind }) => {
      if (kind === 'read') throw error;
    };
    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun).toMatchObject({ status: 'failed', totals: { counts: { deleted: 0 } } });
    expect((await kit.record('r003'))?.deletedAt).toBeUndefined();
  });

  it('does not look for what was stored while it went on', async () => {
    const kit = await loadedKit();
    kit.beforeResponse = ({ kind }) => {
      if (kind === 'list' && kit.callsOf('list').length === 1) kit.hold('late', {}, { visibleAtMs: 0 });
    };
    await kit.run({ mode: 'full' });

    expect(kit.callsOf('read')).toEqual([]);
    expect((await kit.stored()).has('late')).toBe(true);
  });

  it('brings back what comes back', async () => {
    const kit = await loadedKit();
    kit.held.delete('r003');
    await kit.run({ mode: 'full' });
    kit.nowMs += DAY_MS;
    kit.hold('r003', { again: true });
    const { lastRun } = await kit.run();

    expect(lastRun?.totals.counts).toMatchObject({ created: 1 });
    expect(await kit.record('r003')).not.toHaveProperty('deletedAt');
  });
});

describe('a list whose records cannot be read by id', () => {
  it('loses a record only after two sweeps in a row have missed it', async () => {
    const kit = await loadedKit(20, { model: { readById: false } });
    expect(kit.held.delete('r003')).toBe(true);

    await kit.run({ mode: 'full' });
    expect((await kit.record('r003'))?.deletedAt).toBeUndefined();
    await kit.run();
    await kit.run({ mode: 'full' });
    expect((await kit.record('r003'))?.deletedAt).toBeDefined();
  });

  it('keeps a record that only every other sweep misses', async () => {
    const kit = await loadedKit(20, { model: { readById: false } });
    const record = kit.held.get('r003');
    if (record === undefined) throw new Error('The record is held.');
    for (let sweep = 0; sweep < 4; sweep += 1) {
      record.visibleAtMs = sweep % 2 === 0 ? Number.POSITIVE_INFINITY : 0;
      await kit.run({ mode: 'full' });
    }

    expect((await kit.record('r003'))?.deletedAt).toBeUndefined();
  });
});

describe('the guard against mass deletion', () => {
  it('stops a reconcile before its first reading when more than a fifth is missing', async () => {
    const kit = await loadedKit(20);
    for (const id of ['r000', 'r001', 'r002', 'r003', 'r004']) kit.held.delete(id);

    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun).toMatchObject({ status: 'failed', error: { code: 'MASS_DELETION_STOPPED' } });
    expect(kit.callsOf('read')).toEqual([]);
    expect((await kit.stored()).size).toBe(20);
  });

  it('lets a fifth pass, and more when a person has said so', async () => {
    const kit = await loadedKit(20);
    for (const id of ['r000', 'r001', 'r002', 'r003']) kit.held.delete(id);
    expect((await kit.run({ mode: 'full' })).lastRun?.totals.counts.deleted).toBe(4);

    for (const id of ['r004', 'r005', 'r006', 'r007', 'r008', 'r009']) kit.held.delete(id);
    expect((await kit.run({ mode: 'full' })).lastRun?.status).toBe('failed');
    const { lastRun } = await kit.run({ mode: 'full', acceptDeletions: true });
    expect(lastRun).toMatchObject({ status: 'complete', totals: { counts: { deleted: 6 } } });
  });
});
