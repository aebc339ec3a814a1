import { parseArgs } from 'node:util';
import { checkHistories, describeBroken } from './check-histories.ts';
import { playHistory } from './history.ts';
import { planFrom } from './plan.ts';

const HELP = `Plays random histories of the sync engine and checks its invariants after each one (docs/simulation.md).

npm run simulate -- [--histories N] [--seed S]
npm run simulate -- --plan JSON

  --histories N  how many (default 2000)
  --seed S       the same seed gives the same histories (default: from the clock)
  --plan JSON    play one history, as printed by a failure
  --help         show this help

Exit code 0: every invariant held. 1: one was broken, and the smallest history that breaks it is printed.
2: the arguments are invalid.`;

/** Runs the command; answers its exit code. */
async function simulate(parameters: string[]): Promise<number> {
  const { values } = parseArgs({
    args: parameters,
    options: {
      histories: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      plan: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (values.plan !== undefined) return replay(values.plan);
  const histories = wholeNumber('--histories', values.histories);
  const seed = values.seed === undefined ? Date.now() & 0x7fffffff : wholeNumber('--seed', values.seed);
  return explore(histories, seed);
}

async function replay(planText: string): Promise<number> {
  const broken = await playHistory(planFrom(planText));
  console.log(broken === undefined ? 'Every invariant held.' : `An invariant was broken: ${broken.message}`);
  return broken === undefined ? 0 : 1;
}

async function explore(histories: number, seed: number): Promise<number> {
  const startMs = Date.now();
  let played = 0;
  console.log(`${histories} histories from seed ${seed}`);
  const { broken } = await checkHistories({
    histories,
    seed,
    onHistory: () => {
      played += 1;
      if (played % 1_000 === 0) console.log(`${played} played, ${rate(played, startMs)} a second`);
    },
  });
  if (broken !== undefined) {
    console.error(describeBroken(broken));
    return 1;
  }
  console.log(`Every invariant held in ${played} histories, ${rate(played, startMs)} a second.`);
  return 0;
}

function rate(played: number, startMs: number): number {
  return Math.round((played * 1_000) / Math.max(1, Date.now() - startMs));
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new TypeError(`${name} must be a whole number, not ${text}.`);
  return Number(text);
}

try {
  process.exitCode = await simulate(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
