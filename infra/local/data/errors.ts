import { SyncError } from '../../../shared/errors.ts';

/** The data folder cannot be made, read or written. */
export class DataFolderError extends SyncError {
  override readonly name = 'DataFolderError';
  readonly code = 'DATA_FOLDER';
  readonly disposition = 'fail';

  constructor(path: string, options: { cause: unknown }) {
    super(
      `The data folder ${path} cannot be used: ${reasonOf(options.cause)}.`,
      'Point --data-dir at a folder that you can write to.',
      options,
    );
  }
}

/** Another process works on the data folder. */
export class DataFolderInUseError extends SyncError {
  override readonly name = 'DataFolderInUseError';
  readonly code = 'DATA_FOLDER_IN_USE';
  readonly disposition = 'fail';

  constructor(path: string, holder: string) {
    super(`The data folder ${path} is in use by ${holder}.`, 'Stop it, or use a different --data-dir.');
  }
}

/** The port of the callback endpoint is taken. */
export class PortInUseError extends SyncError {
  override readonly name = 'PortInUseError';
  readonly code = 'PORT_IN_USE';
  readonly disposition = 'fail';

  constructor(port: number, option: string, options: { cause: unknown }) {
    super(
      `Port ${port} is in use or not allowed: ${reasonOf(options.cause)}.`,
      `Choose another with ${option}; 0 picks a free one.`,
      options,
    );
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'no permission';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'it is not a folder';
    case 'ENOSPC':
      return 'the disk is full';
    case 'EADDRINUSE':
      return 'another program is listening there';
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}
