import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isMissing, unlessMissing } from '../missing-file.ts';
import { FileMissingError, StorageFullError, UploadGoneError } from './errors.ts';
import type { ObjectStore, Upload, UploadPart } from './object-store.ts';

/** What is being written lies here until it is whole; no key begins so. */
const UNFINISHED = '.unfinished-uploads';

/**
 * Landed files as plain files below a folder, for the local start: whoever has the folder can open them, a large one
 * needs no memory, and they survive the death of the process.
 */
export class FileObjectStore implements ObjectStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#unfinished(randomUUID());
    await writing(async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, bytes, { mode: 0o600, flush: true });
      await this.#finish(path, key);
    });
  }

  async size(key: string): Promise<number | undefined> {
    return (await stat(this.#path(key)).catch(unlessMissing))?.size;
  }

  async *read(key: string): AsyncIterable<Uint8Array> {
    try {
      yield* createReadStream(this.#path(key));
    } catch (error) {
      if (isMissing(error)) throw new FileMissingError(key, { cause: error });
      throw error;
    }
  }

  async folders(prefix: string): Promise<string[]> {
    const entries = (await readdir(this.#path(prefix), { withFileTypes: true }).catch(unlessMissing)) ?? [];
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  }

  async startUpload(key: string): Promise<Upload> {
    const uploadId = randomUUID();
    const path = this.#unfinished(uploadId);
    await writing(async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, '', { mode: 0o600 });
    });
    return { key, uploadId };
  }

  async uploadPart({ uploadId }: Upload, { number, offset, bytes }: UploadPart): Promise<string> {
    await writing(async () => {
      const file = await open(this.#unfinished(uploadId), 'r+').catch(uploadGone);
      try {
        // A shorter end that was written before must not stay.
        await file.truncate(offset);
        for (let written = 0; written < bytes.length; ) {
          written += (await file.write(bytes, written, bytes.length - written, offset + written))
            .bytesWritten;
        }
        await file.sync();
      } finally {
        await file.close();
      }
    });
    return String(number);
  }

  async completeUpload({ key, uploadId }: Upload): Promise<void> {
    await writing(() => this.#finish(this.#unfinished(uploadId), key)).catch(uploadGone);
  }

  async dropUpload({ uploadId }: Upload): Promise<void> {
    await rm(this.#unfinished(uploadId), { force: true });
  }

  async #finish(unfinished: string, key: string): Promise<void> {
    const path = this.#path(key);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rename(unfinished, path);
  }

  #unfinished(uploadId: string): string {
    return join(this.#folder, UNFINISHED, uploadId);
  }

  #path(key: string): string {
    return join(this.#folder, ...key.split('/'));
  }
}

async function writing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new StorageFullError({ cause: error });
    throw error;
  }
}

function uploadGone(error: unknown): never {
  throw isMissing(error) ? new UploadGoneError({ cause: error }) : error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
