import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { createLocalClients } from '../../infra/local/engines/clients.ts';
import { type RunningDynalite, startDynalite } from '../../infra/local/engines/dynalite.ts';
import { createTables } from '../../infra/local/engines/tables.ts';
import { systemClock } from '../../shared/clock.ts';

export function localClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}

let made = 0;

/** A new pair of tables in a DynamoDB that is not AWS's, as the composition of stores takes it. */
export async function newTables(dynamodb: DynamoDBClient) {
  made += 1;
  const tables = { records: `Records${made}`, state: `State${made}` };
  await createTables(dynamodb, tables);
  return { dynamodb, tables, clock: systemClock };
}

/**
 * An embedded DynamoDB for the tests of this file or block: each call of the answer makes new tables in it. Asked as
 * the process asks that has it, or `over a connection`, as others do.
 */
export function embeddedTables(
  asked: 'directly' | 'over a connection' = 'directly',
): () => ReturnType<typeof newTables> {
  let dynalite: RunningDynalite | undefined;
  let client: DynamoDBClient | undefined;
  beforeAll(async () => {
    dynalite = await startDynalite();
    const addresses = { dynamodb: dynalite.endpoint, queues: 'http://127.0.0.1:1' };
    client = createLocalClients(addresses, asked === 'directly' ? dynalite.answer : undefined).dynamodb;
  });
  afterAll(async () => {
    client?.destroy();
    await dynalite?.stop();
  });
  return () => {
    if (client === undefined) throw new Error('The embedded DynamoDB is not running.');
    return newTables(client);
  };
}
