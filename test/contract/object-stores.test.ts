import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { buildApp } from 'fauxqs';
import { afterAll, beforeAll, describe } from 'vitest';
import { FileObjectStore } from '../../shared/extracts/file-object-store.ts';
import { S3ObjectStore } from '../../shared/extracts/s3-object-store.ts';
import { InMemoryObjectStore } from '../support/in-memory/object-store.ts';
import { defineObjectStoreContract } from './object-store-contract.ts';

describe('files in memory', () => defineObjectStoreContract(async () => new InMemoryObjectStore()));

describe('files in a folder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'object-store-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  let stores = 0;
  defineObjectStoreContract(async () => {
    stores += 1;
    return new FileObjectStore(join(folder, String(stores)));
  });
});

describe('files in a bucket of an S3 in this process', () => {
  const app = buildApp({ logger: false });
  let s3: S3Client;
  beforeAll(async () => {
    s3 = new S3Client({
      endpoint: await app.listen({ port: 0, host: '127.0.0.1' }),
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
  });
  afterAll(async () => {
    s3.destroy();
    await app.close();
  });

  let buckets = 0;
  defineObjectStoreContract(async () => {
    buckets += 1;
    const Bucket = `bucket-${buckets}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    return new S3ObjectStore(s3, Bucket);
  });
});
