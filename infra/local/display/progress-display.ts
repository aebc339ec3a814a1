import type { Writable } from 'node:stream';
import type { Clock } from '../../../shared/clock.ts';
import type { RunTotals } from '../../../shared/sync/state/run.ts';
import type { ScopeProgress } from './sync-view.ts';
import { type Wait, waitSentence } from './wait-text.ts';

/** Off a terminal a line now and then is enough. */
const LINE_EVERY_MS = 10_000;
const REDRAW_EVERY_MS = 250;

export interface ProgressDisplay {
  show(progress: readonly ScopeProgress[], wait: Wait | undefined): void;
  /** Leaves the line that was being redrawn. */
  end(): void;
}

/**
 * Shows how the active runs get on: one line redrawn on a terminal; elsewhere a plain line now and then while
 * something moves. A wait is told at once; off a terminal once, unless it gets longer.
 */
export function createProgressDisplay(
  output: Writable & { isTTY?: boolean; columns?: number },
  clock: Clock,
  timeZone: string,
): ProgressDisplay {
  const startedAtMs = clock.now();
  return output.isTTY === true
    ? redrawnLine(output, clock, timeZone, startedAtMs)
    : plainLines(output, clock, timeZone, startedAtMs);
}

function redrawnLine(
  output: Writable & { columns?: number },
  clock: Clock,
  timeZone: string,
  startedAtMs: number,
): ProgressDisplay {
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  return {
    show(progress, wait) {
      const nowMs = clock.now();
      if (nowMs - drawnAtMs < REDRAW_EVERY_MS) return;
      const parts = [wait && waitSentence(wait, timeZone), progressLine(progress, nowMs - startedAtMs)];
      const line = parts.filter((part) => part !== undefined).join(' | ');
      if (line === '') return;
      drawnAtMs = nowMs;
      isDrawn = true;
      output.write(`\r\x1b[2K${line.slice(0, (output.columns ?? 80) - 1)}`);
    },
    end() {
      if (isDrawn) output.write('\r\x1b[2K');
      isDrawn = false;
    },
  };
}

function plainLines(output: Writable, clock: Clock, timeZone: string, startedAtMs: number): ProgressDisplay {
  let toldAtMs = startedAtMs;
  let toldProgress: string | undefined;
  const toldWaits = new Set<string>();
  return {
    show(progress, wait) {
      const nowMs = clock.now();
      const sentence = wait && waitSentence(wait, timeZone);
      if (sentence !== undefined && !toldWaits.has(sentence)) {
        output.write(`${sentence}.\n`);
        toldWaits.add(sentence);
      }
      // Without the rate, which goes down while nothing moves.
      const reached = progressLine(progress, Number.POSITIVE_INFINITY);
      if (reached === toldProgress || nowMs - toldAtMs < LINE_EVERY_MS) return;
      toldAtMs = nowMs;
      toldProgress = reached;
      const line = progressLine(progress, nowMs - startedAtMs);
      if (line !== undefined) output.write(`${line}\n`);
    },
    end() {},
  };
}

/**
 * All that is being read in one line: pages, records, records a second and, where a run has more than one part,
 * how many of them are done. Undefined when nothing is.
 */
export function progressLine(progress: readonly ScopeProgress[], elapsedMs: number): string | undefined {
  const active = progress.flatMap(({ state, active }) => (active ? [{ state, active }] : []));
  if (active.length === 0) return undefined;
  const all = [...active.map((run) => run.active.totals), ...finishedTotals(progress)];
  const pages = sum(all.map((totals) => totals.pages));
  const records = sum(all.map((totals) => totals.counts.fetched + (totals.lineItems?.fetched ?? 0)));
  const rate = elapsedMs < 1_000 ? records : Math.round((records * 1_000) / elapsedMs);
  const lists = active.map(({ state, active: { totals, parts, partsDone } }) => {
    const left = parts > 1 ? `, ${partsDone} of ${parts} parts done` : '';
    return `${state.resource} ${totals.counts.fetched}${left}`;
  });
  return `${pages} pages, ${records} records, ${rate}/s | reading ${lists.join(' | ')}`;
}

/** Runs that ended while others of the same start go on. */
function finishedTotals(progress: readonly ScopeProgress[]): RunTotals[] {
  const startedAt = progress.flatMap(({ state }) => (state.activeRun ? [state.activeRun.startedAt] : []));
  const earliest = startedAt.toSorted()[0] ?? '';
  return progress.flatMap(({ state: { lastRun, activeRun } }) =>
    activeRun === undefined && lastRun !== undefined && lastRun.finishedAt > earliest ? [lastRun.totals] : [],
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
