import type { Scope } from '../resources/resource.ts';
import type { ListKey, RecordHead, RecordKey, RecordReader, StoredRecord } from './record.ts';

/** A version of a record to be stored; `deletedAt` where the row itself says that its record is gone. */
export interface RecordVersion extends StoredRecord {
  /** Whether it belongs in the attention index. */
  attention: boolean;
  /** The hash of all its nested lists, when they are stored whole. */
  listHash?: string;
  writtenBy?: string;
}

/** `superseded`: the store holds a version that is newer in the order (`updatedAt`, `readAt`); nothing was written. */
export type WriteOutcome = 'stored' | 'superseded';

/** Where a replaced version is kept; only the store that gave it knows what it says. */
export interface VersionKey {
  record: string;
  version: string;
}

/** The elements of a complete list, in Autodesk's order. */
export interface ListOrder {
  ids: readonly string[];
  readAt: string;
}

/**
 * The mirror. Every write is conditional: an older version never overwrites a newer one, so each may be repeated
 * and may come late. What `put` and `markDeleted` replace is kept first, as long as history is kept at all. Reads of
 * heads and single records are consistent.
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
  /**
   * The keys of the records of a list that are not deleted, in pages; from an index, which may lag. `shard`: only those
   * of one shard, by shards.ts. `since`: only those that Autodesk updated at that moment (ISO 8601) or later.
   */
  liveKeys(
    resource: string,
    scope: Scope,
    only?: { shard?: number; since?: string },
  ): AsyncIterable<RecordKey[]>;
  /**
   * How many live records a list has, and when they were updated: an even sample, in order. Both follow from one
   * shard of the index, so they are estimates.
   */
  updateSample(resource: string, scope: Scope): Promise<{ total: number; moments: string[] }>;
  /** The heads of a list's stored elements by id, deleted ones included. */
  elementHeads(list: ListKey): Promise<Map<string, RecordHead>>;
  /** Takes a record's list hash away before a list in it is changed, so that half-written lists are never taken for whole. */
  openLists(record: RecordKey): Promise<void>;
  /** Stores the order of a list's elements, unless that of a later reading is stored. */
  putOrder(list: ListKey, order: ListOrder): Promise<WriteOutcome>;
  /**
   * Stores that the lists in a record were read at `readAt`, and their hash if what is stored is all of what was read;
   * unless a later reading of them is stored, or the record is gone.
   */
  closeLists(record: RecordKey, lists: { listHash?: string; readAt: string }): Promise<WriteOutcome>;
  /** Keys of records deleted before a moment (ISO 8601), for purging. */
  deletedBefore(resource: string, scope: Scope, moment: string): AsyncIterable<RecordKey>;
  /** Removes a deleted record for good, with its history; one that came back stays. */
  purge(key: RecordKey): Promise<void>;
  /** Replaced versions of a list that were replaced before a moment (ISO 8601), in pages; of a nested list as well. */
  replacedBefore(resource: string, scope: Scope, moment: string): AsyncIterable<VersionKey[]>;
  /** Removes replaced versions for good. */
  forget(versions: readonly VersionKey[]): Promise<void>;
}

/** A key as text, for maps. */
export function keyText(key: RecordKey): string {
  return key.parentId === undefined
    ? `${key.resource}#${key.id}`
    : `${key.resource}#${key.parentId}#${key.id}`;
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

/** Whether two heads are of one version: the same content, read by the same request, as living or as gone. */
export function isSameVersion(
  a: Pick<RecordHead, 'contentHash' | 'readAt' | 'deletedAt'>,
  b: Pick<RecordHead, 'contentHash' | 'readAt' | 'deletedAt'>,
): boolean {
  return (
    a.contentHash === b.contentHash &&
    a.readAt === b.readAt &&
    (a.deletedAt === undefined) === (b.deletedAt === undefined)
  );
}
