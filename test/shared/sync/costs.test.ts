import { describe, expect, it } from 'vitest';
import { Usage } from '../../../shared/observability/usage.ts';
import { contentHash } from '../../../shared/records/content-hash.ts';
import { createDynamoStores } from '../../contract/dynamo-stores.ts';
import { embeddedTables } from '../../support/embedded-tables.ts';
import { EngineKit } from '../../support/sync/sync-kit.ts';

const DAY_MS = 24 * 60 * 60_000;

describe('what the sync costs, over the embedded DynamoDB', () => {
  const tables = embeddedTables();

  async function createKit(resource: string): Promise<EngineKit> {
    const usage = new Usage();
    const stores = await createDynamoStores(tables(), usage);
    return new EngineKit({ resource, stores: { ...stores, usage } });
  }

  function watchWrites(kit: EngineKit): string[] {
    const written: string[] = [];
    const { records } = kit.ports;
    const put = records.put.bind(records);
    const create = records.create.bind(records);
    records.put = (version) => {
      written.push(version.id);
      return put(version);
    };
    records.create = (version) => {
      written.push(version.id);
      return create(version);
    };
    return written;
  }

  it('an unchanged sweep writes at most a tenth of a unit for each record', async () => {
    const kit = await createKit('invites');
    for (let index = 0; index < 300; index += 1) kit.hold(`r${index}`, { text: 'x'.repeat(800) });
    kit.nowMs += DAY_MS;
    const first = await kit.run();
    expect(first.lastRun?.totals.writeUnits).toBeGreaterThan(300);
    // Nothing to compare with, so nothing is read but the state of the run.
    expect(first.lastRun?.totals.readUnits).toBeLessThan(100);
    kit.nowMs += DAY_MS;

    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun?.totals.counts).toMatchObject({ unchanged: 300, deleted: 0 });
    expect(lastRun?.totals.writeUnits).toBeLessThanOrEqual(30);
    expect((await kit.stored()).size).toBe(300);
  });

  it('an unchanged sweep of forms writes none of their line items', async () => {
    const kit = await createKit('scope-specific-bid-forms');
    const items = Array.from({ length: 60 }, (_, index) => ({
      id: `i${index}`,
      description: 'x'.repeat(100),
    }));
    for (let form = 0; form < 5; form += 1)
      kit.hold(`form-${form}`, {}, { lists: { 'scope-specific-bid-form-line-items': items } });
    kit.nowMs += DAY_MS;
    await kit.run();
    kit.nowMs += DAY_MS;

    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun?.totals.lineItems).toMatchObject({ unchanged: 300 });
    expect(lastRun?.totals.writeUnits).toBeLessThanOrEqual(30);
    expect(await kit.elementsOf('form-3')).toEqual(items.map(({ id }) => id));
  });

  it('a run with one record in a hundred changed writes that one', async () => {
    const kit = await createKit('invites');
    for (let index = 0; index < 200; index += 1) kit.hold(`r${index}`);
    kit.nowMs += DAY_MS;
    await kit.run();
    kit.nowMs += DAY_MS;
    const idle = await kit.run();
    kit.nowMs += DAY_MS;
    const written = watchWrites(kit);
    for (const id of ['r7', 'r100']) kit.hold(id, { changed: true });

    const { lastRun } = await kit.run();

    expect(lastRun?.totals).toMatchObject({ counts: { fetched: 2, updated: 2 }, apiCalls: 1 });
    const idleUnits = idle.lastRun?.totals.writeUnits ?? 0;
    // The record, its entry in an index, and the same for the version it replaces.
    expect((lastRun?.totals.writeUnits ?? 0) - idleUnits).toBeLessThanOrEqual(2 * (3 + 2));
    expect(written.sort()).toEqual(['r100', 'r7']);
  });

  it('keeping a version of 2 KB costs one read unit and three write units, and nothing while a record is new', async () => {
    const used = async (historyDays: number) => {
      const usage = new Usage();
      const access = tables().then((given) => ({ ...given, historyDays }));
      const { records } = await createDynamoStores(access, usage);
      const version = (updatedAt: string, text: string) => ({
        resource: 'invites',
        id: '5af0892518d349f6d59e1bbb',
        scope: 'company',
        data: { text: text.repeat(2_000) },
        updatedAt,
        readAt: updatedAt,
        contentHash: contentHash(text),
        attention: false,
      });
      await records.create(version('2026-11-01T00:00:00.000Z', 'a'));
      const first = usage.readUnits + usage.writeUnits;
      await records.put(version('2026-11-02T00:00:00.000Z', 'b'));
      return { first, readUnits: usage.readUnits, writeUnits: usage.writeUnits };
    };

    const [without, kept] = [await used(0), await used(365)];
    expect(kept.first).toBe(without.first);
    expect(kept.readUnits - without.readUnits).toBe(1);
    // AWS adds one for the entry in an index, which the embedded engine does not count.
    expect(kept.writeUnits - without.writeUnits).toBe(3);
  });
});
