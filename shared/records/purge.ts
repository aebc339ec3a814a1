import { type Clock, isoTime } from '../clock.ts';
import { listNamesOf, requireResource } from '../resources/registry.ts';
import type { Scope } from '../resources/resource.ts';
import type { RecordStore } from './record-store.ts';

/** Invites hold personal data: what is gone at Autodesk is not kept for longer without a reason. */
export const PURGE_DELETED_AFTER_DAYS = 365;

/** For so many days replaced versions are kept, unless a stage says otherwise; 0: none are. */
export const HISTORY_DAYS = 365;

const DAY_MS = 86_400_000;

/** The moment, ISO 8601, before which a record must have been deleted, or a version replaced, to be purged now. */
export function purgeMoment(afterDays: number, clock: Clock): string {
  return isoTime(clock.now() - afterDays * DAY_MS);
}

export interface PurgePorts {
  records: Pick<RecordStore, 'deletedBefore' | 'purge'>;
  /** It stops when nothing is left of it; the rest is found again by the next call. */
  timeLeftMs(): number;
}

/**
 * Removes for good the records of a list that were deleted before a moment (ISO 8601), forms with their line items.
 * Repeating it is safe: a record that came back stays.
 */
export async function purgeDeleted(
  list: { resource: string; scope: Scope },
  moment: string,
  { records, timeLeftMs }: PurgePorts,
): Promise<{ removed: number; isDone: boolean }> {
  let removed = 0;
  for await (const key of records.deletedBefore(list.resource, list.scope, moment)) {
    if (timeLeftMs() <= 0) return { removed, isDone: false };
    await records.purge(key);
    removed += 1;
  }
  return { removed, isDone: true };
}

export interface HistoryPurgePorts {
  records: Pick<RecordStore, 'replacedBefore' | 'forget'>;
  /** As in `PurgePorts`. */
  timeLeftMs(): number;
}

/**
 * Removes for good the versions that were replaced before a moment (ISO 8601), of a list and of the lists in its
 * records. Repeating it is safe.
 */
export async function purgeHistory(
  list: { resource: string; scope: Scope },
  moment: string,
  { records, timeLeftMs }: HistoryPurgePorts,
): Promise<{ removed: number; isDone: boolean }> {
  let removed = 0;
  for (const name of listNamesOf(requireResource(list.resource))) {
    for await (const versions of records.replacedBefore(name, list.scope, moment)) {
      if (timeLeftMs() <= 0) return { removed, isDone: false };
      await records.forget(versions);
      removed += versions.length;
    }
  }
  return { removed, isDone: true };
}
