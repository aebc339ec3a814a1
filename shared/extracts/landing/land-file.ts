import { createSHA256, type IHasher } from 'hash-wasm';
import { AddressExpiredError, DownloadFailedError, SizeMismatchError, UploadGoneError } from '../errors.ts';
import { type ExtractId, fileKey, type LandedFile } from '../manifest.ts';
import type { ObjectStore } from '../object-store.ts';
import type { Download } from './download.ts';
import type { OpenUpload } from './landing.ts';
import type { ExtractFiles, ListedFile, SignedAddress } from './listing.ts';

const MIB = 1024 * 1024;
/** The least that S3 takes. */
const PART_BYTES = 5 * MIB;
/** A file of so many bytes is stored in one go: within the lease, and begun anew at the worst. */
const ONE_GO_BYTES = 16 * MIB;
/** Of one file: what is kept of each lies in one item of the State table, which takes 400 KB. */
const MOST_PARTS = 1_000;
/** Transfers of one file that may break one after the other without any part more. */
const TRIES = 3;

export interface FilePorts {
  files: ExtractFiles;
  download: Download;
  store: ObjectStore;
}

/** How a landing keeps where it is. */
export interface Progress {
  /** Stores how far the upload is, now or with a later part. Answers whether there is time for another part. */
  partStored(upload: OpenUpload): Promise<boolean>;
}

/** `out-of-time`: it goes on from its last part another time. */
export type FileOutcome = { kind: 'landed'; file: LandedFile } | { kind: 'out-of-time' };

/**
 * Streams one file into the store, holding no more than a part in memory: a small one in one go, a large one in parts,
 * on from where `begun` has come. The address is asked for right before each transfer. Throws `SizeMismatchError` where
 * the file is not as long as said.
 */
export async function landFile(
  extract: ExtractId,
  listed: ListedFile,
  begun: OpenUpload | undefined,
  progress: Progress,
  ports: FilePorts,
): Promise<FileOutcome> {
  const transfer = new Transfer(extract, listed.name, progress, ports);
  let upload = begun;
  let failures = 0;
  for (;;) {
    const before = upload?.tags.length ?? 0;
    try {
      const { address, size } = await sourceOf(extract, listed, ports.files);
      if (upload !== undefined && upload.size !== size) {
        await ports.store.dropUpload(transfer.uploadOf(upload));
        upload = undefined;
      }
      if (size <= ONE_GO_BYTES) return await transfer.inOneGo(address, size);
      return await transfer.inParts(address, size, upload);
    } catch (error) {
      upload = transfer.reached ?? upload;
      if (error instanceof UploadGoneError) upload = undefined;
      else if (!(error instanceof AddressExpiredError || error instanceof DownloadFailedError)) throw error;
      failures = (upload?.tags.length ?? 0) > before ? 1 : failures + 1;
      if (failures === TRIES) throw error;
    }
  }
}

async function sourceOf(
  { accountId, jobId }: ExtractId,
  { name, size: listedSize }: ListedFile,
  files: ExtractFiles,
): Promise<{ address: SignedAddress; size: number }> {
  const source = await files.source(accountId, jobId, name);
  if (source === undefined) throw new DownloadFailedError('Autodesk does not know the file any more');
  const size = listedSize ?? source.size;
  if (size === undefined) throw new DownloadFailedError('Autodesk does not say how long the file is');
  if (source.size !== undefined && source.size !== size) throw new SizeMismatchError(name, size, source.size);
  return { address: source.address, size };
}

/** One transfer after the other of the same file. */
class Transfer {
  /** How far the last transfer has come. */
  reached: OpenUpload | undefined;
  readonly #key: string;
  readonly #name: string;
  readonly #progress: Progress;
  readonly #ports: FilePorts;

  constructor(extract: ExtractId, name: string, progress: Progress, ports: FilePorts) {
    this.#key = fileKey(extract, name);
    this.#name = name;
    this.#progress = progress;
    this.#ports = ports;
  }

  uploadOf({ uploadId }: OpenUpload) {
    return { key: this.#key, uploadId };
  }

  async inOneGo(address: SignedAddress, size: number): Promise<FileOutcome> {
    const hash = (await createSHA256()).init();
    await this.#ports.store.put(this.#key, hashed(this.#bytesOf(address, 0, size), hash));
    return this.#landed(size, hash);
  }

  async inParts(address: SignedAddress, size: number, begun: OpenUpload | undefined): Promise<FileOutcome> {
    this.reached = begun;
    const partBytes = begun?.partBytes ?? partSizeFor(size);
    const hash = await hasherFrom(begun);
    let stored = (begun?.tags.length ?? 0) * partBytes;
    if (stored < size) {
      for await (const part of inPartsOf(partBytes, this.#bytesOf(address, stored, size))) {
        hash.update(part);
        stored += part.length;
        const goesOn = await this.#storePart(part, size, partBytes, hash);
        if (!goesOn && stored < size) return { kind: 'out-of-time' };
      }
    }
    if (this.reached === undefined) throw new SizeMismatchError(this.#name, size, 0);
    await this.#complete(this.reached);
    return this.#landed(size, hash);
  }

  async #complete(upload: OpenUpload): Promise<void> {
    const { store } = this.#ports;
    try {
      await store.completeUpload(this.uploadOf(upload), upload.tags);
    } catch (error) {
      // Completed by a process that died before it could say so.
      if (!(error instanceof UploadGoneError) || (await store.size(this.#key)) !== upload.size) throw error;
    }
  }

  /** Answers whether there is time for another part. */
  async #storePart(bytes: Uint8Array, size: number, partBytes: number, hash: IHasher): Promise<boolean> {
    const { store } = this.#ports;
    if (this.reached === undefined) {
      const { uploadId } = await store.startUpload(this.#key);
      this.reached = { name: this.#name, size, uploadId, partBytes, tags: [], hash: '' };
    }
    const { reached } = this;
    const number = reached.tags.length + 1;
    const tag = await store.uploadPart(this.uploadOf(reached), { number, bytes });
    this.reached = {
      ...reached,
      tags: [...reached.tags, tag],
      hash: Buffer.from(hash.save()).toString('base64'),
    };
    return this.#progress.partStored(this.reached);
  }

  /** The file from a byte on, as it comes. Throws where it ends too early or goes on too long. */
  async *#bytesOf(address: SignedAddress, from: number, size: number): AsyncIterable<Uint8Array> {
    let read = from;
    for await (const chunk of this.#ports.download.read(address, from)) {
      read += chunk.length;
      if (read > size) throw new SizeMismatchError(this.#name, size, 'longer');
      yield chunk;
    }
    if (read < size) throw new SizeMismatchError(this.#name, size, read);
  }

  #landed(size: number, hash: IHasher): FileOutcome {
    return { kind: 'landed', file: { name: this.#name, size, sha256: hash.digest('hex') } };
  }
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: IHasher): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** All parts but the last are of that size; each is only good until the next is asked for. */
async function* inPartsOf(partBytes: number, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const buffer = Buffer.allocUnsafe(partBytes);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let taken = 0; taken < chunk.length; ) {
      // Only when more is there, so that the last part is stored once the length of the file has been checked.
      if (filled === buffer.length) {
        yield buffer;
        filled = 0;
      }
      const piece = chunk.subarray(taken, taken + buffer.length - filled);
      buffer.set(piece, filled);
      taken += piece.length;
      filled += piece.length;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

async function hasherFrom(begun: OpenUpload | undefined): Promise<IHasher> {
  const hash = await createSHA256();
  if (begun === undefined || begun.tags.length === 0) return hash.init();
  return hash.load(Buffer.from(begun.hash, 'base64'));
}

function partSizeFor(size: number): number {
  return Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS / MIB) * MIB);
}
