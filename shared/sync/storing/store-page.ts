import type { Json } from '../../json.ts';
import { isJsonObject } from '../../json.ts';
import { versionOf } from '../../records/reading.ts';
import type { RecordVersion } from '../../records/record-store.ts';
import { RecordRefusedError } from '../../records/refusal.ts';
import type { Resource, Scope } from '../../resources/resource.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import { type ListParts, partsIn } from './nested-lists.ts';
import { quarantine } from './quarantine-record.ts';

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
    try {
      const version = versionOf(resource, scope, record, readAt);
      const parts = isJsonObject(record) ? partsIn(record, resource.nested ?? [], readAt) : new Map();
      entries.push({ version, parts });
    } catch (error) {
      if (!(error instanceof RecordRefusedError)) throw error;
      await quarantine({ resource: resource.name, scope, sent: record, readAt }, error, runId, ports);
      quarantined += 1;
    }
  }
  return { entries, quarantined };
}
