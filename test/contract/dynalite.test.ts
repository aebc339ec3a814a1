import { describe } from 'vitest';
import { embeddedTables } from '../support/embedded-tables.ts';
import { defineContracts } from './define-contracts.ts';
import { createDynamoStores } from './dynamo-stores.ts';

describe.each(['directly', 'over a connection'] as const)(
  'the stores over the embedded DynamoDB, asked %s',
  (asked) => {
    const tables = embeddedTables(asked);

    defineContracts(() => createDynamoStores(tables()));
  },
);
