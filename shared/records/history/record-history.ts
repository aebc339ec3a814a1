import type { RecordKey, RecordReader, StoredRecord } from '../record.ts';
import { isSameVersion } from '../record-store.ts';
import { type Change, changesBetween } from './changes.ts';

/** A version of a record, and what it changed. */
export interface HistoryEntry {
  version: StoredRecord;
  /** Absent for the version that is stored now. */
  replacedAt?: string;
  /** Against the version before it; none for the oldest that is kept. */
  changes: Change[];
}

export interface RecordHistory {
  /** The version that is stored now comes first, then the replaced ones, the one read last first. */
  entries: [HistoryEntry, ...HistoryEntry[]];
  /** Whether there are more than were asked for. */
  isCut: boolean;
}

/** The versions of a record, at most so many; undefined where the record is not stored. */
export async function readRecordHistory(
  key: RecordKey,
  records: Pick<RecordReader, 'get' | 'history'>,
  most = Number.POSITIVE_INFINITY,
): Promise<RecordHistory | undefined> {
  const current = await records.get(key);
  if (current === undefined) return undefined;
  const newest: HistoryEntry = { version: current, changes: [] };
  const entries: RecordHistory['entries'] = [newest];
  let after = newest;
  for await (const { replacedAt, ...version } of records.history(key, current.scope)) {
    // Left by a writer that died before it replaced this version.
    if (isSameVersion(version, current)) continue;
    after.changes = changesBetween(version.data, after.version.data);
    if (entries.length >= most) return { entries, isCut: true };
    after = { version, replacedAt, changes: [] };
    entries.push(after);
  }
  return { entries, isCut: false };
}
