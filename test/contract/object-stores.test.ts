import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe } from 'vitest';
import { type RunningFauxqs, startFauxqs } from '../../infra/local/engines/fauxqs.ts';
import { openLandedStore } from '../../infra/local/engines/landed-store.ts';
import { InMemoryObjectStore } from '../support/in-memory/object-store.ts';
import { defineObjectStoreContract } from './object-store-contract.ts';

describe('files in memory', () => defineObjectStoreContract(async () => new InMemoryObjectStore()));

describe('files in the bucket of the S3 on this machine', () => {
  let folder: string;
  let engine: RunningFauxqs | undefined;
  beforeAll(async () => {
    // Loaded before the first test is timed.
    await import('@aws-sdk/client-s3');
  });
  afterEach(async () => {
    await engine?.stop();
    await rm(folder, { recursive: true });
  });

  defineObjectStoreContract(async () => {
    folder = await mkdtemp(join(tmpdir(), 'landed-'));
    engine = await startFauxqs({ landed: folder });
    return openLandedStore({ dynamodb: 'http://127.0.0.1:1', queues: engine.endpoint });
  });
});
