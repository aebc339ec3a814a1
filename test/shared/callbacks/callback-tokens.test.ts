import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createFileCallbackTokens,
  createSecretsManagerCallbackTokens,
  createTokenCheck,
} from '../../../shared/callbacks/callback-tokens.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import {
  currentSecret,
  type RotatingSecret,
  rotateSecret,
} from '../../../shared/rotation/rotating-secret.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

describe('the callback secret in a data folder', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'callback-tokens-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it('is made on demand, 256 bits of it, and stays the same', async () => {
    const tokens = createFileCallbackTokens(dataDir);
    const token = await currentSecret(tokens, systemRandomness);

    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(await currentSecret(createFileCallbackTokens(dataDir), systemRandomness)).toBe(token);
  });

  it('keeps the token in force as the previous one when it is rotated', async () => {
    const tokens = createFileCallbackTokens(dataDir);
    const first = await currentSecret(tokens, systemRandomness);

    const rotated = await rotateSecret(tokens, systemRandomness);

    expect(rotated.current).not.toBe(first);
    expect(await tokens.read()).toEqual({ current: rotated.current, previous: first });
  });

  it('can be read by its owner alone and leaves nothing else behind', async () => {
    await createFileCallbackTokens(dataDir).write({ current: A });

    expect(await readdir(dataDir)).toEqual(['callback-secret.json']);
    expect((await stat(join(dataDir, 'callback-secret.json'))).mode & 0o777).toBe(0o600);
  });

  it('is refused, without being shown, when it is damaged', async () => {
    await writeFile(join(dataDir, 'callback-secret.json'), '{"current":"too-short"}');

    const reading = createFileCallbackTokens(dataDir).read();

    await expect(reading).rejects.toThrow('callback-url --rotate');
    await expect(reading).rejects.not.toThrow('too-short');
  });

  it('is replaced by a rotation when it is damaged', async () => {
    await writeFile(join(dataDir, 'callback-secret.json'), '{');
    const tokens = createFileCallbackTokens(dataDir);

    const rotated = await rotateSecret(tokens, systemRandomness);

    expect(await tokens.read()).toEqual({ current: rotated.current });
  });
});

describe('the check of a token', () => {
  it('judges all that come while the secret is being read by that reading', async () => {
    let readings = 0;
    let kept: RotatingSecret = { current: A };
    const clock = { now: () => nowMs, sleep: async () => {} };
    let nowMs = 0;
    const read = async () => {
      readings += 1;
      await Promise.resolve();
      return kept;
    };
    const isCallbackToken = createTokenCheck({ read }, clock);
    const offered = (token: string) => Promise.all([1, 2, 3].map(() => isCallbackToken(token)));

    expect(await offered(A)).toEqual([true, true, true]);
    kept = { current: B, previous: A };
    nowMs = 60_000;
    expect(await offered(B)).toEqual([true, true, true]);
    expect(readings).toBe(2);
  });

  it('tries again at the next callback when the first reading failed', async () => {
    const answers = [Promise.reject(new Error('throttled')), Promise.resolve({ current: A })];
    const isCallbackToken = createTokenCheck(
      { read: async () => answers.shift() },
      { now: () => 0, sleep: async () => {} },
    );

    await expect(isCallbackToken(A)).rejects.toThrow('throttled');
    expect(await isCallbackToken(A)).toBe(true);
  });
});

describe('the callback secret in Secrets Manager', () => {
  const client = new SecretsManagerClient({ region: 'eu-west-1' });
  const secretsManager = mockClient(client);
  const tokens = createSecretsManagerCallbackTokens(client, 'arn:callback');
  beforeEach(() => secretsManager.reset());

  it('is read by its ARN', async () => {
    secretsManager
      .on(GetSecretValueCommand, { SecretId: 'arn:callback' })
      .resolves({ SecretString: JSON.stringify({ current: A, previous: B }) });

    expect(await tokens.read()).toEqual({ current: A, previous: B });
  });

  it('is absent while the secret has no value', async () => {
    secretsManager
      .on(GetSecretValueCommand)
      .rejects(new ResourceNotFoundException({ message: 'no value', $metadata: {} }));

    expect(await tokens.read()).toBeUndefined();
  });

  it('is written as a new version', async () => {
    secretsManager.on(PutSecretValueCommand).resolves({});

    await tokens.write({ current: A, previous: B });

    expect(secretsManager.commandCalls(PutSecretValueCommand).map(({ args }) => args[0].input)).toEqual([
      { SecretId: 'arn:callback', SecretString: JSON.stringify({ current: A, previous: B }) },
    ]);
  });
});
