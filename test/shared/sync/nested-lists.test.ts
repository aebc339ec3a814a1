import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/json.ts';
import { EngineKit } from '../../support/sync/sync-kit.ts';

const DAY_MS = 24 * 60 * 60_000;
const ITEMS = 'bid-line-items';
const PLUGS = 'bid-plugs';

const many = (prefix: string, count: number): JsonObject[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index}`, value: index }));
const lumpSum = (value: number | string | null): JsonObject => ({
  id: null,
  type: 'COST_BREAKDOWN',
  description: 'Base bid',
  value,
});

describe('two lists in a record', () => {
  let kit: EngineKit;

  beforeEach(() => {
    kit = new EngineKit({ resource: 'bids' });
  });

  const dataOf = async (list: string) => {
    const elements: JsonObject[] = [];
    for await (const { data } of kit.ports.records.elements({ resource: list, parentId: 'bid' })) {
      elements.push(data);
    }
    return elements;
  };

  it.each([
    ['both fit into the record', 3, 2],
    ['the first goes on', 250, 2],
    ['the second goes on', 3, 250],
    ['both go on', 230, 310],
    ['both are empty', 0, 0],
  ])('are stored whole and in order where %s', async (_case, items, plugs) => {
    const lists = { [ITEMS]: many('i', items), [PLUGS]: many('p', plugs) };
    kit.hold('bid', { total: 1 }, { lists });
    kit.hold('other', {}, { lists: { [ITEMS]: many('i', 1), [PLUGS]: many('i', 1) } });
    const { lastRun } = await kit.run();

    expect(lastRun?.totals.lineItems).toMatchObject({ created: items + plugs + 2 });
    expect(await dataOf(ITEMS)).toEqual(lists[ITEMS]);
    expect(await dataOf(PLUGS)).toEqual(lists[PLUGS]);
    expect((await kit.record('bid'))?.data).not.toHaveProperty('plugs');
  });

  it('are handed over in the middle of the second, and go on there', async () => {
    const lists = { [ITEMS]: many('i', 150), [PLUGS]: many('p', 450) };
    kit.hold('bid', {}, { lists });
    kit.timeLeftMs = () => 10_000;
    const { lastRun } = await kit.run();

    expect(lastRun).toMatchObject({
      status: 'complete',
      totals: { lineItems: { created: 600, fetched: 600 } },
    });
    expect(await dataOf(PLUGS)).toEqual(lists[PLUGS]);
    expect(kit.callsOf('nested')).toHaveLength(1 + 4);
  });

  it('write nothing in a full sweep that finds them as they were, and are mended where one was touched', async () => {
    const lists = { [ITEMS]: many('i', 120), [PLUGS]: many('p', 3) };
    kit.hold('bid', {}, { lists });
    await kit.run();
    kit.nowMs += DAY_MS;
    expect((await kit.run({ mode: 'full' })).lastRun?.totals.lineItems).toMatchObject({
      unchanged: 123,
      updated: 0,
    });

    const bid = kit.held.get('bid');
    if (bid !== undefined) bid.lists = { ...lists, [PLUGS]: many('p', 2) };
    kit.nowMs += DAY_MS;
    await kit.run({ mode: 'full' });
    expect(await kit.elementsOf('bid', PLUGS)).toEqual(['p0', 'p1']);
    expect(await kit.elementsOf('bid', ITEMS)).toHaveLength(120);
  });

  it('go with their record', async () => {
    kit.hold('bid', {}, { lists: { [ITEMS]: many('i', 2), [PLUGS]: many('p', 3) } });
    for (let index = 0; index < 8; index += 1) kit.hold(`more-${index}`);
    await kit.run();
    kit.nowMs += DAY_MS;
    kit.held.delete('bid');
    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun?.totals).toMatchObject({ counts: { deleted: 1 }, lineItems: { deleted: 5 } });
    expect([await dataOf(ITEMS), await dataOf(PLUGS)]).toEqual([[], []]);
  });

  it('keep an element without an id under what tells it apart, whatever else of it changes', async () => {
    const named: JsonObject = { id: 'a', type: 'ALTERNATE', value: 'YES' };
    const hold = (...items: JsonObject[]) => kit.hold('bid', {}, { lists: { [ITEMS]: items, [PLUGS]: [] } });
    hold(lumpSum(100), named);
    await kit.run();
    const [before] = await kit.elementsOf('bid', ITEMS);

    kit.nowMs += DAY_MS;
    hold(named, lumpSum('by agreement'));
    const { lastRun } = await kit.run();
    expect(lastRun?.totals.lineItems).toMatchObject({ created: 0, updated: 1, deleted: 0, quarantined: 0 });
    expect(await kit.elementsOf('bid', ITEMS)).toEqual(['a', before]);
    expect(await dataOf(ITEMS)).toEqual([named, lumpSum('by agreement')]);

    kit.nowMs += DAY_MS;
    hold(lumpSum(1), lumpSum(null), lumpSum(1));
    await kit.run();
    expect(await dataOf(ITEMS)).toEqual([lumpSum(1), lumpSum(null), lumpSum(1)]);
    expect(new Set(await kit.elementsOf('bid', ITEMS)).size).toBe(3);
  });

  it('put an element without an id aside where the list says nothing that tells it apart', async () => {
    kit.hold('bid', {}, { lists: { [ITEMS]: [], [PLUGS]: [{ id: null, value: 1 }] } });
    const { lastRun } = await kit.run();

    expect(lastRun).toMatchObject({ status: 'complete', totals: { lineItems: { quarantined: 1 } } });
    expect(await kit.ports.quarantine.list(PLUGS, 'company')).toMatchObject([
      { parentId: 'bid', reason: 'NO_ID' },
    ]);
  });
});
