import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTables } from '../../infra/local/engines/tables.ts';
import { systemClock } from '../../shared/clock.ts';
import { Table } from '../../shared/dynamodb/table.ts';
import { Usage } from '../../shared/observability/usage.ts';
import { DynamoQuarantineStore } from '../../shared/records/dynamo-quarantine-store.ts';
import { DynamoRecordStore } from '../../shared/records/dynamo-record-store.ts';
import { DynamoPartitionStore } from '../../shared/sync/state/dynamo-partition-store.ts';
import { DynamoRunStore } from '../../shared/sync/state/dynamo-run-store.ts';
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
  const records = new Table({ client, tableName: names.records, clock: systemClock, usage });
  const state = new Table({ client, tableName: names.state, clock: systemClock, usage });
  const partitions = new DynamoPartitionStore(state, systemClock.now);
  return {
    records: new DynamoRecordStore(records),
    partitions,
    runs: new DynamoRunStore(state, partitions),
    quarantine: new DynamoQuarantineStore(state),
  };
}
