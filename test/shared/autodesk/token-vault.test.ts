import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it } from 'vitest';
import { FileTokenVault } from '../../../shared/autodesk/connection/file-token-vault.ts';
import { SecretTokenVault } from '../../../shared/autodesk/connection/secret-token-vault.ts';
import type { TokenGeneration, TokenVault } from '../../../shared/autodesk/connection/token-vault.ts';
import { ConfigurationError } from '../../../shared/errors.ts';
import { memoryTokenVault } from '../../support/autodesk/memory-token-vault.ts';

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'token-vault-'));
  folders.push(folder);
  return folder;
}

function token(generation: number, refreshToken = `refresh-${generation}`): TokenGeneration {
  return {
    generation,
    accessToken: `access-${generation}`,
    accessTokenExpiresAt: '2026-11-22T01:00:00.000Z',
    refreshToken,
    obtainedAt: '2026-11-22T00:00:00.000Z',
  };
}

/** Secrets Manager as far as it matters: one content for each request token, the newest put is current. */
function secretsManager(first?: string) {
  const client = new SecretsManagerClient({ region: 'us-east-1' });
  const mock = mockClient(client);
  const versions = new Map<string, string>();
  let current = first;
  mock.on(GetSecretValueCommand).callsFake(() => {
    if (current === undefined) throw new ResourceNotFoundException({ message: 'no value', $metadata: {} });
    return { SecretString: current };
  });
  mock.on(PutSecretValueCommand).callsFake(({ ClientRequestToken: id, SecretString: text }) => {
    const known = versions.get(id);
    if (known !== undefined && known !== text) {
      throw new ResourceExistsException({ message: 'exists', $metadata: {} });
    }
    versions.set(id, text);
    current = text;
    return {};
  });
  return { client, mock };
}

describe.each<[string, () => Promise<TokenVault>]>([
  ['in memory', async () => memoryTokenVault()],
  ['on disk', async () => new FileTokenVault(join(await newFolder(), 'token'))],
  ['in Secrets Manager', async () => new SecretTokenVault(secretsManager().client, 'token-secret')],
])('a token vault %s', (_where, create) => {
  it('is empty at first', async () => {
    expect(await (await create()).read()).toBeUndefined();
  });

  it('gives back the newest generation', async () => {
    const vault = await create();
    for (let generation = 1; generation <= 12; generation += 1) {
      expect(await vault.store(token(generation))).toBe(true);
    }

    expect(await vault.read()).toEqual(token(12));
  });

  it.each([1, 2, 4])('with generation 2 stored takes no generation %i', async (generation) => {
    const vault = await create();
    await vault.store(token(1));
    await vault.store(token(2));

    expect(await vault.store(token(generation, 'another'))).toBe(false);
    expect(await vault.read()).toEqual(token(2));
  });

  it('lets one of many writers win', async () => {
    const vault = await create();
    await vault.store(token(1));

    const stored = await Promise.all(
      Array.from({ length: 10 }, (_, writer) => vault.store(token(2, `writer-${writer}`))),
    );

    expect(stored.filter(Boolean)).toHaveLength(1);
    expect((await vault.read())?.refreshToken).toBe(`writer-${stored.indexOf(true)}`);
  });

  it('keeps the hash of a seed', async () => {
    const vault = await create();
    await vault.store({ ...token(1), seedHash: 'abc' });

    expect((await vault.read())?.seedHash).toBe('abc');
  });
});

describe('the vault on disk', () => {
  it('lets nobody else read it, and leaves neither old tokens nor unfinished files behind', async () => {
    const folder = join(await newFolder(), 'token');
    const vault = new FileTokenVault(folder);
    for (let generation = 1; generation <= 6; generation += 1) await vault.store(token(generation));

    const names = (await readdir(folder)).sort();
    expect(names).toEqual([
      'generation-0000000004.json',
      'generation-0000000005.json',
      'generation-0000000006.json',
    ]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of names) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });

  it('removes what a process that died while storing has left, but not what another one is writing', async () => {
    const folder = await newFolder();
    const past = Date.now() / 1_000 - 61;
    for (const name of ['dead.tmp', 'alive.tmp']) await writeFile(join(folder, name), '{"refreshToken":"r"}');
    await utimes(join(folder, 'dead.tmp'), past, past);

    expect(await new FileTokenVault(folder).store(token(1))).toBe(true);

    expect((await readdir(folder)).sort()).toEqual(['alive.tmp', 'generation-0000000001.json']);
  });

  it('names a file that holds no token, and nothing of what it holds', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'generation-0000000001.json'), '{"refreshToken":"planted-value');

    const error = await new FileTokenVault(folder).read().catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toContain('generation-0000000001.json');
    expect(String(error)).not.toContain('planted-value');
  });
});

describe('the vault in Secrets Manager', () => {
  it('takes the random text of a new secret for no token', async () => {
    expect(await new SecretTokenVault(secretsManager('q9{"x').client, 's').read()).toBeUndefined();
    expect(await new SecretTokenVault(secretsManager('{}').client, 's').read()).toBeUndefined();
  });

  it('makes the request token of the generation', async () => {
    const { client, mock } = secretsManager();
    await new SecretTokenVault(client, 'token-secret').store(token(1));

    expect(mock.commandCalls(PutSecretValueCommand)[0]?.args[0].input).toEqual({
      SecretId: 'token-secret',
      SecretString: JSON.stringify(token(1)),
      ClientRequestToken: 'buildingconnected-token-000000000001',
    });
  });
});
