import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { unlessMissing } from '../system-error.ts';
import { parseRotatingSecret, type SecretStore } from './rotating-secret.ts';

/** A secret in a file, for its owner alone. `rotateCommand` makes a new one where the file is damaged. */
export function createFileSecretStore(path: string, rotateCommand: string): SecretStore {
  return {
    async read() {
      const text = await readFile(path, 'utf8').catch(unlessMissing);
      return text === undefined ? undefined : parseRotatingSecret(text, path, rotateCommand);
    },

    async write(secret) {
      await writeFileAtomic(path, JSON.stringify(secret), { mode: 0o600 });
    },
  };
}
