import type { FailureReport } from '../../errors.ts';
import type { ActiveRun, FinishedRun, PendingRun, RunMode, RunPhase, ScopeState } from './run.ts';

/** What a new run needs that a pure function cannot make. */
export interface NewRun {
  id: string;
  startedAt: string;
  /** How far an incremental window reaches back before the watermark. */
  overlapMs: number;
}

/** The state after somebody asked for a run: one is started, or the request is merged into the pending one. */
export function afterRequest(state: ScopeState, request: PendingRun, newRun: NewRun): ScopeState {
  if (state.activeRun === undefined) return { ...state, activeRun: startRun(state, request, newRun) };
  return { ...state, pending: state.pending === undefined ? request : mergeWishes(state.pending, request) };
}

/** The stronger of two wishes: full before incremental, the earlier `since` before the later or none. */
export function mergeWishes(a: PendingRun, b: PendingRun): PendingRun {
  const since = [a.since, b.since].filter((moment) => moment !== undefined).sort()[0];
  const mode: RunMode = a.mode === 'full' || b.mode === 'full' ? 'full' : 'incremental';
  return {
    mode,
    ...(since !== undefined && { since }),
    ...((a.unfiltered || b.unfiltered) && { unfiltered: true }),
    ...((a.acceptDeletions || b.acceptDeletions) && { acceptDeletions: true }),
  };
}

export function afterPhase(state: ScopeState, runId: string, phase: RunPhase): ScopeState | undefined {
  if (state.activeRun?.id !== runId) return undefined;
  return { ...state, activeRun: { ...state.activeRun, phase } };
}

/** Notes that a run meets nothing but failures that may pass. */
export function afterStall(
  state: ScopeState,
  runId: string,
  by: FailureReport,
  now: string,
): ScopeState | undefined {
  if (state.activeRun?.id !== runId) return undefined;
  const since = state.activeRun.stalled?.since ?? now;
  return { ...state, activeRun: { ...state.activeRun, stalled: { since, by } } };
}

/** Notes that a run gets on again. */
export function afterProgress(state: ScopeState, runId: string): ScopeState | undefined {
  if (state.activeRun?.id !== runId || state.activeRun.stalled === undefined) return undefined;
  const { stalled: _over, ...activeRun } = state.activeRun;
  return { ...state, activeRun };
}

/**
 * The state after a run has ended: its report, the watermark (which only a complete run moves) and the start of
 * the pending run, in one. Undefined when the run is not the active one any more.
 */
export function afterEnd(
  state: ScopeState,
  finished: FinishedRun,
  watermark: string | undefined,
  newRun: NewRun,
): ScopeState | undefined {
  if (state.activeRun?.id !== finished.id) return undefined;
  const { activeRun: _ended, pending, ...rest } = state;
  const ended: ScopeState = { ...rest, lastRun: finished };
  if (finished.status === 'complete') {
    if (watermark !== undefined) ended.watermark = watermark;
    if (finished.mode === 'full') ended.lastFull = { id: finished.id, finishedAt: finished.finishedAt };
  }
  return pending === undefined ? ended : { ...ended, activeRun: startRun(ended, pending, newRun) };
}

/** A failed full run's finished partitions are worth taking over for this long. */
export const ADOPTED_FOR_MS = 24 * 60 * 60 * 1_000;

function startRun(state: ScopeState, request: PendingRun, { id, startedAt, overlapMs }: NewRun): ActiveRun {
  const base = { id, phase: 'read', startedAt } as const;
  const accept = request.acceptDeletions && ({ acceptDeletions: true } as const);
  if (request.mode === 'full' || state.watermark === undefined) {
    const { lastRun } = state;
    const adopts =
      lastRun?.mode === 'full' &&
      lastRun.status === 'failed' &&
      // A sweep that saw too little is no sweep to build on.
      lastRun.error?.code !== 'MASS_DELETION_STOPPED' &&
      Date.parse(startedAt) - Date.parse(lastRun.startedAt) < 2 * ADOPTED_FOR_MS;
    return {
      ...base,
      mode: 'full',
      ...(request.unfiltered && { unfiltered: true }),
      ...accept,
      ...(lastRun === undefined && { first: true }),
      ...(adopts && { adopts: lastRun.id }),
    };
  }
  const from = [before(state.watermark, overlapMs), request.since]
    .filter((moment) => moment !== undefined)
    .sort()[0];
  return { ...base, mode: 'incremental', ...(from !== undefined && { from }), ...accept };
}

/** The moment `ms` milliseconds before another, both ISO 8601. */
export function before(moment: string, ms: number): string {
  return new Date(Date.parse(moment) - ms).toISOString();
}
