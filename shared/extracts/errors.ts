import { SyncError, type SyncErrorOptions } from '../errors.ts';

/** A signed address is no longer good: ask for another one, and never try the same again. */
export class AddressExpiredError extends SyncError {
  override readonly name = 'AddressExpiredError';
  readonly code = 'ADDRESS_EXPIRED';
  readonly disposition = 'retry';

  constructor(status: number) {
    super(
      `The download address expired before the transfer began (HTTP ${status}).`,
      'Clears on its own: another address is asked for. If it does not, check the clock and the network of this host.',
    );
  }
}

/** The transfer of a file did not begin or did not end. */
export class DownloadFailedError extends SyncError {
  override readonly name = 'DownloadFailedError';
  readonly code = 'DOWNLOAD_FAILED';
  readonly disposition = 'retry';

  constructor(what: string) {
    super(
      `The download failed: ${what}`,
      'Usually clears on its own. If it does not, check for a proxy or firewall between this host and the storage of Autodesk.',
    );
  }
}

/** Autodesk named a download address that no file is fetched from. */
export class UntrustedAddressError extends SyncError {
  override readonly name = 'UntrustedAddressError';
  readonly code = 'UNTRUSTED_ADDRESS';
  readonly disposition = 'fail';

  constructor() {
    super(
      'Autodesk named a download address that is not https.',
      'Check for a proxy between this host and Autodesk; it must not change what Autodesk answers.',
    );
  }
}

/** A file is not as long as it was said to be. */
export class SizeMismatchError extends SyncError {
  override readonly name = 'SizeMismatchError';
  readonly code = 'SIZE_MISMATCH';
  readonly disposition = 'retry';

  constructor(name: string, expected: number, found: number | string) {
    super(
      `The file ${name} should be ${expected} bytes long and is ${found}.`,
      'Clears on its own when Autodesk has finished writing the extract. If it does not, run the extract again in Data Connector.',
    );
  }
}

/** The files of a job changed while they were landed. */
export class ListingChangedError extends SyncError {
  override readonly name = 'ListingChangedError';
  readonly code = 'LISTING_CHANGED';
  readonly disposition = 'retry';

  constructor() {
    super(
      'The list of files changed while they were landed.',
      'Clears on its own: the next attempt lands what has changed.',
    );
  }
}

/** A successful job has no list of files, or not yet. */
export class NoListingError extends SyncError {
  override readonly name = 'NoListingError';
  readonly code = 'NO_LISTING';
  readonly disposition = 'retry';

  constructor() {
    super('Autodesk has no list of files for this job.', 'Clears on its own, or the job extracted nothing.');
  }
}

/** With this code, too, the embedded S3 says that its disk is full. */
export const STORAGE_FULL = 'STORAGE_FULL';

/** There is no room for more. */
export class StorageFullError extends SyncError {
  override readonly name = 'StorageFullError';
  readonly code = STORAGE_FULL;
  readonly disposition = 'retry';

  constructor(options?: SyncErrorOptions) {
    super('There is no room left for extracts.', 'Free disk space; landing goes on by itself.', options);
  }
}

/** An upload in parts was dropped, by time or by hand: its file has to be started again. */
export class UploadGoneError extends SyncError {
  override readonly name = 'UploadGoneError';
  readonly code = 'UPLOAD_GONE';
  readonly disposition = 'retry';

  constructor(options?: SyncErrorOptions) {
    super('The unfinished upload is gone.', 'Clears on its own: the file is started again.', options);
  }
}

/** There is no such file in the store. */
export class FileMissingError extends SyncError {
  override readonly name = 'FileMissingError';
  readonly code = 'FILE_MISSING';
  readonly disposition = 'fail';

  constructor(key: string, options?: SyncErrorOptions) {
    super(
      `There is no file ${key}.`,
      'It has expired, or was never landed: see `npm run ops -- extracts`.',
      options,
    );
  }
}

/** Another worker has taken over. */
export class LandingTakenError extends SyncError {
  override readonly name = 'LandingTakenError';
  readonly code = 'LANDING_TAKEN';
  readonly disposition = 'retry';

  constructor() {
    super('Another worker lands these files now.', 'Nothing has to be done.');
  }
}
