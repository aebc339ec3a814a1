import type { FailureReport } from '../errors.ts';
import type { Scope } from '../resources/resource.ts';

export type RunMode = 'full' | 'incremental';

/** Records counted on checkpointed pages; line items are counted apart. */
export interface Counts {
  fetched: number;
  created: number;
  updated: number;
  unchanged: number;
  deleted: number;
  quarantined: number;
}

export interface RunTotals {
  counts: Counts;
  /** Elements of nested lists, for resources that have them. */
  lineItems?: Counts;
  pages: number;
  apiCalls: number;
  readUnits: number;
  writeUnits: number;
}

/** What a run goes through, in this order; each phase ends when all its partitions are done. */
export type RunPhase = 'read' | 'catch-up' | 're-read' | 'reconcile';

export interface ActiveRun {
  id: string;
  mode: RunMode;
  phase: RunPhase;
  startedAt: string;
  /** Incremental: the lower end of the window of `updatedAt`. */
  from?: string;
  /** A full sweep in one unfiltered walk. */
  unfiltered?: boolean;
  /** A person has said that a mass deletion is right; the guard lets this run pass. */
  acceptDeletions?: boolean;
  /** Since when the run has met nothing but failures that may pass; absent while it gets on. */
  stalledSince?: string;
  /** The last failure that may pass, while it stalls. */
  stalledBy?: FailureReport;
}

export interface FinishedRun {
  id: string;
  mode: RunMode;
  status: 'complete' | 'failed';
  startedAt: string;
  finishedAt: string;
  totals: RunTotals;
  error?: FailureReport;
}

/** A wish for a run that came while another was active; several merge into one. */
export interface PendingRun {
  mode: RunMode;
  since?: string;
  unfiltered?: boolean;
  acceptDeletions?: boolean;
}

/** All that is known of the runs of one resource and scope: one item, changed by one conditional update at a time. */
export interface ScopeState {
  resource: string;
  scope: Scope;
  activeRun?: ActiveRun;
  pending?: PendingRun;
  /** Start of the last complete run: everything Autodesk changed before it is stored. */
  watermark?: string;
  lastRun?: FinishedRun;
  /** When the last full run ended complete. */
  lastFullAt?: string;
}

/** The runs of all resources, for those that only look: status, alerts. */
export interface RunReader {
  read(resource: string, scope: Scope): Promise<ScopeState>;
  /** Totals so far of a run that is active. */
  totalsOf(runId: string): Promise<RunTotals>;
}
