import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription as TableState,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { ensureSchemaVersion } from '../../../shared/dynamodb/schema-version.ts';
import { RECORDS_TABLE, STATE_TABLE, type TableDescription } from '../../../shared/dynamodb/tables.ts';

export interface TableNames {
  records: string;
  state: string;
}

/** The names of the tables in the local stack. */
export const LOCAL_TABLES: TableNames = { records: 'Records', state: 'State' };

/** How long a table may take to become active before it counts as left half made by a process that died. */
const CREATION_PATIENCE_MS = 500;

/**
 * Creates the tables that do not exist yet and returns once all of them can be used. Throws `NewerSchemaError`
 * where a newer version of this project wrote one of them.
 */
export async function createTables(client: DynamoDBClient, names: TableNames = LOCAL_TABLES): Promise<void> {
  const tables: [string, TableDescription][] = [
    [names.records, RECORDS_TABLE],
    [names.state, STATE_TABLE],
  ];
  await Promise.all(
    tables.map(async ([name, description]) => {
      await createTable(client, name, description);
      await ensureSchemaVersion(client, name);
    }),
  );
}

async function createTable(client: DynamoDBClient, name: string, description: TableDescription) {
  let table = await describe(client, name);
  if (table === undefined) {
    await client.send(new CreateTableCommand(creationOf(name, description)));
  }
  const givenUpAt = Date.now() + CREATION_PATIENCE_MS;
  for (; ; table = await describe(client, name)) {
    if (table?.TableStatus === 'ACTIVE') return;
    if (Date.now() > givenUpAt) return finishCreation(client, table ?? {});
    await sleep(5);
  }
}

/**
 * The embedded engine leaves a table in `CREATING` for ever when its process dies within the milliseconds of the
 * creation. A change of the billing mode, there and back, is what makes such a table active.
 */
async function finishCreation(client: DynamoDBClient, table: TableState) {
  const throughput = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
  const indexes = table.GlobalSecondaryIndexes ?? [];
  await client.send(
    new UpdateTableCommand({
      TableName: table.TableName,
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: throughput,
      ...(indexes.length > 0 && {
        GlobalSecondaryIndexUpdates: indexes.map((index) => ({
          Update: { IndexName: index.IndexName, ProvisionedThroughput: throughput },
        })),
      }),
    }),
  );
  await untilActive(client, table.TableName);
  await client.send(new UpdateTableCommand({ TableName: table.TableName, BillingMode: 'PAY_PER_REQUEST' }));
  await untilActive(client, table.TableName);
}

async function untilActive(client: DynamoDBClient, name: string | undefined) {
  while ((await describe(client, name))?.TableStatus !== 'ACTIVE') await sleep(5);
}

async function describe(client: DynamoDBClient, name: string | undefined): Promise<TableState | undefined> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function creationOf(name: string, table: TableDescription): CreateTableCommandInput {
  const attributes = new Set([table.partitionKey, table.sortKey]);
  for (const index of table.indexes) attributes.add(index.partitionKey).add(index.sortKey);
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...attributes].map((attribute) => ({
      AttributeName: attribute,
      AttributeType: 'S',
    })),
    KeySchema: keySchema(table.partitionKey, table.sortKey),
    ...(table.indexes.length > 0 && {
      GlobalSecondaryIndexes: table.indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.include] },
      })),
    }),
  };
}

function keySchema(partitionKey: string, sortKey: string) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ];
}
