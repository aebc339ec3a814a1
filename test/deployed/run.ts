import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../support/processes/cache-folder.ts';
import { findPython } from '../support/processes/python.ts';
import { awsEnvironment, bootstrap } from './aws.ts';
import { type Emulator, endGroup, installEmulator, startEmulator } from './emulator.ts';

const INTERRUPTED = 130;

/** `npm run test:deployed`: starts the emulator, runs the tests against it, and leaves nothing behind. */
async function main(): Promise<number> {
  const python = await findPython();
  if (python === undefined) {
    console.log('test:deployed skipped: it needs Python 3.10 or later with venv, and found none.');
    return 0;
  }
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interruption.abort());
  }
  const emulator = await startEmulator(await installEmulator(python));
  try {
    console.log(`emulator at ${emulator.url}, process ${emulator.pid}, in ${emulator.home}`);
    await bootstrap(awsEnvironment(emulator.url));
    const exitCode = interruption.signal.aborted
      ? INTERRUPTED
      : await runTests(emulator, interruption.signal);
    if (exitCode !== 0 && exitCode !== INTERRUPTED) await keepLog(emulator);
    return exitCode;
  } finally {
    await emulator.stop();
  }
}

async function runTests({ url }: Emulator, interrupted: AbortSignal): Promise<number> {
  const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
  const tests = spawn(process.execPath, [vitest, 'run', '--project', 'deployed', ...process.argv.slice(2)], {
    // A process group: commands that a test has started end with the tests.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEPLOYED_EMULATOR_URL: url },
  });
  const asked = once(interrupted, 'abort').then(() => INTERRUPTED);
  const exitCode = await Promise.race([asked, once(tests, 'exit').then(([code]) => code ?? 1)]);
  await endGroup(tests);
  return exitCode;
}

async function keepLog({ logFile }: Emulator): Promise<void> {
  const kept = join(cacheFolder(), 'emulator.log');
  await copyFile(logFile, kept);
  console.log(`The emulator's log: ${kept}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`test:deployed could not start: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
