import * as z from 'zod';
import { column } from './columns.ts';

/** What is known of a table as readers see it. */
export const published = z.object({
  /** Names its files; sorts by time. */
  publication: z.string(),
  /** When reading the records for it began, ISO 8601: what was stored before is in it. */
  asOf: z.string(),
  rows: z.int().min(0),
  /** Changes whenever a record of the table has changed. */
  fingerprint: z.string(),
  columns: z.array(column),
});
export type Published = z.infer<typeof published>;

/** Where tables are published. */
export interface Lake {
  /** The table as readers see it now; undefined before its first publication. */
  current(table: string): Promise<Published | undefined>;
  /** The names of the tables that begin with a prefix. */
  names(prefix: string): Promise<string[]>;
  /** Writes a file of a publication that readers do not see yet. Repeating it replaces the file. */
  write(table: string, publication: string, file: string, bytes: Uint8Array): Promise<void>;
  /** Shows readers a publication whose files are all written, in place of the one before, in one step. */
  show(table: string, next: Published): Promise<void>;
  /** Lets go of the files that have been replaced, or were never shown, since before a moment in ISO 8601. */
  discard(table: string, before: string): Promise<void>;
}
