import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type RunningDynalite, startDynalite } from '../../../infra/local/engines/dynalite.ts';
import { createTables, LOCAL_TABLES } from '../../../infra/local/engines/tables.ts';
import { DynamoStateItem, type StateItem } from '../../../shared/dynamodb/state-item.ts';
import { memoryStateItem } from '../../support/autodesk-memory-state-item.ts';

const counter = z.object({ count: z.int() });
type Counter = z.infer<typeof counter>;

let dynalite: RunningDynalite;
let client: DynamoDBClient;
let items = 0;

beforeAll(async () => {
  dynalite = await startDynalite();
  client = new DynamoDBClient({
    endpoint: dynalite.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await createTables(client);
});
afterAll(async () => {
  client.destroy();
  await dynalite.stop();
});

describe.each<[string, () => StateItem<Counter>]>([
  ['in memory', () => memoryStateItem({ count: 0 })],
  [
    'in the State table',
    () => {
      items += 1;
      const key = { pk: `counter#${items}`, sk: 'counter' };
      return new DynamoStateItem(client, LOCAL_TABLES.state, key, counter, { count: 0 });
    },
  ],
])('a state item %s', (_where, create) => {
  it('has its initial value at revision 0', async () => {
    expect(await create().read()).toEqual({ value: { count: 0 }, rev: 0 });
  });

  it('gives back what was written last', async () => {
    const item = create();
    await item.write({ count: 1 }, 0);
    await item.write({ count: 2 }, 1);

    expect(await item.read()).toEqual({ value: { count: 2 }, rev: 2 });
  });

  it.each([0, 2])('refuses a write on revision %i when it has revision 1', async (rev) => {
    const item = create();
    await item.write({ count: 1 }, 0);

    expect(await item.write({ count: 9 }, rev)).toBe(false);
    expect((await item.read()).value).toEqual({ count: 1 });
  });

  it('loses no change of ten writers', async () => {
    const item = create();
    const increment = async (): Promise<void> => {
      const { value, rev } = await item.read();
      if (!(await item.write({ count: value.count + 1 }, rev))) await increment();
    };

    await Promise.all(Array.from({ length: 10 }, increment));

    expect((await item.read()).value).toEqual({ count: 10 });
  });
});
