import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTables } from '../../infra/local/engines/tables.ts';
import { systemClock } from '../../shared/clock.ts';
import { recordStores, syncStores } from '../../shared/composition/stores.ts';
import { Usage } from '../../shared/observability/usage.ts';
import type { Stores } from './stores.ts';

export function createLocalClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}

let made = 0;

/** The DynamoDB stores over new tables; what they consume is counted in `usage`. */
export async function createDynamoStores(client: DynamoDBClient, usage = new Usage()): Promise<Stores> {
  made += 1;
  const names = { records: `Records${made}`, state: `State${made}` };
  await createTables(client, names);
  const given = { dynamodb: client, tables: names, clock: systemClock };
  return { ...syncStores(given, usage), ...recordStores(given, usage) };
}
