import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { Table } from '../../../shared/dynamodb/table.ts';
import { Usage } from '../../../shared/observability/usage.ts';

const client = new DynamoDBClient({});
const aws = mockClient(client);
const item = (sk: string) => ({ pk: { S: 'p' }, sk: { S: sk } });
const key = (sk: string) => ({ pk: 'p', sk });

let usage: Usage;
let waits: number[];
let table: Table;

beforeEach(() => {
  aws.reset();
  usage = new Usage();
  waits = [];
  const clock = {
    now: () => 0,
    sleep: async (ms: number) => {
      waits.push(ms);
    },
  };
  table = new Table({ client, tableName: 'T', clock, usage });
});

describe('reading many items', () => {
  it('asks for a hundred at a time, consistently, and only for the attributes named', async () => {
    aws.on(BatchGetItemCommand).resolves({ Responses: { T: [item('x')] } });
    await table.getMany(
      Array.from({ length: 250 }, (_, index) => key(`k${index}`)),
      ['sk', 'data'],
    );

    const requests = aws.commandCalls(BatchGetItemCommand).map(({ args }) => args[0].input.RequestItems?.T);
    expect(requests.map((request) => request?.Keys?.length)).toEqual([100, 100, 50]);
    expect(requests[0]).toMatchObject({
      ConsistentRead: true,
      ProjectionExpression: '#a0, #a1',
      ExpressionAttributeNames: { '#a0': 'sk', '#a1': 'data' },
    });
  });

  it('asks again, later and later, for keys that were left unprocessed', async () => {
    aws
      .on(BatchGetItemCommand)
      .resolvesOnce({
        Responses: { T: [item('a')] },
        UnprocessedKeys: { T: { Keys: [item('b'), item('c')] } },
      })
      .resolvesOnce({ Responses: {}, UnprocessedKeys: { T: { Keys: [item('b'), item('c')] } } })
      .resolves({ Responses: { T: [item('b'), item('c')] }, UnprocessedKeys: {} });

    const items = await table.getMany([key('a'), key('b'), key('c')], ['sk']);

    expect(items.map(({ sk }) => sk?.S)).toEqual(['a', 'b', 'c']);
    const asked = aws
      .commandCalls(BatchGetItemCommand)
      .map(({ args }) => args[0].input.RequestItems?.T?.Keys);
    expect(asked.map((keys) => keys?.length)).toEqual([3, 2, 2]);
    expect(waits).toHaveLength(2);
    expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
  });

  it('asks for nothing where there is nothing to ask for', async () => {
    expect(await table.getMany([], ['sk'])).toEqual([]);
    expect(aws.calls()).toEqual([]);
  });
});

describe('removing many items', () => {
  it('removes 25 at a time and repeats what was left unprocessed', async () => {
    aws
      .on(BatchWriteItemCommand)
      .resolvesOnce({ UnprocessedItems: { T: [{ DeleteRequest: { Key: item('k7') } }] } })
      .resolves({ UnprocessedItems: {} });
    await table.removeMany(Array.from({ length: 60 }, (_, index) => key(`k${index}`)));

    const requests = aws.commandCalls(BatchWriteItemCommand).map(({ args }) => args[0].input.RequestItems?.T);
    expect(requests.map((request) => request?.length)).toEqual([25, 1, 25, 10]);
    expect(requests[1]).toEqual([{ DeleteRequest: { Key: item('k7') } }]);
    expect(waits).toHaveLength(1);
  });
});

describe('a query', () => {
  it('follows every page, empty ones too', async () => {
    aws
      .on(QueryCommand)
      .resolvesOnce({ Items: [item('a')], LastEvaluatedKey: item('a') })
      .resolvesOnce({ Items: [], LastEvaluatedKey: item('b') })
      .resolves({ Items: [item('c')] });

    const found: string[] = [];
    for await (const page of table.items('p', 'x#')) found.push(...page.map(({ sk }) => sk?.S ?? ''));

    expect(found).toEqual(['a', 'c']);
    const starts = aws.commandCalls(QueryCommand).map(({ args }) => args[0].input.ExclusiveStartKey);
    expect(starts).toEqual([undefined, item('a'), item('b')]);
  });

  it('is consistent on the table, which an index cannot be', async () => {
    aws.on(QueryCommand).resolves({ Items: [] });
    for await (const _page of table.items('p', '')) expect.unreachable();
    for await (const _page of table.query({ IndexName: 'by-update' })) expect.unreachable();

    const reads = aws.commandCalls(QueryCommand).map(({ args }) => args[0].input.ConsistentRead);
    expect(reads).toEqual([true, false]);
  });
});

describe('a conditional write', () => {
  it('answers whether it took place', async () => {
    aws
      .on(PutItemCommand)
      .resolvesOnce({})
      .rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));

    expect(await table.put(item('a'), { expression: 'attribute_not_exists(pk)' })).toBe(true);
    expect(await table.put(item('a'), { expression: 'attribute_not_exists(pk)' })).toBe(false);
  });

  it('passes other failures on', async () => {
    aws.on(PutItemCommand).rejects(new Error('away'));

    await expect(table.put(item('a'))).rejects.toThrow('away');
  });
});

describe('consumed capacity', () => {
  it('is counted for each request, and a failed condition costs a unit', async () => {
    aws.on(QueryCommand).resolves({ Items: [], ConsumedCapacity: { CapacityUnits: 2.5 } });
    aws.on(BatchGetItemCommand).resolves({ Responses: {}, ConsumedCapacity: [{ CapacityUnits: 4 }] });
    aws
      .on(PutItemCommand)
      .resolvesOnce({ ConsumedCapacity: { CapacityUnits: 3 } })
      .rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));
    for await (const _page of table.items('p', '')) expect.unreachable();
    await table.getMany([key('a')], ['sk']);
    await table.put(item('a'));
    await table.put(item('a'), { expression: 'attribute_not_exists(pk)' });

    expect(usage.take()).toEqual({ apiCalls: 0, readUnits: 6.5, writeUnits: 4 });
  });
});
