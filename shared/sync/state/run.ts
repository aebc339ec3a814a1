import * as z from 'zod';
import type { Scope } from '../../resources/resource.ts';

const moment = z.string();

const failureReport = z.object({ code: z.string(), message: z.string(), remedy: z.string() });

const runMode = z.enum(['full', 'incremental']);
export type RunMode = z.infer<typeof runMode>;

/** Records counted on checkpointed pages. */
const counts = z.object({
  fetched: z.number(),
  created: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  deleted: z.number(),
  quarantined: z.number(),
});
export type Counts = z.infer<typeof counts>;

export const runTotals = z.object({
  counts,
  /** Elements of nested lists, for resources that have them. */
  lineItems: counts.exactOptional(),
  pages: z.number(),
  apiCalls: z.number(),
  readUnits: z.number(),
  writeUnits: z.number(),
});
export type RunTotals = z.infer<typeof runTotals>;

/** What a run goes through, in this order; each phase ends when all its partitions are done. */
export const RUN_PHASES = ['read', 'catch-up', 're-read', 'reconcile'] as const;
export const runPhase = z.enum(RUN_PHASES);
export type RunPhase = z.infer<typeof runPhase>;

/** A request for a run that came while another was active; several merge into one. */
const pendingRun = z.object({
  mode: runMode,
  /** Incremental: read changes from this moment instead of from the watermark. */
  since: moment.exactOptional(),
  /** A full sweep in one unfiltered walk. */
  unfiltered: z.literal(true).exactOptional(),
  /** A person has said that a mass deletion is right; the guard lets this run pass. */
  acceptDeletions: z.literal(true).exactOptional(),
});
export type PendingRun = z.infer<typeof pendingRun>;

const activeRun = z.object({
  id: z.string(),
  mode: runMode,
  phase: runPhase,
  startedAt: moment,
  /** Incremental: the lower end of the window of `updatedAt`. */
  from: moment.exactOptional(),
  unfiltered: z.literal(true).exactOptional(),
  acceptDeletions: z.literal(true).exactOptional(),
  /** Nothing was ever stored for this list, so there is nothing that could have been deleted. */
  first: z.literal(true).exactOptional(),
  /** The failed run whose finished partitions this one takes over. */
  adopts: z.string().exactOptional(),
  /** Since when the run has met nothing but failures that may pass, and the last of them; absent while it gets on. */
  stalled: z.object({ since: moment, by: failureReport }).exactOptional(),
});
export type ActiveRun = z.infer<typeof activeRun>;

export const finishedRun = z.object({
  id: z.string(),
  mode: runMode,
  status: z.enum(['complete', 'failed']),
  startedAt: moment,
  finishedAt: moment,
  totals: runTotals,
  error: failureReport.exactOptional(),
});
export type FinishedRun = z.infer<typeof finishedRun>;

/** All that is known of the runs of one resource and scope: one item, changed by one conditional update at a time. */
export const scopeState = z.object({
  resource: z.string(),
  scope: z.string(),
  activeRun: activeRun.exactOptional(),
  pending: pendingRun.exactOptional(),
  /** Everything Autodesk changed before this moment is stored: the start of the last complete run. */
  watermark: moment.exactOptional(),
  lastRun: finishedRun.exactOptional(),
  /** The last full run that ended complete. */
  lastFull: z.object({ id: z.string(), finishedAt: moment }).exactOptional(),
});
export type ScopeState = z.infer<typeof scopeState>;

/** The runs of all resources, for those that only look: status, alerts. */
export interface RunReader {
  read(resource: string, scope: Scope): Promise<ScopeState>;
  /** Totals so far of a run that is active. */
  totalsOf(runId: string): Promise<RunTotals>;
  /** Runs that have ended, the latest first; those alone that started before a moment, ISO 8601, where one is given. */
  ended(resource: string, scope: Scope, options: { limit: number; before?: string }): Promise<FinishedRun[]>;
}

/** Runs that have ended are kept for so long. */
export const RUNS_KEPT_DAYS = 90;
