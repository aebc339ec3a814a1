import type { Json } from '../../json.ts';
import { isJsonObject } from '../../json.ts';
import { versionOf } from '../../records/reading.ts';
import type { RecordVersion } from '../../records/record-store.ts';
import type { Resource, Scope } from '../../resources/resource.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import { type ListParts, partsIn } from './nested-lists.ts';
import { versionUnlessRefused } from './quarantine-record.ts';

/** A record of a page that can be stored, with the parts of its lists that came with it. */
export interface PageEntry {
  version: RecordVersion;
  parts: ListParts;
}

/** Tells the records of a page that can be stored from those that cannot; these are quarantined. */
export async function acceptPage(
  resource: Resource,
  scope: Scope,
  sent: readonly Json[],
  readAt: string,
  runId: string,
  ports: SyncPorts,
): Promise<{ entries: PageEntry[]; quarantined: number }> {
  const entries: PageEntry[] = [];
  let quarantined = 0;
  for (const record of sent) {
    const version = await versionUnlessRefused(
      () => versionOf(resource, scope, record, readAt),
      { resource: resource.name, scope, sent: record, readAt },
      runId,
      ports,
    );
    const parts = isJsonObject(record) ? partsIn(record, resource.nested ?? [], readAt) : new Map();
    if (version === undefined) quarantined += 1;
    else entries.push({ version, parts });
  }
  return { entries, quarantined };
}
