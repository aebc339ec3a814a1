import { SyncError } from '../../../shared/errors.ts';

/** An operator's command did not reach its end; exit code 1. */
export class CommandFailedError extends SyncError {
  override readonly name = 'CommandFailedError';
  readonly code = 'COMMAND_FAILED';
  readonly disposition = 'fail';
}
