import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileHashSecret, createStoredHashSecret } from '../../../shared/privacy/hash-secret.ts';
import { systemRandomness } from '../../../shared/randomness.ts';

describe('the secret in a data folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hash-secret-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const secretOf = () => createFileHashSecret(folder, systemRandomness)();

  it('is made when it is first asked for, for its owner alone, and stays', async () => {
    createFileHashSecret(folder, systemRandomness);
    expect(await readdir(folder)).toEqual([]);

    const secret = await secretOf();

    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(join(folder, 'field-secret.json'))).mode & 0o777).toBe(0o600);
    expect(await secretOf()).toBe(secret);
    expect(await readdir(folder)).toEqual(['field-secret.json']);
  });

  it('is the same for all that make it at the same time', async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, secretOf));
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(folder)).toEqual(['field-secret.json']);
  });

  it('is not replaced where it cannot be read', async () => {
    await writeFile(join(folder, 'field-secret.json'), '{"current":"short"}');
    await expect(secretOf()).rejects.toThrow(/field-secret\.json: not the secret .*restore it/);
  });
});

describe('the secret of a stage', () => {
  it('is what Secrets Manager has made', async () => {
    const current = 'k'.repeat(43);
    const secret = createStoredHashSecret({ read: async () => JSON.stringify({ current }) }, 'arn');
    expect(await secret()).toBe(current);
  });

  it.each([undefined, '', 'text', '{"current":""}'])('is refused when it is %s', async (text) => {
    const secret = createStoredHashSecret({ read: async () => text }, 'arn');
    await expect(secret()).rejects.toMatchObject({ code: 'CONFIGURATION', disposition: 'fail' });
  });
});
