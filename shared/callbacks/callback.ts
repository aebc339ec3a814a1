import * as z from 'zod';
import { plainAccountId } from '../account-id.ts';
import { ID_PATTERN } from '../ids.ts';

/** Ids are opaque. Dots alone are refused because a URL would read them as a step up its path. */
const opaqueId = z
  .string()
  .regex(ID_PATTERN, 'must be 1 to 128 letters, digits, dots, underscores or hyphens')
  .refine((id) => id !== '.' && id !== '..', 'must not be only dots');

/**
 * What Data Connector posts when a job has ended. Nothing in it is signed, so it is believed in one point only:
 * that it is worth asking Autodesk about this job. Hence `state` is not looked at, and unknown fields are welcome.
 */
export const callbackBody = z.looseObject({
  accountId: opaqueId.transform(plainAccountId),
  requestId: opaqueId,
  jobId: opaqueId,
  success: z.boolean().optional(),
});

export interface ReceivedCallback {
  accountId: string;
  jobId: string;
  requestId: string;
  /** The text as it came. */
  body: string;
  /** ISO 8601. */
  receivedAt: string;
}

/**
 * - `received`    recorded; Autodesk has not been asked yet, or did not know the job when it was
 * - `confirmed`   Autodesk knows the job; it is stored and runs were requested
 * - `unconfirmed` Autodesk did not know the job in three tries
 */
export const CALLBACK_STATES = ['received', 'confirmed', 'unconfirmed'] as const;
export type CallbackState = (typeof CALLBACK_STATES)[number];

export interface StoredCallback extends ReceivedCallback {
  state: CallbackState;
  /** How often Autodesk was asked and did not know the job. */
  attempts: number;
  /** When Autodesk may be asked (again); ISO 8601. */
  dueAt: string;
}

/** What changes in a callback while it is confirmed. */
export type CallbackProgress = Pick<StoredCallback, 'state' | 'attempts' | 'dueAt'>;

/** Data Connector's callbacks, one for each account and job. All reads are consistent. */
export interface CallbackStore {
  /** Keeps a callback as `received`, due at once. A job that already has one keeps it: `duplicate`. */
  record(callback: ReceivedCallback): Promise<'recorded' | 'duplicate'>;
  find(accountId: string, jobId: string): Promise<StoredCallback | undefined>;
  /** All callbacks of an account in the order of their job ids, those in `state` alone when it is given. */
  list(accountId: string, state?: CallbackState): AsyncIterable<StoredCallback>;
  /**
   * Stores progress made since `callback` was read. Returns false and changes nothing when another worker was
   * faster, or when the callback is gone.
   */
  advance(callback: StoredCallback, progress: CallbackProgress): Promise<boolean>;
}
