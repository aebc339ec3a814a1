import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../support/processes/free-port.ts';
import { installPython } from '../support/processes/python.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const START_TIMEOUT_MS = 60_000;
/** An emulator that does not end on request within this time is ended. */
const STOP_TIMEOUT_MS = 5_000;

export interface Emulator {
  url: string;
  /** Leads the process group of all that it starts. */
  pid: number;
  /** Where it and its functions write. */
  home: string;
  logFile: string;
  /** Ends it with everything that it has started, and removes what it has written. */
  stop(): Promise<void>;
}

/** Installs the pinned emulator, once; answers its command. Rejects with pip's reason. */
export async function installEmulator(python: string): Promise<string> {
  return join(await installPython(python, 'emulator', REQUIREMENTS), 'ministack');
}

/** Starts the emulator on a free port of 127.0.0.1, with nothing of this machine's AWS settings. */
export async function startEmulator(command: string): Promise<Emulator> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const home = await mkdtemp(join(tmpdir(), 'aws-emulator-'));
  const logFile = join(home, 'emulator.log');
  const log = openSync(logFile, 'w');
  const child = spawn(command, [], {
    cwd: home,
    // A process group, so that the functions that it starts end with it.
    detached: true,
    env: {
      // Functions run with the first node of the path: the one that runs this.
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      HOME: home,
      TMPDIR: home,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      // It would listen on all addresses.
      IOT_MTLS_ENABLED: '0',
    },
    stdio: ['ignore', log, log],
  });
  const stop = async () => {
    await endGroup(child);
    closeSync(log);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await untilHealthy(url, child);
  } catch (error) {
    const log = await readFile(logFile, 'utf8');
    await stop();
    throw new Error(`The emulator did not start. ${log}`, { cause: error });
  }
  return { url, pid: child.pid ?? 0, home, logFile, stop };
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}.`);
    const health = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    if (health?.ok) return;
    await wait(100);
  }
  throw new Error(`It does not answer after ${START_TIMEOUT_MS / 1000} s.`);
}

/** Ends a process that leads a group, and what is left of the group. */
export async function endGroup(child: ChildProcess): Promise<void> {
  const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  signalGroup(child, 'SIGTERM');
  if (ended !== undefined) await Promise.race([ended, wait(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  signalGroup(child, 'SIGKILL');
  await ended;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // Nobody is left in it.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
