import { SyncError } from '../../shared/errors.ts';

/** A value of an answer: a time is ISO 8601 in UTC, a number is a text where a double would round it. */
export type Value = null | boolean | number | string;

export type ValueKind = 'boolean' | 'number' | 'timestamp' | 'date' | 'text';

export interface AnswerColumn {
  name: string;
  kind: ValueKind;
}

/** An answer on its way. */
export interface Answer {
  columns: AnswerColumn[];
  rows: AsyncIterable<Value[]>;
  /** When the oldest of the tables that were asked was read from Autodesk's mirror, ISO 8601; absent where none was. */
  asOf?: string;
  /** What Athena is paid for. */
  scannedBytes?: number;
}

export interface LakeTable {
  name: string;
  columns: { name: string; type: string }[];
  asOf: string;
  rows: number;
}

/** Where questions are answered. */
export interface QueryEngine {
  /**
   * Answers one statement that only reads. Aborting the signal cancels it where it runs, and rejects with the signal's
   * reason. Throws `BadStatementError`, `ReadOnlyError` for what would write, and `NothingPublishedError`.
   */
  ask(sql: string, signal: AbortSignal): Promise<Answer>;
  /** The tables that can be asked. */
  tables(): Promise<LakeTable[]>;
  close(): Promise<void>;
}

/** The statement is wrong. */
export class BadStatementError extends SyncError {
  override readonly name = 'BadStatementError';
  readonly code = 'BAD_STATEMENT';
  readonly disposition = 'fail';
  /** Counted from 1; absent where the engine does not say. */
  readonly position: { line: number; column: number } | undefined;

  constructor(problem: string, position?: { line: number; column: number }, options?: ErrorOptions) {
    const where = position && `line ${position.line}, column ${position.column}: `;
    super(
      `The statement cannot be run: ${where ?? ''}${problem}`,
      'See docs/analytics.md for the tables and their columns.',
      options,
    );
    this.position = position;
  }
}

/** The statement would change something. */
export class ReadOnlyError extends SyncError {
  override readonly name = 'ReadOnlyError';
  readonly code = 'READ_ONLY';
  readonly disposition = 'fail';

  constructor(what: string) {
    super(
      `${what} is refused: queries only read.`,
      'Ask with one SELECT, WITH, VALUES, SHOW, DESCRIBE or EXPLAIN.',
    );
  }
}

/** There is nothing to ask yet. */
export class NothingPublishedError extends SyncError {
  override readonly name = 'NothingPublishedError';
  readonly code = 'NOTHING_PUBLISHED';
  readonly disposition = 'retry';

  constructor() {
    super(
      'No table is published yet.',
      'Tables are published when a sync has ended: wait for it, or run one with `npm start`, or `npm run ops -- sync` on a stage.',
    );
  }
}

/** Athena did not answer a statement that it took. */
export class QueryFailedError extends SyncError {
  override readonly name = 'QueryFailedError';
  readonly code = 'QUERY_FAILED';
  readonly disposition = 'fail';

  constructor(reason: string) {
    super(`Athena did not answer: ${reason}.`, 'Ask again; if it scans too much, name fewer columns.');
  }
}
