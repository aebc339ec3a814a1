import type { JsonObject } from '../json.ts';
import type { Scope } from '../resources/resource.ts';

/** What a record is found by. `formId` only for elements of a nested list (line items). */
export interface RecordKey {
  resource: string;
  id: string;
  formId?: string;
}

/**
 * A record as it is stored. Times are ISO 8601 with milliseconds and `Z`; `updatedAt` is absent where Autodesk
 * sent none that can be read as a time. The order of two versions of a record is (`updatedAt`, `readAt`).
 */
export interface StoredRecord extends RecordKey {
  scope: Scope;
  /** The payload exactly as sent; a form's without its `lineItems`. */
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

/** The few attributes that decide whether a record has changed. */
export interface RecordHead {
  contentHash: string;
  readAt: string;
  updatedAt?: string;
  deletedAt?: string;
  /** Of a form: the hash of its complete list of line items, absent while that list is being written. */
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
  /** The keys in the attention index of a resource, oldest update first. */
  attention(resource: string): AsyncIterable<RecordKey>;
  /** All records of a list, each read consistently; deleted ones on request. Not for line items. */
  all(resource: string, scope: Scope, options?: { includeDeleted?: boolean }): AsyncIterable<StoredRecord>;
  /** The line items of a form in Autodesk's order, read consistently; deleted ones last, on request. */
  lineItems(form: RecordKey, options?: { includeDeleted?: boolean }): AsyncIterable<StoredRecord>;
}
