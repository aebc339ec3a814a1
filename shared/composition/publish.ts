import { LandedExtracts } from '../extracts/landed-extracts.ts';
import type { ObjectStore } from '../extracts/object-store.ts';
import type { Lake } from '../lake/lake.ts';
import type { EnabledLists } from '../sync/runs/resume-stalled.ts';
import type { Basics, RecordsAccess, StateAccess } from './given.ts';
import { publishingLeaseOf, recordScan } from './stores.ts';

export interface PublishOptions extends Basics, StateAccess, RecordsAccess {
  tables: { records: string; state: string };
  lists: EnabledLists;
  lake: Lake;
  /** Undefined while the files of Data Connector's jobs are not landed. */
  extractStore: Pick<ObjectStore, 'read' | 'folders'> | undefined;
}

/** What the publish function needs. */
export function publishPorts(options: PublishOptions) {
  const { lists, lake, extractStore, clock, randomness, log } = options;
  return {
    lists,
    lake,
    records: recordScan(options),
    extracts: extractStore && new LandedExtracts(extractStore),
    lease: publishingLeaseOf(options),
    clock,
    randomness,
    log,
  };
}
