import * as z from 'zod';
import type { PagePosition } from '../../autodesk/client/api.ts';
import { isUsableId } from '../../ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { contentHash } from '../../records/content-hash.ts';
import { elementVersionOf } from '../../records/reading.ts';
import type { ListKey, RecordHead } from '../../records/record.ts';
import { comesAfter, keyText, type RecordVersion } from '../../records/record-store.ts';
import type { NestedList } from '../../resources/resource.ts';
import { addCounts, noCounts } from '../state/partition.ts';
import type { Counts } from '../state/run.ts';
import type { KeptPart, ListEntry } from '../state/stores.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import { versionUnlessRefused } from './quarantine-record.ts';
import {
  type Change,
  changeOf,
  countChanges,
  deleteElements,
  type PageOrigin,
  storeVersion,
  storeVersions,
} from './store-versions.ts';

/** One part of a nested list, as it came in the record itself or from the list's own path. */
export interface ListPart {
  items: readonly Json[];
  next?: PagePosition;
  readAt: string;
}

/** The parts of its lists that came with a record, by the list's name; none of a list that it came without. */
export type ListParts = ReadonlyMap<string, ListPart>;

const nestedPage = z.object({
  pagination: z.object({ cursorState: z.string().nullish() }).nullish(),
  results: z.array(z.unknown()),
});

/** What a record carries of its lists; a list that it comes without has to be asked for at its own path. */
export function partsIn(record: JsonObject, nested: readonly NestedList[], readAt: string): ListParts {
  const parts = new Map<string, ListPart>();
  for (const { name, field } of nested) {
    const list = record[field];
    const shape = nestedPage.safeParse(list);
    if (!shape.success || !isJsonObject(list) || !Array.isArray(list.results)) continue;
    const cursor = shape.data.pagination?.cursorState;
    parts.set(name, { items: list.results, readAt, ...(cursor && { next: { cursor } }) });
  }
  return parts;
}

/** Whether all lists of a record came with it, each to its end. */
export function areWhole(parts: ListParts, nested: readonly NestedList[]): boolean {
  return nested.every(({ name }) => {
    const part = parts.get(name);
    return part !== undefined && part.next === undefined;
  });
}

/** A record whose lists are being stored, part by part. */
export interface OpenRecord {
  version: RecordVersion;
  /** What was stored of the record when its page was read. */
  head: RecordHead | undefined;
  nested: readonly NestedList[];
  origin: PageOrigin;
  /**
   * Whether an equal list hash is proof enough that the elements are stored. A full sweep looks at them: a worker
   * that comes back long after it lost its lease can have left one of an older list behind.
   */
  believesHash: boolean;
}

/** A part whose elements are told apart and judged; none of them is stored yet. */
export interface JudgedPart extends KeptPart {
  versions: RecordVersion[];
  /** Elements that were quarantined. */
  refused: number;
}

/** Whether a later reading of the record is stored already, so that this one has nothing to add. */
export function isSuperseded({ version, head }: OpenRecord): boolean {
  return head !== undefined && head.contentHash !== version.contentHash && !comesAfter(version, head);
}

/** Whether the record is stored as it was read, and some state of its lists whole. */
export function isStored(open: OpenRecord): boolean {
  const { head, version } = open;
  return isLive(open) && head?.contentHash === version.contentHash && head.listHash !== undefined;
}

/**
 * The place in its list of what was sent, as far as it has an id. What was refused is in the list all the same: an older
 * version of it that is stored must not be called deleted.
 */
export function entryOf(
  version: RecordVersion | undefined,
  sent: Json,
  idField = 'id',
): ListEntry | undefined {
  if (version !== undefined) return { id: version.id, contentHash: version.contentHash };
  const id = isJsonObject(sent) ? sent[idField] : undefined;
  return isUsableId(id) ? { id, contentHash: REFUSED } : undefined;
}

/**
 * The versions of a part's elements and its place in the list; elements that cannot be stored are quarantined.
 * `before`: the parts of the record's lists that were judged before it.
 */
export async function judgePart(
  { version: parent, origin }: OpenRecord,
  list: NestedList,
  part: ListPart,
  before: readonly KeptPart[],
  ports: SyncPorts,
): Promise<JudgedPart> {
  const versions: RecordVersion[] = [];
  const entries: ListEntry[] = [];
  const taken = new Set(entriesOf(list.name, before).map(({ id }) => id));
  let refused = 0;
  for (const sent of part.items) {
    const version = await versionUnlessRefused(
      () => elementVersionOf(list, parent, sent, part.readAt, taken),
      { resource: list.name, scope: parent.scope, parentId: parent.id, sent, readAt: part.readAt },
      origin.runId,
      ports,
    );
    const entry = entryOf(version, sent);
    if (entry !== undefined) entries.push(entry);
    if (version === undefined) {
      refused += 1;
      continue;
    }
    versions.push(version);
    taken.add(version.id);
  }
  return { list: list.name, readAt: part.readAt, entries, versions, refused };
}

/**
 * Stores the elements of a part. The record's list hash goes before the first change, so that lists that are only
 * half written are never taken for whole later on.
 */
export async function storePart(open: OpenRecord, part: JudgedPart, ports: SyncPorts): Promise<Counts> {
  const { versions } = part;
  const heads = await ports.records.heads(versions);
  if (versions.some((version) => changeOf(version, heads.get(keyText(version))) !== 'unchanged')) {
    await openLists(open, ports);
  }
  return addCounts(await storeVersions(versions, heads, open.origin, ports), refusedOf(part));
}

/** What a part counts for that stands stored as it came. */
export function unchangedPart(part: JudgedPart): Counts {
  return addCounts(countChanges(part.versions.map(() => 'unchanged')), refusedOf(part));
}

function refusedOf({ refused }: JudgedPart): Counts {
  return { ...noCounts(), fetched: refused, quarantined: refused };
}

/** Whether the stored lists of a record are these, all parts of which have been read. */
export async function areListsStored(
  open: OpenRecord,
  parts: readonly KeptPart[],
  ports: SyncPorts,
): Promise<boolean> {
  if (!isLive(open) || open.head?.listHash !== listHashOf(open, parts)) return false;
  if (open.believesHash) return true;
  for (const { name } of open.nested) {
    const entries = entriesOf(name, parts);
    const heads = await ports.records.elementHeads(listKey(open, name));
    const listed = new Set(entries.map((entry) => entry.id));
    const noOthers = [...heads].every(([id, element]) => listed.has(id) || element.deletedAt !== undefined);
    if (!noOthers || !entries.every((entry) => isKept(entry, heads))) return false;
  }
  return true;
}

/**
 * Ends a record whose lists have been read to their ends and are not stored yet. Answers what became of the record, and
 * what its elements count.
 */
export async function storeAndClose(
  open: OpenRecord,
  parts: readonly JudgedPart[],
  ports: SyncPorts,
): Promise<{ change: Change; elements: Counts }> {
  if (await areListsStored(open, parts, ports)) {
    const change = await closeUnchanged(open, parts, ports);
    return { change, elements: parts.map(unchangedPart).reduce(addCounts, noCounts()) };
  }
  let elements = noCounts();
  for (const part of parts) elements = addCounts(elements, await storePart(open, part, ports));
  const { change, deleted } = await closeChanged(open, parts, ports);
  return { change, elements: addCounts(elements, { ...noCounts(), deleted }) };
}

/** Ends a record whose lists stand stored as they were read. */
export function closeUnchanged(
  open: OpenRecord,
  parts: readonly KeptPart[],
  ports: SyncPorts,
): Promise<Change> {
  const { version, head, origin } = open;
  return storeVersion({ ...version, listHash: listHashOf(open, parts) }, head, origin, ports);
}

/**
 * Ends a record all of whose lists have been read and stored: stores the record, removes the elements that are not in
 * their list and keeps their order. Answers what became of the record, and how many elements went.
 */
export async function closeChanged(
  open: OpenRecord,
  parts: readonly KeptPart[],
  ports: SyncPorts,
): Promise<{ change: Change; deleted: number }> {
  const { version, head, origin } = open;
  await openLists(open, ports);
  const change = await storeVersion(version, head, origin, ports);
  if (change === 'quarantined') return { change, deleted: 0 };
  let deleted = 0;
  let isWhole = true;
  let lastReadAt = version.readAt;
  for (const { name } of open.nested) {
    const readAt = lastReadOf(name, parts) ?? version.readAt;
    const closed = await closeList(listKey(open, name), entriesOf(name, parts), readAt, ports);
    deleted += closed.deleted;
    if (closed.outcome === 'superseded') return { change, deleted };
    // What another reading has stored meanwhile may differ from this list; then the lists stay open, to be looked at again.
    isWhole &&= closed.outcome === 'whole';
    if (readAt > lastReadAt) lastReadAt = readAt;
  }
  const listHash = listHashOf(open, parts);
  await ports.records.closeLists(version, { ...(isWhole && { listHash }), readAt: lastReadAt });
  return { change, deleted };
}

async function closeList(
  list: ListKey,
  entries: readonly ListEntry[],
  readAt: string,
  ports: SyncPorts,
): Promise<{ outcome: 'whole' | 'differs' | 'superseded'; deleted: number }> {
  const listed = new Set(entries.map((entry) => entry.id));
  const heads = await ports.records.elementHeads(list);
  const { deleted, isAll } = await deleteElements(list, heads, listed, readAt, ports);
  const isWhole = isAll && entries.every((entry) => isKept(entry, heads));
  const order = await ports.records.putOrder(list, { ids: [...listed], readAt });
  if (order === 'superseded') return { outcome: order, deleted };
  return { outcome: isWhole ? 'whole' : 'differs', deleted };
}

function isKept({ id, contentHash: hash }: ListEntry, heads: ReadonlyMap<string, RecordHead>): boolean {
  const element = heads.get(id);
  return hash === REFUSED || (element?.contentHash === hash && element.deletedAt === undefined);
}

/** Stands for the content of an element that cannot be stored. */
const REFUSED = 'refused';

/** The same text for lists that hold the same elements in the same order. */
function listHashOf({ nested }: OpenRecord, parts: readonly KeptPart[]): string {
  const lists = nested.map(({ name }) =>
    entriesOf(name, parts)
      .map((entry) => `${entry.id}:${entry.contentHash}`)
      .join(),
  );
  return contentHash(lists.join('\n'));
}

function entriesOf(list: string, parts: readonly KeptPart[]): ListEntry[] {
  return parts.filter((part) => part.list === list).flatMap((part) => part.entries);
}

function lastReadOf(list: string, parts: readonly KeptPart[]): string | undefined {
  return parts.findLast((part) => part.list === list)?.readAt;
}

function listKey({ version }: OpenRecord, list: string): ListKey {
  return { resource: list, parentId: version.id };
}

async function openLists({ version, head }: OpenRecord, ports: SyncPorts): Promise<void> {
  if (head?.listHash !== undefined) await ports.records.openLists(version);
}

function isLive({ head }: OpenRecord): boolean {
  return head !== undefined && head.deletedAt === undefined;
}
