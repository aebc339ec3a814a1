import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPS, START, startCommand } from '../support/processes/run-command.ts';

export interface CommandFigures {
  helpMs: number;
  statusMs: number;
  unchangedOnceMs: number;
  /** The same with one list alone. */
  unchangedListMs: number;
}

const ROUNDS = 5;

/** How long commands take from their start to their end, on a data folder with all lists of the sandbox; medians. */
export async function measureCommands(): Promise<CommandFigures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'commands-'));
  const run = async (script: string, args: readonly string[], env: Record<string, string> = {}) => {
    const startedMs = performance.now();
    const { code, stderr } = await startCommand(script, [...args, '--data-dir', dataDir], {
      cwd: dataDir,
      env,
    }).ended;
    if (code !== 0) throw new Error(`${script} ${args.join(' ')} failed: ${stderr}`);
    return performance.now() - startedMs;
  };
  const median = async (measure: () => Promise<number>) => {
    const times: number[] = [];
    while (times.length < ROUNDS) times.push(await measure());
    return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  };
  try {
    await run(START, ['--once']);
    return {
      helpMs: await median(() => run(OPS, ['status', '--help'])),
      statusMs: await median(() => run(OPS, ['status'])),
      unchangedOnceMs: await median(() => run(START, ['--once'])),
      unchangedListMs: await median(() => run(START, ['--once'], { RESOURCES: 'invites' })),
    };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
