import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** What `npm start` and `npm run ops` run. */
export const START = 'infra/local/start.ts';
export const OPS = 'infra/ops/ops.ts';

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
  options: { cwd: string; env?: Record<string, string> },
): RunningCommand {
  const command = ['--throw-deprecation', resolve(import.meta.dirname, '../../..', script), ...args];
  const child = spawn(process.execPath, command, {
    cwd: options.cwd,
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
