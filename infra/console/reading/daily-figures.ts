import { isoTime } from '../../../shared/clock.ts';
import { enabledLists } from '../../../shared/sync/runs/resume-stalled.ts';
import type { RunHistoryPorts } from '../../status/run-history.ts';

/** What the runs of a list came to on one day, in UTC. */
export interface DayFigures {
  resource: string;
  /** Such as `2026-11-28`. */
  day: string;
  runs: number;
  failed: number;
  fetched: number;
  apiCalls: number;
  readUnits: number;
  writeUnits: number;
}

const DAYS = 30;
const DAY_MS = 86_400_000;
/** Of a list: a run every five minutes of 30 days. */
const MOST_RUNS = 9_000;

/** The last 30 days of each list, from the ledger of its runs. */
export async function dailyFigures(ports: RunHistoryPorts, nowMs: number): Promise<DayFigures[]> {
  const since = isoTime(nowMs - DAYS * DAY_MS);
  const figures = new Map<string, DayFigures>();
  for (const { resource, scope } of enabledLists(ports.lists)) {
    for (const run of await ports.runs.ended(resource, scope, { limit: MOST_RUNS })) {
      if (run.startedAt < since) break;
      const day = run.startedAt.slice(0, 10);
      const key = `${resource} ${day}`;
      const sum = figures.get(key) ?? nothing(resource, day);
      figures.set(key, {
        ...sum,
        runs: sum.runs + 1,
        failed: sum.failed + Number(run.status === 'failed'),
        fetched: sum.fetched + run.totals.counts.fetched,
        apiCalls: sum.apiCalls + run.totals.apiCalls,
        readUnits: sum.readUnits + run.totals.readUnits,
        writeUnits: sum.writeUnits + run.totals.writeUnits,
      });
    }
  }
  return [...figures.values()];
}

function nothing(resource: string, day: string): DayFigures {
  return { resource, day, runs: 0, failed: 0, fetched: 0, apiCalls: 0, readUnits: 0, writeUnits: 0 };
}

/** Dollars for a million units on demand, as docs/operations.md reckons with. */
const WRITE_DOLLARS = 0.625;
const READ_DOLLARS = 0.125;

/** What the tables cost for these runs. Functions and queues are not in it. */
export function dollarsOf({ readUnits, writeUnits }: Pick<DayFigures, 'readUnits' | 'writeUnits'>): number {
  return (readUnits * READ_DOLLARS + writeUnits * WRITE_DOLLARS) / 1_000_000;
}
