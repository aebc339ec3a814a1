import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Not the temporary folder that Node would take: what others may write to must not be run. */
export const COMPILED = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url));

/**
 * Keeps what is compiled for the next process, because commands spend most of their time on that. For this thread,
 * and for what it imports from now on. Where the folder cannot be written, nothing is kept.
 */
export function keepCompiled(): void {
  enableCompileCache(COMPILED);
}
