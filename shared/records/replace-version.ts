import type { RecordHead } from './record.ts';
import { comesAfter, isSameVersion, type RecordVersion, type WriteOutcome } from './record-store.ts';

/** What is to come after the stored version of a record. */
export type Successor =
  | { kind: 'version'; version: RecordVersion }
  /** The stored version marked as gone, as read at `readAt`. */
  | { kind: 'deletion'; readAt: string };

/** One record of a store, as far as replacing its version goes. */
export interface ReplaceableRecord<Stored extends RecordHead> {
  /** The version that is stored, read consistently. */
  read(): Promise<Stored | undefined>;
  /** Adds a version to the history. Doing it again changes nothing. */
  keep(stored: Stored, replacedAt: string): Promise<void>;
  /** Writes the successor if the stored version is still this one, or there still is none; tells whether it did. */
  replace(stored: Stored | undefined): Promise<boolean>;
}

/**
 * Replaces the stored version of a record if the successor comes after it, and keeps it before that. Another writer in
 * between is noticed, because the write demands the version that was read; then all is judged again. Whoever dies in
 * between leaves the stored version in the history as well: nothing is lost, and the next one keeps it once more.
 */
export async function replaceVersion<Stored extends RecordHead>(
  successor: Successor,
  record: ReplaceableRecord<Stored>,
): Promise<WriteOutcome> {
  const { readAt } = successor.kind === 'version' ? successor.version : successor;
  for (;;) {
    const stored = await record.read();
    if (!isDue(successor, stored)) return 'superseded';
    if (stored !== undefined && !isRepeated(successor, stored)) await record.keep(stored, readAt);
    if (await record.replace(stored)) return 'stored';
  }
}

function isDue(successor: Successor, stored: RecordHead | undefined): boolean {
  if (successor.kind === 'version') return comesAfter(successor.version, stored);
  return stored !== undefined && stored.deletedAt === undefined && stored.readAt <= successor.readAt;
}

/** A version that is written again replaces nothing. */
function isRepeated(successor: Successor, stored: RecordHead): boolean {
  return successor.kind === 'version' && isSameVersion(successor.version, stored);
}
