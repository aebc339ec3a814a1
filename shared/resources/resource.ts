import type { JsonObject } from '../json.ts';

/** Autodesk's APIs, each with a rate limit of its own. */
export type ApiName = 'buildingconnected' | 'data-connector';

/** Minutes between two looks for changes of a list that says nothing else. */
export const USUAL_MINUTES = 15;

/** The company of the signed-in user, or one Autodesk account (hub) by its id. */
export type Scope = string;
export const COMPANY_SCOPE: Scope = 'company';

/**
 * All that the engine knows of a resource. It knows none by name: adding a resource is adding one entry to the
 * registry and one fixture.
 */
export interface Resource {
  name: string;
  /** What its records are, in a few words for people. */
  about: string;
  api: ApiName;
  /** Whether there is one list for the company or one for each account id. */
  scope: 'company' | 'account';
  /** The path of the list below the origin; the path of one record is this, `/` and its id. */
  path: (scope: Scope) => string;
  /** Query parameters of every page: some lists hide records unless they are asked for them. */
  query?: Readonly<Record<string, string>>;
  pagination: Pagination;
  /** How changes are found without reading everything. */
  changes: ChangeDetection;
  /** Whether `updatedAt` may be null, so that a list filtered by it can miss records. */
  updatedAtMayBeNull: boolean;
  /** The query parameter that makes the first page of a list tell how many records there are, where one exists. */
  totalsParameter?: string;
  /**
   * Read once a day and not with every incremental run, because it changes no more often, or because its changes
   * cannot be told and it has to be read whole.
   */
  daily?: true;
  /**
   * Its runs wait for no other list: they have workers of their own, and a few places of the rate budget. For a list that
   * is read in a few calls.
   */
  urgent?: true;
  /** Minutes between two looks for changes, unless a stage says otherwise; `USUAL_MINUTES` where it is missing. */
  everyMinutes?: number;
  /** Whether a row says of itself that its record is gone: it counts as deleted, and its data is kept. */
  removed?: (data: JsonObject) => boolean;
  /** The lists inside each record; what the record's own path continues. */
  nested?: readonly NestedList[];
  /** Where the list exists once for each record of another resource, its parent. Such a list is off unless it is asked for. */
  parent?: ParentList;
  /** The field of a row that holds its id: `id` where missing. */
  idField?: string;
  /** A list inside each row that stays in it, read to its end at the path of another resource's record of the row's id. */
  inRow?: { field: string; of: string; segment: string };
  attention?: Attention;
  /** The fields that `removed`, `attention`, alerts and callbacks read in a row; what else is needed of it follows from the entry. */
  reads?: readonly string[];
}

/** How a list is asked for the records that belong to its parents. */
export interface ParentList {
  /** The resource of the parents. Its runs are followed by one of this list. */
  name: string;
  by:
    | /** One list a parent, at the list's path, `/`, the parent's id, `/` and this. */ {
        kind: 'path';
        segment: string;
      }
    | /** One list for up to `atOnce` parents, by `filter[field]` with their ids; `field` names the parent in a row. */ {
        kind: 'filter';
        field: string;
        atOnce: number;
      };
}

/** Which records people may have to be told about; they are kept in the attention index. */
export interface Attention {
  needed: (data: JsonObject) => boolean;
  /**
   * True once a record can be trusted to move `updatedAt` when it changes. Those that need attention and are not
   * settled are read again by id at the end of every run.
   */
  settled: (data: JsonObject) => boolean;
}

export type Pagination =
  | { style: 'cursor' }
  /** `sort`: query parameters that keep the order of creation, so that offsets do not shift. */
  | { style: 'offset'; sort: Record<string, string>; newestFirst?: Record<string, string> };

export type ChangeDetection =
  /** `filter[updatedAt]=from..to`, from inclusive, to exclusive. */
  | { kind: 'updated-at-filter' }
  /** No filter: walk from the newest record back to the first that was created before the window. */
  | { kind: 'newest-first' }
  /** No filter and no order: every run reads the whole list. */
  | { kind: 'none' }
  /** Of a list with parents: those of parents that have changed. */
  | { kind: 'of-parent' };

/** A list inside each record, continued at `/{id}/{segment}`; its elements are records of their own. */
export interface NestedList {
  /** The resource name of the elements. */
  name: string;
  /** The field of the parent that holds `{pagination, results}`. */
  field: string;
  /** The path segment below the parent's own path. */
  segment: string;
  /** What the sort keys of its elements begin with: `item` where missing. The lists of one resource must differ in it. */
  sortKey?: string;
  /** The fields by which elements that have no id are told apart; where missing, such elements are quarantined. */
  identity?: readonly string[];
  /** The name that its elements had for the id of their record before it was `parentId`; they keep it beside it. */
  parentIdAlias?: 'formId';
}
