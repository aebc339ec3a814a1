import { isoTime } from '../../shared/clock.ts';
import { startList, withDataFolder } from './embedded.ts';
import { type Check, type Figure, round, type Section } from './figures.ts';
import { measured } from './measured-process.ts';
import type { Place, TaskResult } from './tasks.ts';

/** What a stage has unless it says otherwise, and the least: one partition and two workers to spare. */
const WORKERS = 16;
const ONE_PARTITION = 3;
const SPARE = 2;

/** The latency that a real account shows; the ratios are stated for it. */
const REAL_LATENCY_MS = 700;

/** First load, unchanged sweep and incremental run over embedded engines and the sandbox, beside the plain loop. */
export async function measureLoads(
  invites: number,
  latencyMs: number,
): Promise<{ section: Section; checks: Check[] }> {
  const sandbox = await startList(invites, latencyMs);
  const sync = (mode: 'full' | 'incremental', workers: number) => (place: Place) =>
    measured({ kind: 'sync', place, mode, workers });
  try {
    const plain = await withDataFolder(sandbox, (mirror) =>
      mirror((place) => measured({ kind: 'plain', place })),
    );
    const one = await withDataFolder(sandbox, (mirror) => mirror(sync('full', ONE_PARTITION)));
    const runs = await withDataFolder(sandbox, async (mirror) => {
      const first = await mirror(sync('full', WORKERS));
      const sweep = await mirror(sync('full', WORKERS));
      const reading = await mirror((place) => measured({ kind: 'reading', place, readers: WORKERS - SPARE }));
      const changedAt = isoTime(Date.now());
      for (const { id } of sandbox.data.records('invites').filter((_, index) => index % 100 === 0)) {
        sandbox.data.change('invites', String(id), { state: 'BIDDING', updatedAt: changedAt });
      }
      return { first, sweep, reading, incremental: await mirror(sync('incremental', WORKERS)) };
    });
    const section = {
      title: `${round(invites)} invites at ${latencyMs} ms a call`,
      figures: [
        figureOf('first load', runs.first, plain, invites, BOUND.write),
        figureOf('first load, one partition', one, plain, invites, BOUND.one),
        figureOf('unchanged sweep', runs.sweep, plain, invites, BOUND.read),
        figureOf('1 % changed, incremental', runs.incremental, plain, invites, BOUND.incremental),
        figureOf('plain loop', plain, plain, invites, 'one page after another'),
      ],
    };
    return { section, checks: latencyMs === REAL_LATENCY_MS ? checksOf(plain, one, runs, invites) : [] };
  } finally {
    await sandbox.close();
  }
}

const BOUND = {
  write:
    'the pages of the longest window; with little latency the embedded database, which takes puts one by one',
  one: 'one page after another: it gains what the plain loop spends on writing, and no more',
  read: 'the pages of the longest window, and one call of catching up',
  incremental: 'one call, and reading which records are stored',
};

function checksOf(
  plain: TaskResult,
  one: TaskResult,
  runs: Record<'first' | 'sweep' | 'reading', TaskResult>,
  invites: number,
): Check[] {
  const { first, sweep, reading } = runs;
  return [
    { claim: 'first load at 700 ms, times faster', measured: plain.tookMs / first.tookMs, least: 4 },
    { claim: 'its calls, beside the plain loop', measured: first.apiCalls / plain.apiCalls, most: 1.1 },
    { claim: 'with one partition, times faster', measured: plain.tookMs / one.tookMs, least: 1.1 },
    { claim: 'writes of records without a condition', measured: first.unconditionalWrites, most: 0 },
    { claim: 'unchanged sweep, write units a record', measured: sweep.writeUnits / invites, most: 0.1 },
    { claim: 'unchanged sweep, times its reading alone', measured: sweep.tookMs / reading.tookMs, most: 1.2 },
  ];
}

function figureOf(name: string, run: TaskResult, plain: TaskResult, invites: number, bound: string): Figure {
  const perThousand = (amount: number) => round((amount * 1_000) / invites, 1);
  const rate = (result: TaskResult) => `${round((invites * 1_000) / result.tookMs)} records/s`;
  const used = `${perThousand(run.apiCalls)} calls, ${perThousand(run.writeUnits)} write and ${perThousand(run.readUnits)} read units per 1,000`;
  return {
    name,
    value: `${rate(run)}; ${used}; ${round(run.peakMemoryMb)} MB`,
    beside: rate(plain),
    ratio: `${round(plain.tookMs / run.tookMs, 2)} x`,
    bound,
  };
}
