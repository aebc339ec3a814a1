import type { JsonObject } from '../json.ts';
import type { Scope } from '../resources/resource.ts';

/** What a record is found by. */
export interface RecordKey {
  resource: string;
  id: string;
  /** Of an element of a list that belongs to one record: the id of that record. */
  parentId?: string;
}

/** A list that belongs to one record; its elements are records of their own. */
export interface ListKey {
  /** The resource name of the elements. */
  resource: string;
  parentId: string;
}

/**
 * A record as it is stored. Times are ISO 8601 with milliseconds and `Z`; `updatedAt` is absent where Autodesk
 * sent none that can be read as a time. The order of two versions of a record is (`updatedAt`, `readAt`).
 */
export interface StoredRecord extends RecordKey {
  scope: Scope;
  /** The payload exactly as sent, but for the nested lists, and for fields that are dropped or hashed. */
  data: JsonObject;
  updatedAt?: string;
  /** When the request that read this version was sent. */
  readAt: string;
  /** Of the canonical JSON of `data`. */
  contentHash: string;
  projectId?: string;
  /** Set once the record is known to be gone. */
  deletedAt?: string;
}

/** A version of a record that another one, or its deletion, has replaced. */
export interface StoredVersion extends StoredRecord {
  /** `readAt` of what replaced it. */
  replacedAt: string;
}

/** The few attributes that decide whether a record has changed. */
export interface RecordHead {
  contentHash: string;
  readAt: string;
  updatedAt?: string;
  deletedAt?: string;
  /** Of a record with nested lists: the hash of all of them, absent while one is being written. */
  listHash?: string;
  /** Which page of which run wrote this version, and how; so that a page read again after a crash counts the same. */
  writtenBy?: string;
}

/**
 * The records of the mirror as alerts, `export` and other readers see them. Reads of single records are
 * consistent; lists come from indexes, which may lag behind by moments.
 */
export interface RecordReader {
  get(key: RecordKey): Promise<StoredRecord | undefined>;
  /** Many at once, each read consistently, by key text; those that are not stored are left out. */
  getMany(keys: readonly RecordKey[]): Promise<Map<string, StoredRecord>>;
  /** The keys in the attention index of a resource, oldest update first. */
  attention(resource: string): AsyncIterable<RecordKey>;
  /** All records of a list, each read consistently; deleted ones on request. Not for nested lists. */
  all(resource: string, scope: Scope, options?: { includeDeleted?: boolean }): AsyncIterable<StoredRecord>;
  /** The elements of a record's list in Autodesk's order, read consistently; deleted ones last, on request. */
  elements(list: ListKey, options?: { includeDeleted?: boolean }): AsyncIterable<StoredRecord>;
  /**
   * The versions of a record that were replaced, the one read last first; read consistently. The version that is
   * stored now is not among them, except where a writer died before it replaced it: see `isSameVersion`.
   */
  history(key: RecordKey, scope: Scope): AsyncIterable<StoredVersion>;
}
