import { createHash, randomUUID } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  createReadStream,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { STORAGE_FULL } from '../../../shared/extracts/errors.ts';
import { freeBuffers } from '../../../shared/extracts/landing/free-buffers.ts';
import { hasCode } from '../../../shared/system-error.ts';

/** Makes the error that the embedded S3 answers. */
type Refuse = (code: string, message: string, status: number) => Error;

/** An object as the embedded S3 wants it. `body` is streamed where it is large. */
interface LandedObject {
  key: string;
  body: Buffer | LargeBody;
  contentType: string;
  contentLength: number;
  etag: string;
  lastModified: Date;
  metadata: Record<string, string>;
}

/** What of a `Buffer` the embedded S3 asks for, so that a range of a large file is all that is read of it. */
type LargeBody = Readable & { length: number; subarray(start: number, end: number): LargeBody };

interface StoredPart {
  tag: string;
  bytes: number;
}

/** What is being written lies here until it is whole; no key begins so. */
const UPLOADS = '.uploads';
/** As in the bucket of a stage. */
const UPLOADS_LIVE_MS = 24 * 60 * 60_000;
/** As S3 has it, for all parts but the last. */
const LEAST_PART_BYTES = 5 * 1024 * 1024;
/** Read at once, so that an object that is replaced meanwhile is answered as it was. */
const SMALL_BYTES = 256 * 1024;
const SEGMENT = /^[^.\p{Cc}\\/][^\p{Cc}\\/]*$/u;
const UPLOAD_ID = /^[0-9a-f-]{36}$/;

/**
 * The objects of the embedded S3 for landed extracts: each is a plain file below a folder, at the path that is its key.
 * An upload is one file, too, which grows with each part and then gets its name, so that no object is ever in memory or
 * copied. Parts come in their order; one that is stored again does away with those behind it. All survives the death of
 * the process; uploads that nobody has gone on with for a day are removed at the next start.
 */
export class LandedObjects {
  readonly #folder: string;
  readonly #refuse: Refuse;

  constructor(folder: string, refuse: Refuse) {
    this.#folder = folder;
    this.#refuse = refuse;
    mkdirSync(join(folder, UPLOADS), { recursive: true, mode: 0o700 });
    for (const id of readdirSync(join(folder, UPLOADS))) {
      const { mtimeMs } = statSync(this.#parts(id), { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
      if (Date.now() - mtimeMs > UPLOADS_LIVE_MS) this.#remove(id);
    }
  }

  put(key: string, body: Buffer): LandedObject {
    const id = this.startUpload(key);
    return this.#orRemove(id, () => this.completeUpload(id, [this.putPart(id, 1, body)]));
  }

  /** Refuses with `NoSuchKey` where there is none. */
  head(key: string): LandedObject {
    const path = this.#path(key);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) throw this.#refuse('NoSuchKey', 'There is no such object.', 404);
    return objectOf(key, found, Buffer.alloc(0));
  }

  get(key: string): LandedObject {
    const object = this.head(key);
    const path = this.#path(key);
    if (object.contentLength > SMALL_BYTES) {
      return { ...object, body: largeBody(path, 0, object.contentLength) };
    }
    const body = readFileSync(path);
    return { ...object, contentLength: body.length, body };
  }

  remove(key: string): void {
    rmSync(this.#path(key), { force: true });
  }

  /** What is directly under a prefix that ends in a slash. */
  list({ prefix = '', delimiter, maxKeys = 1_000, startAfter = '' }: ListOptions): ListedObjects {
    if (delimiter !== '/' || !prefix.endsWith('/')) {
      throw this.#refuse('NotImplemented', 'Only what is directly under a prefix is listed.', 400);
    }
    const folder = this.#path(prefix.slice(0, -1));
    const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
    const entries = isFolder ? readdirSync(folder, { withFileTypes: true }) : [];
    const keys = entries
      // What else people's programs leave in a folder is no object.
      .filter((entry) => SEGMENT.test(entry.name) && (entry.isFile() || entry.isDirectory()))
      .map((entry) => `${prefix}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .filter((key) => key > startAfter)
      .sort();
    const shown = keys.slice(0, maxKeys);
    return {
      objects: shown.filter((key) => !key.endsWith('/')).map((key) => this.head(key)),
      commonPrefixes: shown.filter((key) => key.endsWith('/')),
      isTruncated: shown.length < keys.length,
    };
  }

  startUpload(key: string): string {
    this.#path(key);
    const id = randomUUID();
    this.#orRemove(id, () =>
      this.#write(() => {
        mkdirSync(join(this.#folder, UPLOADS, id), { mode: 0o700 });
        writeFileSync(this.#body(id), '', { mode: 0o600 });
        writeFileSync(this.#parts(id), key, { mode: 0o600, flush: true });
      }),
    );
    return id;
  }

  /** Answers the tag of the part. */
  putPart(id: string, number: number, bytes: Buffer): string {
    const before = this.#upload(id).parts.slice(0, number - 1);
    // Whoever wants to go on behind what is there has to begin again.
    if (before.length !== number - 1) throw this.#noSuchUpload();
    const tag = createHash('md5').update(bytes).digest('hex');
    this.#write(() => {
      writeAt(this.#body(id), lengthOf(before), bytes);
      // A line that was cut off by the death of the process is no line of another part.
      appendFileSync(this.#parts(id), `\n${number} ${bytes.length} ${tag}`, { flush: true });
    });
    // Nobody holds the part any more once it has been answered.
    setImmediate(freeBuffers);
    return `"${tag}"`;
  }

  completeUpload(id: string, tags: readonly string[]): LandedObject {
    const { key, parts } = this.#upload(id);
    const isWhole = statSync(this.#body(id)).size === lengthOf(parts);
    const areThese = tags.map((tag) => tag.replaceAll('"', '')).join() === parts.map(({ tag }) => tag).join();
    if (!isWhole || !areThese) throw this.#refuse('InvalidPart', 'These are not the parts.', 400);
    if (parts.slice(0, -1).some(({ bytes }) => bytes < LEAST_PART_BYTES)) {
      throw this.#refuse('EntityTooSmall', 'A part is smaller than S3 takes.', 400);
    }
    const path = this.#path(key);
    this.#write(() => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      renameSync(this.#body(id), path);
    });
    this.#remove(id);
    return this.head(key);
  }

  dropUpload(id: string): void {
    this.#upload(id);
    this.#remove(id);
  }

  #upload(id: string): { key: string; parts: StoredPart[] } {
    const body = UPLOAD_ID.test(id) ? statSync(this.#body(id), { throwIfNoEntry: false }) : undefined;
    if (body === undefined) throw this.#noSuchUpload();
    const [key = '', ...lines] = readFileSync(this.#parts(id), 'utf8').split('\n');
    const parts: StoredPart[] = [];
    for (const line of lines) {
      const [, number, bytes, tag] = /^(\d+) (\d+) ([0-9a-f]{32})$/.exec(line) ?? [];
      if (tag !== undefined) parts.splice(Number(number) - 1, parts.length, { tag, bytes: Number(bytes) });
    }
    // The death of the process may have come between cutting off parts and writing the one that is stored again.
    while (lengthOf(parts) > body.size) parts.pop();
    return { key, parts };
  }

  #noSuchUpload(): Error {
    return this.#refuse('NoSuchUpload', 'There is no such upload.', 404);
  }

  #orRemove<Result>(id: string, work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      this.#remove(id);
      throw error;
    }
  }

  #remove(id: string): void {
    rmSync(join(this.#folder, UPLOADS, id), { recursive: true, force: true });
  }

  #body(id: string): string {
    return join(this.#folder, UPLOADS, id, 'body');
  }

  #parts(id: string): string {
    return join(this.#folder, UPLOADS, id, 'parts');
  }

  #path(key: string): string {
    const segments = key.split('/');
    if (!segments.every((segment) => SEGMENT.test(segment))) {
      throw this.#refuse('InvalidArgument', 'The key is no path below the folder.', 400);
    }
    return join(this.#folder, ...segments);
  }

  #write(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!hasCode(error, 'ENOSPC', 'EDQUOT')) throw error;
      throw this.#refuse(STORAGE_FULL, 'The disk is full.', 400);
    }
  }
}

interface ListOptions {
  prefix?: string;
  delimiter?: string;
  maxKeys?: number;
  startAfter?: string;
}

interface ListedObjects {
  objects: LandedObject[];
  commonPrefixes: string[];
  isTruncated: boolean;
}

function objectOf(key: string, { size, mtime }: Stats, body: Buffer): LandedObject {
  return {
    key,
    body,
    contentType: 'application/octet-stream',
    contentLength: size,
    etag: `"${size}-${mtime.getTime()}"`,
    lastModified: mtime,
    metadata: {},
  };
}

/** Opens the file once it is read, and not before: of a range, only the body of the range is. */
function largeBody(path: string, start: number, end: number): LargeBody {
  async function* read() {
    yield* createReadStream(path, { start, end: end - 1 });
  }
  return Object.assign(Readable.from(read(), { objectMode: false }), {
    length: end - start,
    subarray: (from: number, to: number) => largeBody(path, start + from, start + to),
  });
}

function lengthOf(parts: readonly StoredPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Makes the bytes the end of the file, on the disk. */
function writeAt(path: string, offset: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  try {
    if (fstatSync(file).size > offset) ftruncateSync(file, offset);
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(file, bytes, written, bytes.length - written, offset + written);
    }
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}
