import type { LandingStore } from '../../shared/extracts/landing/landing.ts';
import type { QuarantineStore } from '../../shared/records/quarantine.ts';
import type { RecordStore } from '../../shared/records/record-store.ts';
import type { RecordScan } from '../../shared/records/scan/record-scan.ts';
import type { PartitionStore, RunStore } from '../../shared/sync/state/stores.ts';
import { InMemoryLandingStore } from '../support/in-memory/landing-store.ts';
import { InMemoryPartitionStore } from '../support/in-memory/partition-store.ts';
import { InMemoryQuarantineStore } from '../support/in-memory/quarantine-store.ts';
import { InMemoryRecordScan } from '../support/in-memory/record-scan.ts';
import { InMemoryRecordStore } from '../support/in-memory/record-store.ts';
import { InMemoryRunStore } from '../support/in-memory/run-store.ts';

/** The stores that a contract is checked against, empty. */
export interface Stores {
  records: RecordStore;
  scan: RecordScan;
  partitions: PartitionStore;
  runs: RunStore;
  quarantine: QuarantineStore;
  landings: LandingStore;
}

export function createInMemoryStores(): Stores {
  const partitions = new InMemoryPartitionStore();
  const records = new InMemoryRecordStore();
  return {
    records,
    scan: new InMemoryRecordScan(records),
    partitions,
    runs: new InMemoryRunStore(partitions),
    quarantine: new InMemoryQuarantineStore(),
    landings: new InMemoryLandingStore(),
  };
}

export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const collected: Value[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}
