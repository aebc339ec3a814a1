import { FileMissingError, StorageFullError, UploadGoneError } from '../../../shared/extracts/errors.ts';
import type { FileBytes, ObjectStore, Upload, UploadPart } from '../../../shared/extracts/object-store.ts';

/** Files in memory, with as much room as is asked for. */
export class InMemoryObjectStore implements ObjectStore {
  readonly files = new Map<string, Buffer>();
  readonly uploads = new Map<string, Map<number, Buffer>>();
  /** Bytes that may still be written. */
  room = Number.POSITIVE_INFINITY;
  #uploadsStarted = 0;

  async put(key: string, bytes: FileBytes): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(Buffer.from(chunk));
    const file = Buffer.concat(chunks);
    this.#take(file.length);
    this.files.set(key, file);
  }

  async size(key: string): Promise<number | undefined> {
    return this.files.get(key)?.length;
  }

  async *read(key: string): AsyncIterable<Uint8Array> {
    const file = this.files.get(key);
    if (file === undefined) throw new FileMissingError(key);
    yield file;
  }

  async folders(prefix: string): Promise<string[]> {
    const below = [...this.files.keys()].filter((key) => key.startsWith(prefix));
    const names = below.map((key) => key.slice(prefix.length).split('/'));
    return [...new Set(names.flatMap(([name = '', ...more]) => (more.length > 0 ? [name] : [])))].sort();
  }

  async startUpload(key: string): Promise<Upload> {
    this.#uploadsStarted += 1;
    const uploadId = `upload-${this.#uploadsStarted}`;
    this.uploads.set(uploadId, new Map());
    return { key, uploadId };
  }

  async uploadPart({ uploadId }: Upload, { number, bytes }: UploadPart): Promise<string> {
    this.#take(bytes.length);
    this.#parts(uploadId).set(number, Buffer.from(bytes));
    return `tag-${number}`;
  }

  async completeUpload({ key, uploadId }: Upload, tags: readonly string[]): Promise<void> {
    const parts = this.#parts(uploadId);
    const bytes = tags.map((_tag, index) => parts.get(index + 1) ?? Buffer.alloc(0));
    this.files.set(key, Buffer.concat(bytes));
    this.uploads.delete(uploadId);
  }

  async dropUpload({ uploadId }: Upload): Promise<void> {
    this.uploads.delete(uploadId);
  }

  #parts(uploadId: string): Map<number, Buffer> {
    const parts = this.uploads.get(uploadId);
    if (parts === undefined) throw new UploadGoneError();
    return parts;
  }

  #take(bytes: number): void {
    if (bytes > this.room) throw new StorageFullError();
    this.room -= bytes;
  }
}
