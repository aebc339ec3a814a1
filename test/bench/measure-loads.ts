import { changeSome, startList, withDataFolder } from './embedded.ts';
import { type Check, type Figure, round, type Section } from './figures.ts';
import { measured } from './measured-process.ts';
import type { Place, TaskResult } from './tasks.ts';

/** What a stage has unless it says otherwise, and the least: one partition and two workers to spare. */
const WORKERS = 16;
const ONE_PARTITION = 3;
const SPARE = 2;

/** The latency that a real account shows; the ratios are stated for it. */
export const REAL_LATENCY_MS = 700;

/**
 * First load, unchanged sweep and incremental run over embedded engines and the sandbox, beside the plain loop. Of several
 * rounds the quickest of each is taken, the one that the machine disturbed least.
 */
export async function measureLoads(
  invites: number,
  latencyMs: number,
  rounds: number,
): Promise<{ section: Section; checks: Check[] }> {
  const all: Round[] = [];
  while (all.length < rounds) all.push(await measureRound(invites, latencyMs));
  const of = (name: keyof Round) =>
    all.map((round) => round[name]).reduce((best, next) => (next.tookMs < best.tookMs ? next : best));
  const plain = of('plain');
  const section = {
    title: `${round(invites)} invites at ${latencyMs} ms a call`,
    figures: [
      figureOf('first load', of('first'), plain, invites, BOUND.write),
      figureOf('first load, one partition', of('one'), plain, invites, BOUND.one(plain)),
      figureOf('unchanged sweep', of('sweep'), plain, invites, BOUND.read),
      figureOf('1 % changed, incremental', of('incremental'), plain, invites, BOUND.incremental),
      figureOf('plain loop', plain, plain, invites, BOUND.plain),
    ],
  };
  return { section, checks: latencyMs === REAL_LATENCY_MS ? checksOf(of, invites) : [] };
}

type Round = Record<'plain' | 'one' | 'first' | 'sweep' | 'reading' | 'incremental', TaskResult>;

async function measureRound(invites: number, latencyMs: number): Promise<Round> {
  const sandbox = await startList(invites, latencyMs);
  const sync = (place: Place, mode: 'full' | 'incremental', workers: number) =>
    measured({ kind: 'sync', place, mode, workers });
  try {
    const plain = await withDataFolder(sandbox, (place) => measured({ kind: 'plain', place }));
    const one = await withDataFolder(sandbox, (place) => sync(place, 'full', ONE_PARTITION));
    return await withDataFolder(sandbox, async (place) => {
      const first = await sync(place, 'full', WORKERS);
      const sweep = await sync(place, 'full', WORKERS);
      const reading = await measured({ kind: 'reading', place, readers: WORKERS - SPARE });
      changeSome(sandbox);
      const incremental = await sync(place, 'incremental', WORKERS);
      return { plain, one, first, sweep, reading, incremental };
    });
  } finally {
    await sandbox.close();
  }
}

const BOUND = {
  write:
    'the pages of the longest window; at low latency, the embedded database, which accepts puts one at a time',
  one: ({ tookMs, readingMs = tookMs }: TaskResult) =>
    `one page after another: a mirror with instant writes would reach ${round(tookMs / readingMs, 2)} x`,
  read: 'the pages of the longest window, and one catch-up call',
  incremental: 'one call, and checking which records are stored',
  plain: 'one page after another, with nothing in parallel',
};

function checksOf(of: (name: keyof Round) => TaskResult, invites: number): Check[] {
  const plain = of('plain');
  const first = of('first');
  const sweep = of('sweep');
  const { conditionalWrites, unconditionalWrites } = first;
  return [
    { claim: 'first load at 700 ms, times faster', measured: plain.tookMs / first.tookMs, least: 4 },
    { claim: 'its calls, beside the plain loop', measured: first.apiCalls / plain.apiCalls, most: 1.1 },
    { claim: 'with one partition, times faster', measured: plain.tookMs / of('one').tookMs, least: 1.1 },
    {
      claim: 'writes with a condition, for each record',
      measured: conditionalWrites / (invites + unconditionalWrites),
      least: 1,
    },
    { claim: 'unchanged sweep, write units a record', measured: sweep.writeUnits / invites, most: 0.1 },
    {
      claim: 'unchanged sweep, times its reading alone',
      measured: sweep.tookMs / of('reading').tookMs,
      most: 1.2,
    },
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
