/**
 * What is to be done about a failure. The class of an error decides it once; the queue, the HTTP endpoint and
 * the engine only look it up. An error that is not a `SyncError` is unknown, and unknown means `retry`.
 *
 * - `retry`   it may pass by itself: try again, keep the run active
 * - `wait`    it will pass at a known moment: try again after `retryAfterMs`, and do not count it as a failure
 * - `consent` a person has to sign in again: stop calling Autodesk, keep everything
 * - `fail`    trying again gives the same answer: fail the run with this reason
 * - `park`    the message cannot be understood: keep it with its reason, go on with the others
 */
export type Disposition = 'retry' | 'wait' | 'consent' | 'fail' | 'park';

export interface SyncErrorOptions extends ErrorOptions {
  /** Ids and counts that help to find the cause. Never payloads, headers or secrets. */
  details?: Record<string, string | number | boolean>;
}

/** The base of every failure this project names. `message` says what happened, `remedy` what a person can do. */
export abstract class SyncError extends Error {
  /** The class's own name, which bundling takes away. */
  abstract override readonly name: string;
  abstract readonly code: string;
  abstract readonly disposition: Disposition;
  readonly remedy: string;
  readonly details: Record<string, string | number | boolean>;

  constructor(message: string, remedy: string, options: SyncErrorOptions = {}) {
    super(message, options);
    this.remedy = remedy;
    this.details = options.details ?? {};
  }
}

/** Settings are missing or wrong. `problems` holds every one of them, each naming its setting. */
export class ConfigurationError extends SyncError {
  override readonly name = 'ConfigurationError';
  readonly code = 'CONFIGURATION';
  readonly disposition = 'fail';
  readonly problems: string[];

  constructor(problems: string[], options?: SyncErrorOptions) {
    super(`The configuration is invalid: ${problems.join('; ')}.`, 'Correct these settings.', options);
    this.problems = problems;
  }
}

/** A queue message that no reader of this version understands. */
export class UnreadableMessageError extends SyncError {
  override readonly name = 'UnreadableMessageError';
  readonly code = 'UNREADABLE_MESSAGE';
  readonly disposition = 'park';

  constructor(reason: string, options?: SyncErrorOptions) {
    super(
      `The message cannot be read: ${reason}`,
      'Check the dead letters: redrive it after upgrading to a version that can read it, or delete it.',
      options,
    );
  }
}

/** The tables were written by a newer version of this project. */
export class NewerSchemaError extends SyncError {
  override readonly name = 'NewerSchemaError';
  readonly code = 'NEWER_SCHEMA';
  readonly disposition = 'fail';

  constructor(table: string, found: number, known: number) {
    super(
      `Table ${table} has schema version ${found}; this version supports ${known}.`,
      'Deploy the version that wrote it, or a newer one.',
    );
  }
}

/** The form in which a failure is stored in a run, shown in `status` and told in alerts. */
export interface FailureReport {
  code: string;
  message: string;
  remedy: string;
}

export function reportFailure(error: unknown): FailureReport {
  if (error instanceof SyncError) {
    return { code: error.code, message: error.message, remedy: error.remedy };
  }
  return {
    code: 'UNKNOWN',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    remedy: 'Check the logs of the run; report it if it happens again.',
  };
}

/** What to do about a failure of any kind; unknown errors are retried. */
export function dispositionOf(error: unknown): Disposition {
  return error instanceof SyncError ? error.disposition : 'retry';
}
