import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe } from 'vitest';
import { type RunningDynalite, startDynalite } from '../../infra/local/engines/dynalite.ts';
import { defineContracts } from './define-contracts.ts';
import { createDynamoStores, createLocalClient } from './dynamo-stores.ts';

describe('the stores over the embedded DynamoDB', () => {
  let dynalite: RunningDynalite;
  let client: DynamoDBClient;

  beforeAll(async () => {
    dynalite = await startDynalite();
    client = createLocalClient(dynalite.endpoint);
  });
  afterAll(async () => {
    client.destroy();
    await dynalite.stop();
  });

  defineContracts(() => createDynamoStores(client));
});
