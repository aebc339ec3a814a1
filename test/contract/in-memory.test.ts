import { describe } from 'vitest';
import { defineContracts } from './define-contracts.ts';
import { createInMemoryStores } from './stores.ts';

describe('the stores in memory', () => {
  defineContracts(async () => createInMemoryStores());
});
