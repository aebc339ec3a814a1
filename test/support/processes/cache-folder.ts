import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where tests keep what is slow to get, from one run to the next. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'buildingconnected-sync');
}
