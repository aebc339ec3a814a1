import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { parseRotatingSecret, type SecretStore } from './rotating-secret.ts';

/** A secret in a file, for its owner alone. `rotateCommand` makes a new one where the file is damaged. */
export function createFileSecretStore(path: string, rotateCommand: string): SecretStore {
  return {
    async read() {
      try {
        return parseRotatingSecret(await readFile(path, 'utf8'), path, rotateCommand);
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
