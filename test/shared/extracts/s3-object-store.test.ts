import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { S3ObjectStore } from '../../../shared/extracts/s3-object-store.ts';

const MIB = 1024 * 1024;
const client = new S3Client({ region: 'us-east-1', requestChecksumCalculation: 'WHEN_REQUIRED' });
const s3 = mockClient(client);
const store = new S3ObjectStore(client, 'bucket');
const at = { Bucket: 'bucket', Key: 'a/file' };
const ofUpload = { ...at, UploadId: 'upload-1' };

beforeEach(() => {
  s3.reset();
  s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'upload-1' });
  s3.on(UploadPartCommand).callsFake(({ PartNumber }) => ({ ETag: `tag-${PartNumber}` }));
});

const requests = () => s3.calls().map(({ args: [command] }) => command.constructor.name);

describe('a file that is stored in one go', () => {
  it('takes one request where it is small', async () => {
    await store.put('a/file', [Buffer.from('con'), Buffer.from('tent')]);

    expect(requests()).toEqual(['PutObjectCommand']);
    expect(s3.call(0).args[0].input).toEqual({ ...at, Body: Buffer.from('content') });
  });

  it('goes in parts of 5 MiB where it is larger, one after the other', async () => {
    await store.put(
      'a/file',
      Array.from({ length: 12 }, () => Buffer.alloc(MIB)),
    );

    expect(requests()).toEqual([
      'CreateMultipartUploadCommand',
      ...Array(3).fill('UploadPartCommand'),
      'CompleteMultipartUploadCommand',
    ]);
    const parts = s3.commandCalls(UploadPartCommand).map(({ args: [{ input }] }) => input);
    expect(parts.map(({ Body }) => (Body instanceof Uint8Array ? Body.length / MIB : 0))).toEqual([5, 5, 2]);
    expect(parts[2]).toMatchObject({ ...ofUpload, PartNumber: 3 });
    expect(s3.commandCalls(CompleteMultipartUploadCommand)[0]?.args[0].input).toMatchObject({
      ...ofUpload,
      MultipartUpload: { Parts: [1, 2, 3].map((number) => ({ PartNumber: number, ETag: `tag-${number}` })) },
    });
  });

  it.each([
    ['a part', () => s3.on(UploadPartCommand)],
    ['the last request', () => s3.on(CompleteMultipartUploadCommand)],
  ])('leaves no upload open when %s fails', async (_what, on) => {
    on().rejects(new Error('refused'));
    await expect(store.put('a/file', [Buffer.alloc(6 * MIB)])).rejects.toThrow('refused');

    const dropped = s3.commandCalls(AbortMultipartUploadCommand).map(({ args: [{ input }] }) => input);
    expect(dropped).toEqual([ofUpload]);
  });

  it('fails with what went wrong, though the upload cannot be dropped either', async () => {
    s3.on(AbortMultipartUploadCommand).rejects(new Error('not dropped'));
    async function* cut() {
      yield Buffer.alloc(6 * MIB);
      throw new Error('cut');
    }
    await expect(store.put('a/file', cut())).rejects.toThrow('cut');

    expect(s3.commandCalls(PutObjectCommand)).toEqual([]);
    expect(s3.commandCalls(CompleteMultipartUploadCommand)).toEqual([]);
  });
});
