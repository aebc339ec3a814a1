import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What the process that works on a data folder tells the others. */
export function runningFile(dataDir: string): string {
  return join(resolve(dataDir), 'running.json');
}

/** Whether a process seems to work on a data folder: one that was killed may have left its file behind. */
export function seemsInUse(dataDir: string): boolean {
  return existsSync(runningFile(dataDir));
}
