import type { PagePosition, UpdatedAtWindow } from '../autodesk/api.ts';
import type { FailureReport } from '../errors.ts';
import type { Counts, RunPhase, RunTotals } from './run.ts';

/** What a partition of a run has to do. */
export type PartitionWork =
  /** Read a list, or the part of it whose `updatedAt` lies in a window. */
  | { kind: 'list'; window?: UpdatedAtWindow }
  /** Read a list from its newest record back to the first that was created before a moment. */
  | { kind: 'newest-first'; until?: string }
  /** Read by id the records that need attention, are not settled and were not read in this run. */
  | { kind: 're-read' }
  /** Find the stored records that a full sweep did not see, and read each by id before it is called deleted. */
  | { kind: 'reconcile' };

/** How far a partition has come: everything before it is stored. */
export interface Checkpoint {
  /** Pages stored. */
  pages: number;
  /** The next page; absent at the start. For walks over ids: the last id done. */
  position?: PagePosition;
  afterId?: string;
  /** Inside the page at `position`: a form whose line items are being read. */
  inside?: { index: number; formId: string; position: PagePosition; chunks: number };
  /** Reference cursor of the loop detector (Brent's algorithm). */
  loop?: { cursor: string; power: number; steps: number };
}

export interface Partition {
  runId: string;
  id: string;
  phase: RunPhase;
  work: PartitionWork;
  state: 'open' | 'done';
  /** The run that created it; where its ids seen are kept. Differs from `runId` when a successor adopted it. */
  origin: string;
  checkpoint: Checkpoint;
  totals: RunTotals;
  /** Raised by every owner; a write with an older fence fails. */
  fence: number;
  /** The present owner; absent when none works on it. */
  lease?: { owner: string; untilMs: number };
  /** Not to be taken up before this moment. */
  notBeforeMs: number;
  /** Taken up after an owner had vanished, since the last progress. */
  resumes: number;
  /** Failures that may pass, since the last progress. */
  failures: number;
  lastFailure?: FailureReport;
  /** True once a refused cursor has made it start again. */
  restarted: boolean;
  /** The server's date on its first page. */
  serverDate?: string;
  finishedAt?: string;
}

export const LEASE_MS = 60_000;

export function noCounts(): Counts {
  return { fetched: 0, created: 0, updated: 0, unchanged: 0, deleted: 0, quarantined: 0 };
}

export function noTotals(): RunTotals {
  return { counts: noCounts(), pages: 0, apiCalls: 0, readUnits: 0, writeUnits: 0 };
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    fetched: a.fetched + b.fetched,
    created: a.created + b.created,
    updated: a.updated + b.updated,
    unchanged: a.unchanged + b.unchanged,
    deleted: a.deleted + b.deleted,
    quarantined: a.quarantined + b.quarantined,
  };
}

export function addTotals(a: RunTotals, b: RunTotals): RunTotals {
  const lineItems =
    a.lineItems && b.lineItems ? addCounts(a.lineItems, b.lineItems) : (a.lineItems ?? b.lineItems);
  return {
    counts: addCounts(a.counts, b.counts),
    ...(lineItems && { lineItems }),
    pages: a.pages + b.pages,
    apiCalls: a.apiCalls + b.apiCalls,
    readUnits: a.readUnits + b.readUnits,
    writeUnits: a.writeUnits + b.writeUnits,
  };
}
