import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { NewerSchemaError } from '../errors.ts';
import { SCHEMA_VERSION } from './tables.ts';

const KEY = { pk: { S: 'schema' }, sk: { S: 'version' } };

/**
 * Makes sure that this version understands the table: writes the schema version into a table that has none and
 * throws `NewerSchemaError` for one that a newer version wrote. Safe to call any number of times.
 */
export async function ensureSchemaVersion(client: DynamoDBClient, tableName: string): Promise<void> {
  const found = await knownVersion(client, tableName);
  if (found === SCHEMA_VERSION) return;
  try {
    await client.send(
      new PutItemCommand({
        TableName: tableName,
        Item: { ...KEY, schemaVersion: { N: String(SCHEMA_VERSION) } },
        ConditionExpression: 'attribute_not_exists(pk) OR schemaVersion < :known',
        ExpressionAttributeValues: { ':known': { N: String(SCHEMA_VERSION) } },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // Another process wrote first: look at what it wrote.
    await ensureSchemaVersion(client, tableName);
  }
}

/** For those who only read: throws `NewerSchemaError` for a table that a newer version wrote. */
export async function refuseNewerSchema(client: DynamoDBClient, tableName: string): Promise<void> {
  await knownVersion(client, tableName);
}

async function knownVersion(client: DynamoDBClient, tableName: string): Promise<number | undefined> {
  const found = await readSchemaVersion(client, tableName);
  if (found !== undefined && found > SCHEMA_VERSION) {
    throw new NewerSchemaError(tableName, found, SCHEMA_VERSION);
  }
  return found;
}

async function readSchemaVersion(client: DynamoDBClient, tableName: string): Promise<number | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: tableName, Key: KEY, ConsistentRead: true }),
  );
  return Item?.schemaVersion?.N === undefined ? undefined : Number(Item.schemaVersion.N);
}
