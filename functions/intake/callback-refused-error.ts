import { SyncError } from '../../shared/errors.ts';

/** A field of a callback that is not as it must be. */
export interface FieldProblem {
  /** Its path, such as `jobId`; `body` for the whole. */
  field: string;
  problem: string;
}

export type RefusalStatus = 400 | 403 | 404 | 405 | 413 | 415;

/** By status: what a refusal is called. */
export const TITLES: Record<RefusalStatus, string> = {
  400: 'Malformed callback',
  403: 'Unknown account',
  404: 'Not found',
  405: 'Method not allowed',
  413: 'Body too large',
  415: 'Not JSON',
};

/** A request to the callback endpoint that is answered with a 4xx. */
export class CallbackRefusedError extends SyncError {
  override readonly name = 'CallbackRefusedError';
  readonly code = 'CALLBACK_REFUSED';
  readonly disposition = 'fail';
  readonly status: RefusalStatus;
  readonly title: string;
  readonly fields: readonly FieldProblem[];

  constructor(status: RefusalStatus, detail: string, fields: readonly FieldProblem[] = []) {
    super(detail, 'Correct the request; `npm run ops -- callback-url` prints the right URL.');
    this.status = status;
    this.title = TITLES[status];
    this.fields = fields;
  }
}
