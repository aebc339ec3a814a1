import type { Scope } from '../resources/resource.ts';
import type { RecordHead, RecordKey, RecordReader, StoredRecord } from './record.ts';

/** A version of a record to be stored; `deletedAt` where the row itself says that its record is gone. */
export interface RecordVersion extends StoredRecord {
  /** Whether it belongs in the attention index. */
  attention: boolean;
  /** Of a form: the hash of its complete list of line items, when that list is stored. */
  listHash?: string;
  writtenBy?: string;
}

/** `superseded`: the store holds a version that is newer in the order (`updatedAt`, `readAt`); nothing was written. */
export type WriteOutcome = 'stored' | 'superseded';

/** The complete list of a form's line items, in Autodesk's order. */
export interface LineItemList {
  ids: readonly string[];
  /** Absent while the stored items are not all those of the list. */
  listHash?: string;
  readAt: string;
}

/**
 * The mirror. Every write is conditional: an older version never overwrites a newer one, so each may be repeated
 * and may come late. Reads of heads and single records are consistent.
 */
export interface RecordStore extends RecordReader {
  /** The heads of those of the keys that are stored, by `keyText`. */
  heads(keys: readonly RecordKey[]): Promise<Map<string, RecordHead>>;
  /**
   * Stores a record that is not stored, not even as a deleted one; `exists` where it is, and then nothing is written.
   * Throws `RecordRefusedError` where the store does not take the payload.
   */
  create(version: RecordVersion): Promise<'stored' | 'exists'>;
  /** Stores a version unless the store holds a newer one. Throws as `create` does. */
  put(version: RecordVersion): Promise<WriteOutcome>;
  /** Marks a record as gone, as read at `readAt`. `superseded` also where it is not stored at all. */
  markDeleted(key: RecordKey, readAt: string): Promise<WriteOutcome>;
  /** Notes that a complete sweep did not see a record; answers the sweep that noted it before, if any. */
  noteAbsence(key: RecordKey, runId: string): Promise<string | undefined>;
  /** The keys of all records of a list that are not deleted, in pages; from an index, which may lag. */
  liveKeys(resource: string, scope: Scope): AsyncIterable<RecordKey[]>;
  /**
   * How many live records a list has, and when they were updated: an even sample, in order. Both follow from one
   * shard of the index, so they are estimates.
   */
  updateSample(resource: string, scope: Scope): Promise<{ total: number; moments: string[] }>;
  /** The heads of a form's stored line items, deleted ones included. */
  lineItemHeads(form: RecordKey): Promise<Map<string, RecordHead>>;
  /** Takes a form's list hash away before the list is changed, so that a half-written list is never taken for whole. */
  openList(form: RecordKey): Promise<void>;
  /** Stores the order of a form's line items, and its list hash or that it has none, unless a later reading did. */
  closeList(form: RecordKey, list: LineItemList): Promise<WriteOutcome>;
  /** Keys of records deleted before a moment (ISO 8601), for purging. */
  deletedBefore(resource: string, scope: Scope, moment: string): AsyncIterable<RecordKey>;
  /** Removes a deleted record for good; one that came back stays. */
  purge(key: RecordKey): Promise<void>;
}

/** A key as text, for maps. */
export function keyText(key: RecordKey): string {
  return key.formId === undefined ? `${key.resource}#${key.id}` : `${key.resource}#${key.formId}#${key.id}`;
}

/** Whether a version read at `readAt` comes after the stored one. Equal versions count as after: writes may be repeated. */
export function comesAfter(
  version: { updatedAt?: string | undefined; readAt: string },
  head: RecordHead | undefined,
): boolean {
  if (head === undefined) return true;
  if (head.deletedAt !== undefined) return version.readAt > head.readAt;
  if (version.updatedAt === undefined || head.updatedAt === undefined) return version.readAt >= head.readAt;
  if (version.updatedAt !== head.updatedAt) return version.updatedAt > head.updatedAt;
  return version.readAt >= head.readAt;
}
