import {
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { startDynalite } from '../../../infra/local/engines/dynalite.ts';
import { createTables } from '../../../infra/local/engines/tables.ts';
import { NewerSchemaError } from '../../../shared/errors.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((engine) => engine.stop()));
});

async function engine() {
  const dynamodb = await startDynalite();
  open.push(dynamodb);
  return new DynamoDBClient({
    endpoint: dynamodb.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}

const NAMES = { records: 'Records', state: 'State' };

describe('createTables', () => {
  it('creates both tables with their keys and indexes', async () => {
    const client = await engine();
    await createTables(client, NAMES);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'Records' }));
    expect(Table?.TableStatus).toBe('ACTIVE');
    expect(Table?.GlobalSecondaryIndexes?.map((index) => index.IndexName).sort()).toEqual([
      'attention',
      'by-project',
      'by-update',
    ]);
    const state = await client.send(new DescribeTableCommand({ TableName: 'State' }));
    expect(state.Table?.KeySchema?.map((key) => key.AttributeName)).toEqual(['pk', 'sk']);
  });

  it('keeps what is stored when it is called again', async () => {
    const client = await engine();
    await createTables(client, NAMES);
    const Item = { pk: { S: 'a' }, sk: { S: 'b' } };
    await client.send(new PutItemCommand({ TableName: 'State', Item }));
    await createTables(client, NAMES);
    const stored = await client.send(new GetItemCommand({ TableName: 'State', Key: Item }));
    expect(stored.Item).toEqual(Item);
  });

  it('refuses tables that a newer version wrote', async () => {
    const client = await engine();
    await createTables(client, NAMES);
    await client.send(
      new PutItemCommand({
        TableName: 'State',
        Item: { pk: { S: 'schema' }, sk: { S: 'version' }, schemaVersion: { N: '999' } },
      }),
    );
    await expect(createTables(client, NAMES)).rejects.toThrow(NewerSchemaError);
  });

  it('finishes a table whose creation was cut short by the death of its process', async () => {
    const { default: dynalite } = await import('dynalite');
    // An engine that never finishes a creation looks like one that died in it.
    const server = dynalite({ createTableMs: 1_000_000_000, updateTableMs: 0 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({ stop: async () => void server.closeAllConnections() });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    await createTables(client, NAMES);
    const Item = { pk: { S: 'a' }, sk: { S: 'b' } };
    await client.send(new PutItemCommand({ TableName: 'Records', Item }));
    expect((await client.send(new GetItemCommand({ TableName: 'Records', Key: Item }))).Item).toEqual(Item);
  });
});
