import { describe } from 'vitest';
import { embeddedTables } from '../support/embedded-tables.ts';
import { defineContracts } from './define-contracts.ts';
import { createDynamoStores } from './dynamo-stores.ts';

describe('the stores over the embedded DynamoDB', () => {
  const tables = embeddedTables();

  defineContracts(() => createDynamoStores(tables()));
});
