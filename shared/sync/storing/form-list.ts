import * as z from 'zod';
import type { PagePosition } from '../../autodesk/client/api.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { isUsableId } from '../../ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { contentHash } from '../../records/content-hash.ts';
import { lineItemVersionOf } from '../../records/reading.ts';
import type { RecordHead } from '../../records/record.ts';
import { comesAfter, keyText, type RecordVersion } from '../../records/record-store.ts';
import { RecordRefusedError } from '../../records/refusal.ts';
import type { NestedList } from '../../resources/resource.ts';
import { addCounts, noCounts } from '../state/partition.ts';
import type { Counts } from '../state/run.ts';
import type { ListEntry } from '../state/stores.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import { quarantine } from './quarantine-record.ts';
import {
  type Change,
  changeOf,
  countChanges,
  type PageOrigin,
  storeVersion,
  storeVersions,
  WRITES_AT_ONCE,
} from './store-versions.ts';

/** One part of a form's list, as it came in the form itself or from the list's own path. */
export interface ListPart {
  items: readonly Json[];
  next?: PagePosition;
  readAt: string;
}

const nestedPage = z.object({
  pagination: z.object({ cursorState: z.string().nullish() }).nullish(),
  results: z.array(z.unknown()),
});

/** The part of its list that a form carries; undefined when it carries none, and the list's own path has to be asked. */
export function partInForm(form: JsonObject, nested: NestedList, readAt: string): ListPart | undefined {
  const list = form[nested.field];
  const shape = nestedPage.safeParse(list);
  if (!shape.success || !isJsonObject(list) || !Array.isArray(list.results)) return undefined;
  const cursor = shape.data.pagination?.cursorState;
  return { items: list.results, readAt, ...(cursor && { next: { cursor } }) };
}

/** A form whose list is being stored, part by part. */
export interface OpenForm {
  form: RecordVersion;
  /** What was stored of the form when its page was read. */
  head: RecordHead | undefined;
  nested: NestedList;
  origin: PageOrigin;
  /**
   * Whether an equal list hash is proof enough that the items are stored. A full sweep looks at the items: a worker
   * that comes back long after it lost its lease can have left one of an older list behind.
   */
  believesHash: boolean;
}

export interface StoredPart {
  entries: ListEntry[];
  counts: Counts;
  /** The part is the whole list, and it stands stored as it came. */
  isStoredList: boolean;
}

/** Whether a later reading of the form is stored already, so that this one has nothing to add. */
export function isSuperseded({ form, head }: OpenForm): boolean {
  return head !== undefined && head.contentHash !== form.contentHash && !comesAfter(form, head);
}

/** Whether the form is stored as it was read, and some list of it whole. */
export function isStored(open: OpenForm): boolean {
  return isLive(open) && open.head?.contentHash === open.form.contentHash && open.head.listHash !== undefined;
}

/**
 * Stores the items of one part. The form's list hash goes before the first change, so that a list that is only
 * half written is never taken for whole later on.
 */
export async function storePart(open: OpenForm, part: ListPart, ports: SyncPorts): Promise<StoredPart> {
  const { versions, entries, refused } = await readItems(open, part, ports);
  const aside = { ...noCounts(), fetched: refused, quarantined: refused };
  if (part.next === undefined && (await isListStored(open, entries, ports))) {
    const unchanged = countChanges(versions.map(() => 'unchanged'));
    return { entries, counts: addCounts(unchanged, aside), isStoredList: true };
  }
  const heads = await ports.records.heads(versions);
  if (versions.some((version) => changeOf(version, heads.get(keyText(version))) !== 'unchanged')) {
    await openList(open, ports);
  }
  const counts = await storeVersions(versions, heads, open.origin, ports);
  return { entries, counts: addCounts(counts, aside), isStoredList: false };
}

/**
 * Ends a form whose complete list has been read: stores the form, removes the items that are not in its list and
 * keeps their order. Answers what became of the form, and how many items went.
 */
export async function closeForm(
  open: OpenForm,
  entries: readonly ListEntry[],
  readAt: string,
  ports: SyncPorts,
  isStoredList = false,
): Promise<{ change: Change; deleted: number }> {
  const { form, head, nested, origin } = open;
  const listHash = listHashOf(entries);
  if (isStoredList || (await isListStored(open, entries, ports))) {
    return { change: await storeVersion({ ...form, listHash }, head, origin, ports), deleted: 0 };
  }
  await openList(open, ports);
  const change = await storeVersion(form, head, origin, ports);
  if (change === 'quarantined') return { change, deleted: 0 };
  const listed = new Set(entries.map((entry) => entry.id));
  const heads = await ports.records.lineItemHeads(form);
  const gone = [...heads].filter(([id, item]) => !listed.has(id) && item.deletedAt === undefined);
  const outcomes = await mapConcurrently(gone, WRITES_AT_ONCE, ([id]) =>
    ports.records.markDeleted({ resource: nested.name, formId: form.id, id }, readAt),
  );
  // What another reading has stored meanwhile may differ from this list; then the list stays open, to be looked at again.
  const whole =
    entries.every((entry) => isKept(entry, heads)) && outcomes.every((outcome) => outcome === 'stored');
  await ports.records.closeList(form, { ids: [...listed], ...(whole && { listHash }), readAt });
  return { change, deleted: outcomes.filter((outcome) => outcome === 'stored').length };
}

/** Whether the stored list of a form is this one. */
async function isListStored(
  open: OpenForm,
  entries: readonly ListEntry[],
  ports: SyncPorts,
): Promise<boolean> {
  if (!isLive(open) || open.head?.listHash !== listHashOf(entries)) return false;
  if (open.believesHash) return true;
  const heads = await ports.records.lineItemHeads(open.form);
  const listed = new Set(entries.map((entry) => entry.id));
  const noOthers = [...heads].every(([id, item]) => listed.has(id) || item.deletedAt !== undefined);
  return noOthers && entries.every((entry) => isKept(entry, heads));
}

function isKept({ id, contentHash: hash }: ListEntry, heads: ReadonlyMap<string, RecordHead>): boolean {
  const item = heads.get(id);
  return hash === REFUSED || (item?.contentHash === hash && item.deletedAt === undefined);
}

/** Stands for the content of an item that cannot be stored. */
const REFUSED = 'refused';

/** The same text for lists that hold the same items in the same order. */
function listHashOf(entries: readonly ListEntry[]): string {
  return contentHash(entries.map((entry) => `${entry.id}:${entry.contentHash}`).join());
}

async function openList({ form, head }: OpenForm, ports: SyncPorts): Promise<void> {
  if (head?.listHash !== undefined) await ports.records.openList(form);
}

function isLive({ head }: OpenForm): boolean {
  return head !== undefined && head.deletedAt === undefined;
}

/** The versions of a part's items and its place in the list; items that cannot be stored are quarantined. */
async function readItems(
  { form, nested, origin }: OpenForm,
  part: ListPart,
  ports: SyncPorts,
): Promise<{ versions: RecordVersion[]; entries: ListEntry[]; refused: number }> {
  const versions: RecordVersion[] = [];
  const entries: ListEntry[] = [];
  let refused = 0;
  for (const sent of part.items) {
    try {
      const version = lineItemVersionOf(nested.name, form, form.scope, sent, part.readAt);
      versions.push(version);
      entries.push({ id: version.id, contentHash: version.contentHash });
    } catch (error) {
      if (!(error instanceof RecordRefusedError)) throw error;
      const { scope } = form;
      await quarantine(
        { resource: nested.name, scope, formId: form.id, sent, readAt: part.readAt },
        error,
        origin.runId,
        ports,
      );
      refused += 1;
      // It is in the list all the same: an older version of it that is stored must not be called deleted.
      if (isJsonObject(sent) && isUsableId(sent.id)) entries.push({ id: sent.id, contentHash: REFUSED });
    }
  }
  return { versions, entries, refused };
}
