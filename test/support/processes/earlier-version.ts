import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';
import { REPOSITORY } from './run-command.ts';

const run = promisify(execFile);

/** The version before its rooms were cut and its bundles made to start faster, of 22 November 2026. */
export const EARLIER_VERSION = '4640e35040b05d07b747e7678b61b52e56c0bec6';

/**
 * A checkout of the earlier version with its own packages. Made once, in the cache folder, and not below
 * node_modules, where Node strips no types. Rejects where its source or its packages cannot be had.
 */
export async function checkOutEarlierVersion(): Promise<string> {
  const folder = join(cacheFolder(), 'versions', EARLIER_VERSION);
  const complete = join(folder, 'node_modules/.package-lock.json');
  if (existsSync(complete)) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await run('git', ['clone', '--quiet', '--no-checkout', REPOSITORY, folder]);
  await run('git', ['checkout', '--quiet', '--detach', EARLIER_VERSION], { cwd: folder });
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
  return folder;
}
