import type { Resource, Scope } from '../../resources/resource.ts';
import type { StoredRecord, StoredVersion } from '../record.ts';

/** All that is stored of a list and of the lists inside its records, for those that copy it as a whole. */
export interface RecordScan {
  /**
   * A text for each record, deleted ones included, that changes with it or with an element of its nested lists; in the
   * same order while nothing changes. From an index, which may lag by moments.
   */
  recordMarks(resource: Resource, scope: Scope): AsyncIterable<string>;
  /**
   * Every record, deleted ones included, and every element of its nested lists, in pages; each once, read consistently,
   * also while records are created, updated, deleted and come back.
   */
  everyRecord(resource: Resource, scope: Scope): AsyncIterable<StoredRecord[]>;
  /** The same for the versions that were replaced. */
  versionMarks(resource: Resource, scope: Scope): AsyncIterable<string>;
  everyVersion(resource: Resource, scope: Scope): AsyncIterable<StoredVersion[]>;
}
