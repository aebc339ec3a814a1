import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload as StreamedUpload } from '@aws-sdk/lib-storage';
import { FileMissingError, STORAGE_FULL, StorageFullError, UploadGoneError } from './errors.ts';
import type { FileBytes, ObjectStore, Upload, UploadPart } from './object-store.ts';

/** Landed files in a bucket. Repeats no request beyond what the client does by itself. */
export class S3ObjectStore implements ObjectStore {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  async put(key: string, bytes: FileBytes): Promise<void> {
    const params = { ...this.#at(key), Body: Readable.from(bytes, { objectMode: false }) };
    const storing = new StreamedUpload({ client: this.#s3, params, queueSize: 1, leavePartsOnError: true });
    try {
      await storing.done();
    } catch (error) {
      // By itself it would leave the parts there where the last request of all fails.
      if (storing.uploadId !== undefined) await this.#leave({ key, uploadId: storing.uploadId });
      throw storageFull(error);
    }
  }

  async size(key: string): Promise<number | undefined> {
    try {
      return (await this.#s3.send(new HeadObjectCommand(this.#at(key)))).ContentLength;
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  async *read(key: string): AsyncIterable<Uint8Array> {
    const answer = await this.#s3.send(new GetObjectCommand(this.#at(key))).catch((error: unknown) => {
      throw error instanceof NoSuchKey ? new FileMissingError(key, { cause: error }) : error;
    });
    if (answer.Body === undefined) throw new FileMissingError(key);
    yield* answer.Body.transformToWebStream();
  }

  async folders(prefix: string): Promise<string[]> {
    const names: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.#s3.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          Delimiter: '/',
          ContinuationToken: token,
        }),
      );
      names.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix.slice(prefix.length, -1)));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return names.sort();
  }

  async startUpload(key: string): Promise<Upload> {
    const { UploadId } = await this.#s3.send(new CreateMultipartUploadCommand(this.#at(key)));
    if (UploadId === undefined) throw new Error('S3 began an upload without naming it.');
    return { key, uploadId: UploadId };
  }

  async uploadPart({ key, uploadId }: Upload, { number, bytes }: UploadPart): Promise<string> {
    const { ETag } = await this.#s3
      .send(new UploadPartCommand({ ...this.#at(key), UploadId: uploadId, PartNumber: number, Body: bytes }))
      .catch(notStored);
    if (ETag === undefined) throw new Error('S3 stored a part without a tag.');
    return ETag;
  }

  async completeUpload({ key, uploadId }: Upload, tags: readonly string[]): Promise<void> {
    const Parts = tags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
    await this.#s3
      .send(
        new CompleteMultipartUploadCommand({
          ...this.#at(key),
          UploadId: uploadId,
          MultipartUpload: { Parts },
        }),
      )
      .catch(notStored);
  }

  async dropUpload({ key, uploadId }: Upload): Promise<void> {
    try {
      await this.#s3.send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: uploadId }));
    } catch (error) {
      if (!isUploadGone(error)) throw error;
    }
  }

  /** For an upload that has failed already. What cannot be dropped now is when its bucket drops what was left there. */
  async #leave(upload: Upload): Promise<void> {
    await this.dropUpload(upload).catch(() => {});
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: key };
  }
}

function notStored(error: unknown): never {
  throw isUploadGone(error) ? new UploadGoneError({ cause: error }) : storageFull(error);
}

function isUploadGone(error: unknown): boolean {
  return error instanceof Error && error.name === 'NoSuchUpload';
}

/** Only the disk of this machine is ever full. */
function storageFull(error: unknown): unknown {
  const isFull = error instanceof Error && error.name === STORAGE_FULL;
  return isFull ? new StorageFullError({ cause: error }) : error;
}
