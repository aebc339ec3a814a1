import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ConfigurationError } from '../errors.ts';
import type { Randomness } from '../randomness.ts';
import type { SecretReader } from '../secrets.ts';
import { hasCode, unlessMissing } from '../system-error.ts';

/**
 * The secret that fields are hashed with; asked for only when there is something to hash. It throws where there is none:
 * nothing is ever stored as it is because of that.
 */
export type HashSecret = () => Promise<string>;

const storedSecret = z
  .string()
  .transform((text): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  })
  .pipe(z.object({ current: z.string().min(43) }));

/** The secret of a stage, in Secrets Manager. Throws `ConfigurationError` where it has no usable value. */
export function createStoredHashSecret(secrets: SecretReader, secretArn: string | undefined): HashSecret {
  return async () =>
    parse(secretArn === undefined ? undefined : await secrets.read(secretArn), 'FIELD_SECRET_ARN');
}

/** The secret in a data folder: `field-secret.json`, for its owner alone, made when it is first asked for. */
export function createFileHashSecret(folder: string, randomness: Randomness): HashSecret {
  const path = join(folder, 'field-secret.json');
  return async () =>
    parse((await readFile(path, 'utf8').catch(unlessMissing)) ?? (await make(path, randomness)), path);
}

/** Of two processes that make one at the same time, the first wins, and none ever reads half of it. */
async function make(path: string, randomness: Randomness): Promise<string> {
  const text = JSON.stringify({ current: randomness.hex(32) });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600, flush: true });
    await link(temporary, path);
    return text;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return readFile(path, 'utf8');
  } finally {
    await rm(temporary, { force: true });
  }
}

function parse(text: string | undefined, source: string): string {
  const { data } = storedSecret.safeParse(text);
  if (data !== undefined) return data.current;
  throw new ConfigurationError([
    `${source}: not the secret that fields are hashed with; restore it (another one gives other hashes)`,
  ]);
}
