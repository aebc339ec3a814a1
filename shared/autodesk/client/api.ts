import type { Json } from '../../json.ts';
import type { NestedList, Resource, Scope } from '../../resources/resource.ts';

/** `[from, to)` of `updatedAt`, in ISO 8601 with milliseconds; an open end where one is missing. */
export interface UpdatedAtWindow {
  from?: string;
  to?: string;
}

/** Where a list goes on: Autodesk's opaque cursor, or a number of records to skip. */
export type PagePosition = { cursor: string } | { offset: number };

export interface ListRequest {
  resource: Resource;
  scope: Scope;
  /** Only for resources whose changes are found by `updated-at-filter`. Absent: the whole list. */
  window?: UpdatedAtWindow;
  /** Of a list with parents: the ids of those whose records are wanted, one where it is asked for by path. */
  parents?: readonly string[];
  /** From the newest record backwards; only for offset lists that offer it. */
  newestFirst?: boolean;
  /** Absent: from the start. */
  position?: PagePosition;
  /** Records a page, 1 to 100. */
  limit: number;
}

/** One page, as far as it can be trusted: the records are whatever JSON stood in `results`. */
export interface Page {
  records: Json[];
  /** Absent exactly when the list has ended; a short or empty page may still have it. */
  next?: PagePosition;
  /** How many records the whole list holds, where Autodesk says so. */
  total?: number;
  /** When the request that brought the page was sent; ISO 8601. */
  readAt: string;
  /** The server's `Date` header, ISO 8601, where there was one that can be read. */
  serverDate?: string;
}

/** A page of a list inside one record, from its start or from a position. */
export interface NestedRequest {
  resource: Resource;
  list: NestedList;
  scope: Scope;
  /** The id of the record. */
  id: string;
  position?: PagePosition;
  limit: number;
}

export type RecordReading =
  | { kind: 'found'; record: Json; readAt: string }
  | { kind: 'absent'; readAt: string };

/**
 * Autodesk's APIs as the engine uses them. Each call takes its share of the rate budget, retries what may pass
 * by itself within a bound, and throws a `SyncError` otherwise (see errors.ts beside this file):
 * `RateLimitedError` when the wait is longer than a few seconds, `NeedsConsentError` when a person must sign in.
 */
export interface AutodeskApi {
  list(request: ListRequest): Promise<Page>;
  nested(request: NestedRequest): Promise<Page>;
  /**
   * One record by its id; `parentId` for a list that exists once for each parent, by path. A 404 is `absent`, not an
   * error.
   */
  read(resource: Resource, scope: Scope, id: string, parentId?: string): Promise<RecordReading>;
}
