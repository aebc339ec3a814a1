import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { Table } from '../../../shared/dynamodb/table.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import { DynamoRecordStore } from '../../../shared/records/dynamo-record-store.ts';
import { RecordRefusedError } from '../../../shared/records/refusal.ts';

const T1 = '2026-11-01T00:00:00.000Z';
const T2 = '2026-11-02T00:00:00.000Z';
const T3 = '2026-11-03T00:00:00.000Z';
const KEY = { resource: 'invites', id: 'x' };
const STORED = {
  pk: { S: 'invites#x' },
  sk: { S: 'record' },
  resource: { S: 'invites' },
  id: { S: 'x' },
  scope: { S: 'company' },
  data: { M: { id: { S: 'x' } } },
  readAt: { S: T1 },
  updatedAt: { S: T1 },
  contentHash: { S: 'old' },
  projectId: { S: 'p' },
  project: { S: 'p' },
  attention: { S: 'invites' },
  feed: { S: 'invites#company#1' },
  feedAt: { S: T1 },
  writtenBy: { S: 'run/page/created' },
  listHash: { S: 'h' },
};
const NEXT = {
  ...KEY,
  scope: 'company',
  data: { id: 'x', n: 1 },
  readAt: T2,
  updatedAt: T2,
  contentHash: 'new',
  attention: false,
};
const KEPT = {
  pk: { S: 'history#invites#company#x' },
  sk: { S: `${T1}#old` },
  resource: { S: 'invites' },
  id: { S: 'x' },
  scope: { S: 'company' },
  data: { M: { id: { S: 'x' } } },
  readAt: { S: T1 },
  updatedAt: { S: T1 },
  contentHash: { S: 'old' },
  projectId: { S: 'p' },
  replacedAt: { S: T2 },
  feed: { S: 'history#invites#company#1' },
  feedAt: { S: T2 },
};
const SAME = 'readAt = :storedReadAt AND contentHash = :storedHash AND attribute_not_exists(deletedAt)';

const client = new DynamoDBClient({});
const aws = mockClient(client);
beforeEach(() => aws.reset());

const storeWith = (historyDays: number) =>
  new DynamoRecordStore(new Table({ client, tableName: 'T', clock: systemClock, usage: new Usage() }), {
    historyDays,
  });
const requests = () =>
  aws.calls().map(({ args: [command] }) => ({ name: command.constructor.name, ...command.input }));

describe('with history', () => {
  it('reads what is stored, keeps it, and then replaces that very version', async () => {
    aws.on(GetItemCommand).resolves({ Item: STORED });
    aws.on(PutItemCommand).resolves({});

    expect(await storeWith(365).put(NEXT)).toBe('stored');
    expect(requests()).toEqual([
      expect.objectContaining({ name: 'GetItemCommand', ConsistentRead: true }),
      { name: 'PutItemCommand', TableName: 'T', ReturnConsumedCapacity: 'TOTAL', Item: KEPT },
      expect.objectContaining({
        name: 'PutItemCommand',
        Item: expect.objectContaining({ pk: STORED.pk, sk: STORED.sk, contentHash: { S: 'new' } }),
        ConditionExpression: SAME,
        ExpressionAttributeValues: { ':storedReadAt': { S: T1 }, ':storedHash': { S: 'old' } },
      }),
    ]);
  });

  it('keeps what is marked as deleted in the same way', async () => {
    aws.on(GetItemCommand).resolves({ Item: STORED });
    aws.on(PutItemCommand).resolves({});
    aws.on(UpdateItemCommand).resolves({});

    expect(await storeWith(365).markDeleted(KEY, T2)).toBe('stored');
    expect(requests()).toEqual([
      expect.objectContaining({ name: 'GetItemCommand' }),
      expect.objectContaining({ name: 'PutItemCommand', Item: KEPT }),
      expect.objectContaining({ name: 'UpdateItemCommand', ConditionExpression: SAME }),
    ]);
  });

  it('judges again when another version came in between, and keeps that one, too', async () => {
    const between = { ...STORED, readAt: { S: T2 }, updatedAt: { S: T2 }, contentHash: { S: 'between' } };
    aws.on(GetItemCommand).resolvesOnce({ Item: STORED }).resolves({ Item: between });
    aws
      .on(PutItemCommand)
      .resolvesOnce({})
      .rejectsOnce(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }))
      .resolves({});

    expect(await storeWith(365).put({ ...NEXT, readAt: T3, updatedAt: T3 })).toBe('stored');
    const puts = aws.commandCalls(PutItemCommand).map(({ args }) => args[0].input.Item?.sk?.S);
    expect(puts).toEqual([`${T1}#old`, 'record', `${T2}#between`, 'record']);
  });

  it('refuses a record whose stored version does not fit into the history', async () => {
    aws.on(GetItemCommand).resolves({ Item: STORED });
    aws.on(PutItemCommand).rejects(
      new DynamoDBServiceException({
        name: 'ValidationException',
        message: 'too large',
        $fault: 'client',
        $metadata: {},
      }),
    );

    await expect(storeWith(365).put(NEXT)).rejects.toBeInstanceOf(RecordRefusedError);
  });

  it('asks for nothing more when a record is new', async () => {
    aws.on(PutItemCommand).resolves({});

    expect(await storeWith(365).create(NEXT)).toBe('stored');
    expect(requests()).toEqual([
      expect.objectContaining({ ConditionExpression: 'attribute_not_exists(pk)' }),
    ]);
  });
});

describe('without history', () => {
  it('replaces a version in one request', async () => {
    aws.on(PutItemCommand).resolves({});

    expect(await storeWith(0).put(NEXT)).toBe('stored');
    expect(requests()).toHaveLength(1);
  });

  it('marks a record as deleted after one look at it', async () => {
    aws.on(GetItemCommand).resolves({ Item: STORED });
    aws.on(UpdateItemCommand).resolves({});

    expect(await storeWith(0).markDeleted(KEY, T2)).toBe('stored');
    expect(requests().map(({ name }) => name)).toEqual(['GetItemCommand', 'UpdateItemCommand']);
    expect(aws.commandCalls(UpdateItemCommand)[0]?.args[0].input).toMatchObject({
      ConditionExpression: 'attribute_exists(pk) AND readAt <= :readAt AND attribute_not_exists(deletedAt)',
    });
  });
});
