import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What `npm start` and `npm run ops` run. */
export const START = 'infra/local/start.ts';
export const OPS = 'infra/ops/ops.ts';

/** The folder of this project. */
export const REPOSITORY = join(import.meta.dirname, '../../..');

export interface Ended {
  /** Null where a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunningCommand {
  child: ChildProcess;
  /** What it has printed so far. */
  output: { stdout: string; stderr: string };
  ended: Promise<Ended>;
}

/**
 * Starts a command of this project as a process of its own. It sees only the environment given, and `.env` of the
 * folder it is started in, so that what the machine has set changes nothing.
 */
export function startCommand(
  script: string,
  args: readonly string[],
  options: ProgramOptions & { /** Another version's folder. */ repository?: string },
): RunningCommand {
  const { repository = REPOSITORY, ...others } = options;
  return startProgram(process.execPath, ['--throw-deprecation', join(repository, script), ...args], others);
}

export interface ProgramOptions {
  cwd: string;
  env?: Record<string, string>;
  /** What it reads from standard input; nothing where missing. */
  input?: string;
}

/** Starts any program, with the environment given and the path to find others. */
export function startProgram(
  program: string,
  args: readonly string[],
  { cwd, env, input }: ProgramOptions,
): RunningCommand {
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A program that ends without reading it is no failure of the test.
  child.stdin.on('error', () => {}).end(input);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    // Decoded as a stream: a chunk may end inside a character.
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, ...output }));
  return { child, output, ended };
}
