import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { DynamoStateItem, type StateItem } from '../../../shared/dynamodb/state-item.ts';
import { memoryStateItem } from '../../support/autodesk/memory-state-item.ts';
import { embeddedTables } from '../../support/embedded-tables.ts';

const counter = z.object({ count: z.int() });
type Counter = z.infer<typeof counter>;

const tables = embeddedTables();

describe.each<[string, () => StateItem<Counter> | Promise<StateItem<Counter>>]>([
  ['in memory', () => memoryStateItem({ count: 0 })],
  [
    'in the State table',
    async () => {
      const { dynamodb, tables: names } = await tables();
      return new DynamoStateItem(dynamodb, names.state, { pk: 'counter', sk: 'counter' }, counter, {
        count: 0,
      });
    },
  ],
])('a state item %s', (_where, create) => {
  it('has its initial value at revision 0', async () => {
    expect(await (await create()).read()).toEqual({ value: { count: 0 }, rev: 0 });
  });

  it('gives back what was written last', async () => {
    const item = await create();
    await item.write({ count: 1 }, 0);
    await item.write({ count: 2 }, 1);

    expect(await item.read()).toEqual({ value: { count: 2 }, rev: 2 });
  });

  it.each([0, 2])('refuses a write on revision %i when it has revision 1', async (rev) => {
    const item = await create();
    await item.write({ count: 1 }, 0);

    expect(await item.write({ count: 9 }, rev)).toBe(false);
    expect((await item.read()).value).toEqual({ count: 1 });
  });

  it('loses no change of ten writers', async () => {
    const item = await create();
    const increment = async (): Promise<void> => {
      const { value, rev } = await item.read();
      if (!(await item.write({ count: value.count + 1 }, rev))) await increment();
    };

    await Promise.all(Array.from({ length: 10 }, increment));

    expect((await item.read()).value).toEqual({ count: 10 });
  });
});
