import { SyncError } from '../../errors.ts';

/** Another worker holds the partition now; what this one meant to write is done by the other. */
export class LeaseLostError extends SyncError {
  override readonly name = 'LeaseLostError';
  readonly code = 'LEASE_LOST';
  readonly disposition = 'retry';

  constructor(runId: string, partitionId: string) {
    super(
      'Another worker took over the lease of a partition.',
      'No action needed: the other worker continues.',
      {
        details: { runId, partitionId },
      },
    );
  }
}

/** Workers kept vanishing while they worked on a partition. */
export class NoProgressError extends SyncError {
  override readonly name = 'NoProgressError';
  readonly code = 'NO_PROGRESS';
  readonly disposition = 'fail';

  constructor(resource: string, resumes: number) {
    super(
      `A partition of ${resource} was restarted ${resumes} times with no progress.`,
      'Check the worker logs for crashes, memory or timeouts, then run the sync again.',
    );
  }
}

/** A full sweep missed so many records that deleting them needs a person's word. */
export class MassDeletionStoppedError extends SyncError {
  override readonly name = 'MassDeletionStoppedError';
  readonly code = 'MASS_DELETION_STOPPED';
  readonly disposition = 'fail';

  constructor(resource: string, missing: number, stored: number) {
    super(
      `A full sweep of ${resource} did not find ${missing} of ${stored} stored records; nothing was marked deleted.`,
      `If they are really gone, run \`ops sync --resource ${resource} --full --accept-deletions\`; if not, check what the signed-in user can see.`,
      { details: { missing, stored } },
    );
  }
}

/** Failures that may pass went on for longer than a run is kept active. */
export class StalledTooLongError extends SyncError {
  override readonly name = 'StalledTooLongError';
  readonly code = 'STALLED_TOO_LONG';
  readonly disposition = 'fail';

  constructor(cause: { code: string; message: string; remedy: string }) {
    super(`The run made no progress for 24 hours. Last reason: ${cause.message}`, cause.remedy, {
      details: { lastCode: cause.code },
    });
  }
}
