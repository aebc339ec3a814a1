import type { Json } from '../json.ts';
import type { Scope } from '../resources/resource.ts';
import type { RefusalCode } from './refusal.ts';

/** A record that could not be stored, kept whole until it can, or until a person removes it. */
export interface QuarantinedRecord {
  /** Stable for the same record: its id where it has a usable one, else the hash of its content. */
  key: string;
  resource: string;
  scope: Scope;
  /** Of an element of a list that belongs to one record: the id of that record. */
  parentId?: string;
  reason: RefusalCode;
  message: string;
  /** When the request that read it was sent; ISO 8601. */
  readAt: string;
  runId: string;
}

/** Quarantined records. Adding one again replaces it. */
export interface QuarantineStore {
  add(entry: QuarantinedRecord, payload: Json): Promise<void>;
  list(resource: string, scope: Scope): Promise<QuarantinedRecord[]>;
  /** The record as it was sent, or undefined when it is not kept any more. */
  payload(resource: string, scope: Scope, key: string): Promise<Json | undefined>;
  remove(resource: string, scope: Scope, key: string): Promise<void>;
}
