/** An upload in parts that has begun and is not complete; it may be continued by another process. */
export interface Upload {
  key: string;
  uploadId: string;
}

/** A file as it comes. */
export type FileBytes = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface UploadPart {
  /** From 1; parts are stored in their order. */
  number: number;
  bytes: Uint8Array;
}

/**
 * Where landed files lie, by key: segments that are parted by slashes. A file is there whole or not at all, and what
 * is put under a key that is taken replaces it. Throws `StorageFullError` where nothing more can be stored.
 */
export interface ObjectStore {
  /**
   * Stores a file as its bytes come, a few MiB at a time. Where they end in an error, nothing of it is kept and that
   * error is thrown. Begins anew with each process: for a file that may need several, there are uploads.
   */
  put(key: string, bytes: FileBytes): Promise<void>;
  /** Its length in bytes; undefined where there is none. */
  size(key: string): Promise<number | undefined>;
  /** Its bytes in order. Throws `FileMissingError` where there is none. */
  read(key: string): AsyncIterable<Uint8Array>;
  /** The names directly under a prefix that ends in a slash, those that have something under them; in order. */
  folders(prefix: string): Promise<string[]>;
  startUpload(key: string): Promise<Upload>;
  /**
   * Stores a part, or replaces it, and answers the tag that `completeUpload` needs. At least 5 MiB unless it is the
   * last; those behind one that is replaced have to be stored again. Throws `UploadGoneError` where the upload was dropped meanwhile.
   */
  uploadPart(upload: Upload, part: UploadPart): Promise<string>;
  /** Makes the file of its parts; their tags in order. Throws `UploadGoneError` as above. */
  completeUpload(upload: Upload, tags: readonly string[]): Promise<void>;
  /** Drops what was uploaded. One that is gone already is no error. */
  dropUpload(upload: Upload): Promise<void>;
}

/** A small file as text. Throws `FileMissingError`. */
export async function readText(store: Pick<ObjectStore, 'read'>, key: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(key)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
