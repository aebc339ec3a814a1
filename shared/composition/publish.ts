import type { Lake } from '../lake/lake.ts';
import type { EnabledLists } from '../sync/runs/resume-stalled.ts';
import type { Basics, RecordsAccess, StateAccess } from './given.ts';
import { publishingLeaseOf, recordScan } from './stores.ts';

export interface PublishOptions extends Basics, StateAccess, RecordsAccess {
  tables: { records: string; state: string };
  lists: EnabledLists;
  lake: Lake;
}

/** What the publish function needs. */
export function publishPorts(options: PublishOptions) {
  const { lists, lake, clock, randomness, log } = options;
  return {
    lists,
    lake,
    records: recordScan(options),
    lease: publishingLeaseOf(options),
    clock,
    randomness,
    log,
  };
}
