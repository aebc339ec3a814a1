import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';

const run = promisify(execFile);

/** The command of a Python of 3.10 or later with venv; undefined where there is none. */
export async function findPython(): Promise<string | undefined> {
  for (const command of ['python3', 'python']) {
    const isUsable = await run(command, [
      '-c',
      'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))',
    ]).then(
      () => true,
      () => false,
    );
    if (isUsable) return command;
  }
  return undefined;
}

/**
 * Installs what a requirements file pins into a folder of the cache, once for each content; answers the folder of
 * its commands. Rejects with pip's reason.
 */
export async function installPython(python: string, name: string, requirements: string): Promise<string> {
  const folder = join(cacheFolder(), name);
  const installed = join(folder, 'installed.txt');
  const wanted = await readFile(requirements, 'utf8');
  if ((await readFile(installed, 'utf8').catch(() => '')) !== wanted) {
    await rm(folder, { recursive: true, force: true });
    await run(python, ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    await run(join(folder, 'bin', 'python'), pip);
    await writeFile(installed, wanted);
  }
  return join(folder, 'bin');
}
