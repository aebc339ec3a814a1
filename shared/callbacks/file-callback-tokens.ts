import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallbackTokens } from './callback-tokens.ts';
import { parseCallbackSecret } from './parse-callback-secret.ts';

/** The callback secret in a data folder: `callback-secret.json`, for its owner alone. */
export function createFileCallbackTokens(dataDir: string): CallbackTokens {
  const path = join(dataDir, 'callback-secret.json');
  return {
    async read() {
      try {
        return parseCallbackSecret(await readFile(path, 'utf8'), path);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },

    async write(secret) {
      // Written aside and renamed, so that a crash leaves the old secret or the new one, never half of one.
      const aside = `${path}.${process.pid}`;
      const file = await open(aside, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(secret));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(aside, path);
    },
  };
}
