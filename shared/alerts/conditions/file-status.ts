import * as z from 'zod';
import { isFailed, isUnfinished } from '../rules/rules.ts';

/** What was seen of a pair's file transfer, from this moment until the next entry. Times are ISO 8601. */
const fileStatusEntry = z.object({
  at: z.string(),
  /** As sent; `DELETED` once the pair is gone. */
  fileStatus: z.string(),
  error: z.string().exactOptional(),
});
export type FileStatusEntry = z.infer<typeof fileStatusEntry>;

/** How the file transfer of one pair went, from the first time it needed attention. */
export const fileStatusHistory = z.object({
  pairId: z.string(),
  entries: z.array(fileStatusEntry),
  rev: z.number(),
});
export type FileStatusHistory = z.infer<typeof fileStatusHistory>;

/** More than a pair goes through; the oldest go first. */
const ENTRIES = 50;

/** Histories of pairs. Those whose files are not settled are watched; one query finds them all. */
export interface FileStatusStore {
  watched(): Promise<FileStatusHistory[]>;
  /** The history of one pair, watched or not. */
  find(pairId: string): Promise<FileStatusHistory | undefined>;
  /** Stores a watched history if its stored `rev` is still that of `history`. Answers whether it was. */
  watch(history: FileStatusHistory): Promise<boolean>;
  /** Keeps the history and ends the watch, if its stored `rev` is still that of `history`. */
  settle(history: FileStatusHistory): Promise<boolean>;
}

/** The history with what was seen now; the same object where nothing is new. */
export function withEntry(history: FileStatusHistory, seen: FileStatusEntry): FileStatusHistory {
  const last = history.entries.at(-1);
  if (last !== undefined && last.fileStatus === seen.fileStatus && last.error === seen.error) return history;
  return { ...history, entries: [...history.entries, seen].slice(-ENTRIES) };
}

/**
 * Since when the files have been in the kind of condition they are in now: failed, unfinished or fine. `updatedAt`
 * counts where it is earlier than the first sight, unless another condition was seen before.
 */
export function since(history: FileStatusHistory, updatedAt: string | undefined): string {
  const last = history.entries.at(-1);
  if (last === undefined) throw new Error('A history needs at least one entry.');
  const before = history.entries.findLastIndex((entry) => condition(entry) !== condition(last));
  const first = history.entries[before + 1] ?? last;
  const isFirstSight = before === -1;
  return isFirstSight && updatedAt !== undefined && updatedAt < first.at ? updatedAt : first.at;
}

function condition(entry: FileStatusEntry): string {
  if (isFailed(entry)) return 'failed';
  return isUnfinished(entry.fileStatus) ? 'unfinished' : 'fine';
}
