import { describe } from 'vitest';
import { defineLandingStoreContract } from './landing-store-contract.ts';
import { definePartitionStoreContract } from './partition-store-contract.ts';
import { defineQuarantineStoreContract } from './quarantine-store-contract.ts';
import { defineRecordScanContract } from './record-scan-contract.ts';
import { defineRecordStoreContract } from './record-store-contract.ts';
import { defineRunStoreContract } from './run-store-contract.ts';
import type { Stores } from './stores.ts';

/** All contracts over one kind of stores. */
export function defineContracts(createStores: () => Promise<Stores>): void {
  describe('records', () => defineRecordStoreContract(createStores));
  describe('whole lists', () => defineRecordScanContract(createStores));
  describe('partitions', () => definePartitionStoreContract(createStores));
  describe('runs', () => defineRunStoreContract(createStores));
  describe('landings', () => defineLandingStoreContract(async () => (await createStores()).landings));
  describe('quarantine', () => defineQuarantineStoreContract(createStores));
}
