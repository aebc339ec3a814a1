import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { REPOSITORY, type RunningCommand, startCommand } from '../support/processes/run-command.ts';

const COMMAND = 'test/deployed/run.ts';
const SOON = { timeout: 60_000, interval: 100 };

describe('npm run test:deployed', { timeout: 120_000 }, () => {
  it('leaves no process, no port and no file behind on Ctrl-C', async () => {
    const command = start();
    const emulator = await emulatorOf(command);
    command.child.kill('SIGINT');
    expect(await command.ended).toMatchObject({ code: 130 });
    expect(await isListening(emulator.port)).toBe(false);
    expect(isRunning(emulator.pid)).toBe(false);
    expect(existsSync(emulator.home)).toBe(false);
  });

  it('leaves nothing behind where no test can be run, and fails', async () => {
    const command = start('no-such-file');
    const emulator = await emulatorOf(command);
    expect((await command.ended).code).toBe(1);
    expect(await isListening(emulator.port)).toBe(false);
    expect(isRunning(emulator.pid)).toBe(false);
    expect(existsSync(emulator.home)).toBe(false);
  });

  it('says in one line that it found no Python, and is no failure', async () => {
    const withoutPython = startCommand(COMMAND, [], {
      cwd: REPOSITORY,
      env: { PATH: '/nowhere', HOME: process.env.HOME ?? '' },
    });
    expect(await withoutPython.ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^test:deployed skipped: [^\n]*Python[^\n]*\n$/),
      stderr: '',
    });
  });
});

function start(...args: string[]): RunningCommand {
  const { HOME = '', XDG_CACHE_HOME } = process.env;
  return startCommand(COMMAND, args, {
    cwd: REPOSITORY,
    env: { HOME, ...(XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME }) },
  });
}

/** What the command says of the emulator that it has started. */
async function emulatorOf({ output }: RunningCommand): Promise<{ port: number; pid: number; home: string }> {
  await expect.poll(() => output.stdout, SOON).toContain('emulator at');
  const [, port, pid, home = ''] = /:(\d+), process (\d+), in (\S+)/.exec(output.stdout) ?? [];
  return { port: Number(port), pid: Number(pid), home };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Whether anybody is left in the process group. */
function isRunning(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}
