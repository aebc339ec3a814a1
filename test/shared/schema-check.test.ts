import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it } from 'vitest';
import { checkSchema } from '../../shared/dynamodb/schema-check.ts';
import { SCHEMA_VERSION } from '../../shared/dynamodb/tables.ts';
import { NewerSchemaError } from '../../shared/errors.ts';

const client = new DynamoDBClient({ region: 'local' });
const dynamoDb = mockClient(client);
const context = { functionName: 'worker', getRemainingTimeInMillis: () => 1_000 } as unknown as Context;
const storedVersion = (version: number) => ({ Item: { schemaVersion: { N: String(version) } } });

function aFunction() {
  let calls = 0;
  const handler = middy<unknown, number>(async () => {
    calls += 1;
    return calls;
  }).use(checkSchema(client, ['Records', 'State']));
  return { call: () => handler({}, context), calls: () => calls };
}

afterEach(() => dynamoDb.reset());

describe('the check of the tables before the first event', () => {
  it('reads the version of each table once, however many events come', async () => {
    dynamoDb.on(GetItemCommand).resolves(storedVersion(SCHEMA_VERSION));
    const { call } = aFunction();
    await call();
    await call();
    expect(dynamoDb.commandCalls(GetItemCommand)).toHaveLength(2);
    expect(dynamoDb.commandCalls(PutItemCommand)).toHaveLength(0);
  });

  it('writes the version into tables that have none', async () => {
    dynamoDb.on(GetItemCommand).resolves({}).on(PutItemCommand).resolves({});
    await aFunction().call();
    const written = dynamoDb.commandCalls(PutItemCommand).map(({ args }) => args[0].input);
    expect(written.map(({ TableName }) => TableName).sort()).toEqual(['Records', 'State']);
    expect(written[0]?.Item?.schemaVersion).toEqual({ N: String(SCHEMA_VERSION) });
  });

  it('writes nothing into tables that are only read, and refuses those of a newer version all the same', async () => {
    const handler = middy<unknown, number>(async () => 1).use(checkSchema(client, [], ['Records']));
    dynamoDb.on(GetItemCommand).resolves(storedVersion(SCHEMA_VERSION + 1));
    await expect(handler({}, context)).rejects.toBeInstanceOf(NewerSchemaError);
    dynamoDb.on(GetItemCommand).resolves({});
    await expect(handler({}, context)).resolves.toBe(1);
    expect(dynamoDb.commandCalls(PutItemCommand)).toEqual([]);
  });

  it('lets no event through while a newer version has written the tables, and all of them afterwards', async () => {
    dynamoDb.on(GetItemCommand).resolves(storedVersion(SCHEMA_VERSION + 1));
    const { call, calls } = aFunction();
    await expect(call()).rejects.toBeInstanceOf(NewerSchemaError);
    expect(calls()).toBe(0);
    dynamoDb.on(GetItemCommand).resolves(storedVersion(SCHEMA_VERSION));
    await expect(call()).resolves.toBe(1);
  });
});
