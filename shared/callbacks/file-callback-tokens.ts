import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
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
      await writeFileAtomic(path, JSON.stringify(secret), { mode: 0o600 });
    },
  };
}
