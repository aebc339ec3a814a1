import { type FailureReport, SyncError } from '../errors.ts';

/** The time was up before all records of a list were written. What readers see is as it was. */
export class OutOfTimeError extends SyncError {
  override readonly name = 'OutOfTimeError';
  readonly code = 'PUBLISHING_OUT_OF_TIME';
  readonly disposition = 'retry';

  constructor(resource: string) {
    super(
      `There was not enough time to publish ${resource}.`,
      'The next publication tries again. If it keeps happening, the list is too long for this way of publishing: see docs/analytics.md.',
      { details: { resource } },
    );
  }
}

/** Some tables could not be published; the others were. */
export class PublishingFailedError extends SyncError {
  override readonly name = 'PublishingFailedError';
  readonly code = 'PUBLISHING_FAILED';
  readonly disposition = 'retry';

  constructor(failures: readonly FailureReport[]) {
    super(
      `${failures.length} ${failures.length === 1 ? 'list' : 'lists'} could not be published: ${[...new Set(failures.map(({ message }) => message))].join(' ')}`,
      'Readers see the last publication meanwhile, and the next one tries again. See docs/runbook.md#publish-errors.',
    );
  }
}
