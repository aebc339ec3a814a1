import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { startList, withDataFolder } from './embedded.ts';
import { type Check, checksText, holds, round, type Section, sectionText } from './figures.ts';
import { GeneratedInvites } from './generated-invites.ts';
import { CALLBACKS_A_SECOND, measureCallbacks } from './measure-callbacks.ts';
import { measureCommands } from './measure-commands.ts';
import { measureFailure } from './measure-failure.ts';
import { functionSection, measureFunctions } from './measure-functions.ts';
import { measureLake } from './measure-lake.ts';
import { measureLoads, REAL_LATENCY_MS } from './measure-loads.ts';
import { measured } from './measured-process.ts';
import { measurePeers, peerVersions } from './peers/measure-peers.ts';
import { scaleNote } from './scale.ts';
import { firstLoadBesidePlainLoop, shareOfBudget } from './virtual-ratios.ts';
import { WARM_UP_PUTS } from './warm-up.ts';

const HELP = `npm run bench -- [options]

Measures the mirror against a plain sequential loop, on embedded engines and the sandbox, and checks the ratios
that must hold. Takes 12 minutes or more; run it on an otherwise idle machine to get meaningful figures.

  --peers   measure other tools on the same list, too; installs them, and takes ten minutes more
  --quick   small lists and short latencies, in two minutes; the figures mean little
  --json    print only the figures and checks on stdout, as JSON
  --write   write the figures to docs/performance.md
  --help    show this help

Exit code 1 if a ratio does not hold.
`;

const PAGE = new URL('../../docs/performance.md', import.meta.url);
const WORKERS = 16;
const ROUNDS = 3;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  process.stdout.write(HELP);
} else {
  const bench = await measureAll(options);
  if (options.write) await writeFile(PAGE, bench.page);
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ sections: bench.sections, checks: bench.checks.map((check) => ({ ...check, holds: holds(check) })) })}\n`
      : bench.page,
  );
  process.exitCode = bench.checks.every(holds) ? 0 : 1;
}

async function measureAll({ quick, peers }: { quick: boolean; peers: boolean }) {
  const sections: Section[] = [];
  const checks: Check[] = [];
  const busyBefore = loadavg()[0] ?? 0;
  for (const latencyMs of quick ? [0, 100] : [0, 100, REAL_LATENCY_MS]) {
    tell(`loads at ${latencyMs} ms`);
    const loads = await measureLoads(
      quick ? 1_000 : 5_000,
      latencyMs,
      latencyMs === REAL_LATENCY_MS ? ROUNDS : 1,
    );
    sections.push(loads.section);
    checks.push(...loads.checks);
  }
  const beside = peers ? await besidePeers(quick) : '';
  tell('virtual time');
  checks.push(...(await virtualChecks()));
  tell('memory');
  const memory = await measureMemoryPeaks(quick);
  sections.push(memory.section);
  checks.push(memory.check);
  tell('lake');
  sections.push(await measureLake(quick ? 10_000 : 200_000));
  tell('callbacks');
  sections.push(await callbackSection(quick ? 2 : 10));
  tell('commands');
  const commands = await commandSection();
  sections.push(commands.section);
  checks.push(...commands.checks);
  tell('from failure to message');
  const failure = await failureSection();
  sections.push(failure.section);
  checks.push(failure.check);
  tell('functions');
  const imports = await measureImports();
  sections.push(imports.section);
  checks.push(...imports.checks);
  tell('scale');
  const note = await scaleNote();
  return { sections, checks, page: pageOf(sections, checks, beside + note, busyBefore) };
}

async function besidePeers(quick: boolean): Promise<string> {
  tell('other tools');
  const sections = await measurePeers(quick ? 1_000 : 5_000, quick ? [0] : [0, REAL_LATENCY_MS]);
  if (sections === undefined) {
    tell('other tools skipped: they need Python 3.10 or later with venv, and none was found');
    return '';
  }
  return `## Beside other tools

${await peerVersions()}, from the start of a command to its end: dlt's REST source into DuckDB, airbyte-cdk's declarative source into
a file, and \`npm start -- --live --once\`. They read the same list from the same server, one tool after the other. Ratios above 1 x are
in favor of this project.

${sections.map(sectionText).join('\n\n')}

`;
}

async function virtualChecks(): Promise<Check[]> {
  const load = { invites: 20_000, order: 'by-creation', workers: WORKERS, apiMs: 100, tableMs: 10 } as const;
  const first = await firstLoadBesidePlainLoop(load);
  const invites = new GeneratedInvites({ count: 40_000, order: 'by-creation', pageSize: 5 });
  const budget = await shareOfBudget({ invites, requestsPerMinute: 1_000, apiMs: 700, workers: WORKERS });
  return [
    {
      claim: '20,000 invites, 100 ms a call and 10 ms a table call, times faster',
      measured: first.times,
      least: 8,
    },
    { claim: 'its calls, beside the plain loop', measured: first.callsBeside, most: 1.1 },
    { claim: '1,000 calls a minute at 700 ms: share of the budget', measured: budget.share, least: 0.8 },
  ];
}

async function measureMemoryPeaks(quick: boolean): Promise<{ section: Section; check: Check }> {
  const onEngines = [];
  for (const invites of quick ? [1_000] : [10_000, 50_000]) {
    const sandbox = await startList(invites, 0);
    // A folder for each: the loop writes items that are no records of the mirror.
    const peaks = {
      plain: await withDataFolder(sandbox, (place) => measured({ kind: 'plain', place })),
      first: await withDataFolder(sandbox, (place) =>
        measured({ kind: 'sync', place, mode: 'full', workers: WORKERS }),
      ),
    };
    await sandbox.close();
    onEngines.push({
      name: `first load of ${round(invites)} on embedded engines`,
      value: `${round(peaks.first.peakMemoryMb)} MB`,
      beside: `${round(peaks.plain.peakMemoryMb)} MB`,
      ratio: `${round(peaks.first.peakMemoryMb / peaks.plain.peakMemoryMb, 2)} x`,
      bound:
        'the files of the embedded database, which the system maps into memory and takes back when it is short of it; garbage that Node has not collected yet; and pages, two for each of 14 windows',
    });
  }
  const few = await measured({ kind: 'memory', records: 10_000 });
  const many = await measured({ kind: 'memory', records: quick ? 20_000 : 200_000 });
  const ratio = many.peakMemoryMb / few.peakMemoryMb;
  return {
    section: {
      title: 'Peak memory, each in its own process',
      figures: [
        ...onEngines,
        {
          name: `first load and sweep of ${round(many.records / 2)} with in-memory ports`,
          value: `${round(many.peakMemoryMb)} MB`,
          beside: `${round(few.peakMemoryMb)} MB with 10,000`,
          ratio: `${round(ratio, 2)} x`,
          bound:
            'pages in memory, and eight bytes for each id seen; with a 160 MB heap, so that garbage does not count',
        },
      ],
    },
    check: { claim: 'peak memory at 200,000 records, beside 10,000', measured: ratio, most: 1.2 },
  };
}

async function callbackSection(seconds: number): Promise<Section> {
  const sandbox = await startList(100, 0);
  const accountId = sandbox.accountIds[0] ?? '';
  const [busy, calm] = await withDataFolder(sandbox, async (place) => [
    await measureCallbacks(place, accountId, CALLBACKS_A_SECOND, seconds),
    await measureCallbacks(place, accountId, 10, seconds),
  ]);
  await sandbox.close();
  const text = ({ p50Ms, p99Ms, refused }: typeof busy) =>
    `p50 ${round(p50Ms, 1)} ms, p99 ${round(p99Ms, 1)} ms, ${refused} refused`;
  return {
    title: 'Callbacks',
    figures: [
      {
        name: `${CALLBACKS_A_SECOND} a second`,
        value: text(busy),
        beside: `at 10 a second: ${text(calm)}`,
        ratio: `${round(busy.p50Ms / calm.p50Ms, 1)} x`,
        bound:
          'the embedded queue and table, which share one thread; each callback is queued and stored before the response',
      },
    ],
  };
}

async function commandSection(): Promise<{ section: Section; checks: Check[] }> {
  const { helpMs, statusMs, unchangedOnceMs, unchangedListMs } = await measureCommands();
  const seconds = (ms: number) => `${round(ms / 1_000, 2)} s`;
  return {
    section: {
      title: 'Commands, from their start to their end',
      figures: [
        {
          name: '`npm start -- --once`, nothing changed, at 0 ms a call',
          value: seconds(unchangedOnceMs),
          beside: `${seconds(unchangedListMs)} with one list instead of 16`,
          bound:
            'loading the code, starting the engines, a run for each list, and the evaluations of the alerts after them',
        },
        {
          name: '`npm run ops -- status`, while nothing runs',
          value: seconds(statusMs),
          beside: `${seconds(helpMs)} for its \`--help\``,
          bound: 'loading the code of AWS clients, of zod and of the engines, beside each other',
        },
      ],
    },
    checks: [
      { claim: '`ops status`, seconds', measured: statusMs / 1_000, most: 0.6 },
      { claim: '`--once` with nothing changed, seconds', measured: unchangedOnceMs / 1_000, most: 2 },
    ],
  };
}

async function failureSection(): Promise<{ section: Section; check: Check }> {
  const atOnceMs = await measureFailure(0);
  const tookMs = await measureFailure(REAL_LATENCY_MS);
  return {
    section: {
      title: 'From failure to message',
      figures: [
        {
          name: `a pair of 500 fails: from the next look to the message in Slack, at ${REAL_LATENCY_MS} ms a call`,
          value: `${round(tookMs / 1_000, 1)} s`,
          beside: `${round(atOnceMs / 1_000, 1)} s at 0 ms`,
          bound: 'the calls of the look, one after another; the default look is every 5 minutes',
        },
      ],
    },
    check: {
      claim: 'from the look that finds a failure to Slack, seconds',
      measured: tookMs / 1_000,
      most: 10,
    },
  };
}

async function measureImports(): Promise<{ section: Section; checks: Check[] }> {
  const measuredFunctions = await measureFunctions();
  return {
    section: functionSection(measuredFunctions),
    checks: measuredFunctions.flatMap(({ name, importMs, beforeMs }) =>
      beforeMs === undefined
        ? []
        : [
            {
              claim: `import of the ${name} function, beside 4640e35`,
              measured: importMs / beforeMs,
              most: 0.6,
            },
          ],
    ),
  };
}

function pageOf(sections: readonly Section[], checks: readonly Check[], note: string, busy: number): string {
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} processors, ${round(totalmem() / 2 ** 30)} GB, Node ${process.version}, ${process.platform}`;
  return `# Performance

Written by \`npm run bench -- --peers --write\` on ${new Date().toISOString().slice(0, 10)}. Machine: ${machine}; load average at the start ${round(busy, 1)}.
Absolute figures depend on this machine and how busy it is; ratios compare measurements from the same run. The plain loop
reads a page, writes it with BatchWriteItem, and reads the next. The sandbox runs in a separate process from
the measured one, which has put ${round(WARM_UP_PUTS)} items and renewed its token before the clock starts. Of ${ROUNDS} rounds at ${REAL_LATENCY_MS} ms, each figure is
the fastest one, because the machine disturbed it least. There are more and more invites towards today, and one in twenty has the same
time of update, so that no window can divide them. Index write units are not counted, because the embedded engine does not
report them.

## What must hold

${checksText(checks)}

Three of them say as much about the machine as about the mirror. The embedded database accepts puts one at a time: if it is
slower than the pages arrive, it limits the first load. With one partition, all there is to gain is the time the plain loop
spends writing; the figures at ${REAL_LATENCY_MS} ms show what a mirror with instant writes would reach. The sweep and the read alone are
measured one after the other, and the machine may be busier for one of them. The seconds of commands, and the imports beside an
earlier version, differ by a third and more from one hour of a shared machine to another. In virtual time, where the machine does not
matter, \`npm run test:end-to-end\` checks the same ratios with tables that take 10 to 25 ms a call.

## Figures

${sections.map(sectionText).join('\n\n')}

${note}
`;
}

function tell(step: string): void {
  process.stderr.write(`${step} ...\n`);
}
