import { SyncError } from '../errors.ts';
import { isUsableId } from '../ids.ts';
import { isDeeperThan, isJsonObject, type Json, type JsonObject } from '../json.ts';

/** Why a record cannot be stored as it is. */
export type RefusalCode =
  | 'NOT_AN_OBJECT'
  | 'NO_ID'
  | 'NO_PARENT'
  | 'TOO_LARGE'
  | 'TOO_DEEP'
  | 'NUMBER'
  | 'REFUSED_BY_STORE';

/** A record that cannot be stored; it is kept in quarantine, and the page goes on. */
export class RecordRefusedError extends SyncError {
  override readonly name = 'RecordRefusedError';
  readonly code = 'RECORD_REFUSED';
  readonly disposition = 'fail';
  readonly reason: RefusalCode;

  constructor(reason: RefusalCode, text: string, options?: ErrorOptions) {
    super(
      `The record cannot be stored: ${text}.`,
      'See `ops quarantine`; correct the record in BuildingConnected and retry it.',
      options,
    );
    this.reason = reason;
  }
}

/** DynamoDB's limit for one item is 400 KB, its attribute names and our own few attributes included. */
const MAX_RECORD_BYTES = 400 * 1024 - 2048;
/** DynamoDB nests attributes up to 32 levels deep. */
const MAX_LEVELS = 32;
/**
 * A record that is worth storing, with its id, which is in `idField`. Throws `RecordRefusedError` otherwise. `idFor`
 * gives an id to one that comes without.
 */
export function acceptRecord(
  record: Json,
  idField = 'id',
  idFor: (record: JsonObject) => string | undefined = () => undefined,
): { id: string; data: JsonObject } {
  if (!isJsonObject(record)) throw new RecordRefusedError('NOT_AN_OBJECT', 'it is not a JSON object');
  if (isDeeperThan(record, MAX_LEVELS)) {
    throw new RecordRefusedError('TOO_DEEP', `it nests deeper than ${MAX_LEVELS} levels`);
  }
  const id = record[idField] ?? idFor(record);
  if (!isUsableId(id)) throw new RecordRefusedError('NO_ID', 'it has no usable id');
  return { id, data: record };
}

/** Throws `RecordRefusedError` where DynamoDB would refuse the payload for its size. */
export function checkSize(canonicalText: string): void {
  if (Buffer.byteLength(canonicalText) > MAX_RECORD_BYTES) {
    throw new RecordRefusedError('TOO_LARGE', "it is larger than DynamoDB's limit of 400 KB");
  }
}
