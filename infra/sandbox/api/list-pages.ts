import type { Collection, Entry } from '../data/collection.ts';
import { type CursorStyle, type Position, readCursor, startOfList, writeCursor } from './cursor.ts';

/** `mixed` goes round: Autodesk's own examples show all three. */
export type NextUrlForm = 'absolute' | 'relative' | 'empty' | 'mixed';

/** How a page may be spoilt on purpose, see faults.ts. */
export type PageFault =
  | { kind: 'short-page'; records: number }
  | { kind: 'empty-page' }
  | { kind: 'repeated-cursor' };

export type Filter = (entry: Entry) => boolean;

/** A parameter that the API refuses with a 400 and this message. */
export class RefusedParameter extends Error {}

/** A page, with the cursor of the next one unless it is the last. */
export interface ListPage<Item> {
  items: Item[];
  cursor?: string;
}

const MAXIMUM_LIMIT = 100;

/** BuildingConnected's `limit`: 1 to 100, 100 where it is missing. */
export function limitOf(query: URLSearchParams): number {
  const text = query.get('limit');
  if (text === null) return MAXIMUM_LIMIT;
  if (!/^\d+$/.test(text)) throw new RefusedParameter('query.limit should be integer');
  const limit = Number(text);
  if (limit > MAXIMUM_LIMIT) throw new RefusedParameter('query.limit should be <= 100');
  if (limit < 1) throw new RefusedParameter('query.limit should be >= 1');
  return limit;
}

/** A page of a collection, from `cursorState` on. */
export function pageOfCollection(
  collection: Collection,
  filters: readonly Filter[],
  query: URLSearchParams,
  style: CursorStyle,
  fault: PageFault | undefined,
): ListPage<Entry> {
  const plainIds = collection.order === 'id';
  const position = positionOf(query, style, plainIds);
  const { taken, isLast } = walk(collection, filters, position, limitWith(limitOf(query), fault));
  const last = taken.at(-1);
  const next =
    'offset' in position ? { offset: position.offset + taken.length } : { after: last?.orderKey ?? '' };
  return {
    items: taken,
    ...cursorAfter(query, position, taken.length === 0 ? position : next, isLast, plainIds, fault),
  };
}

/** A page of a list that lives inside a record and keeps its own order. */
export function pageOfNested<Item extends { id: string }>(
  items: readonly Item[],
  query: URLSearchParams,
  style: CursorStyle,
  fault: PageFault | undefined,
): ListPage<Item> {
  const position = positionOf(query, style, true);
  const start = indexIn(items, position);
  const taken = items.slice(start, start + limitWith(limitOf(query), fault));
  const last = taken.at(-1);
  const next = 'offset' in position ? { offset: start + taken.length } : { after: last?.id ?? '' };
  const isLast = start + taken.length >= items.length;
  return {
    items: taken,
    ...cursorAfter(query, position, taken.length === 0 ? position : next, isLast, true, fault),
  };
}

/** Up to `limit` matching entries from a position on, and whether no other matching one follows them. */
function walk(
  collection: Collection,
  filters: readonly Filter[],
  position: Position,
  limit: number,
): { taken: Entry[]; isLast: boolean } {
  const { entries } = collection;
  const taken: Entry[] = [];
  let toSkip = 'offset' in position ? position.offset : 0;
  // The record of that key may be gone by now; the walk goes on with the one that follows.
  let index =
    'after' in position && position.after !== '' ? collection.firstFrom(`${position.after}\u0000`) : 0;
  if (filters.length === 0) {
    index += toSkip;
    toSkip = 0;
  }
  for (; index < entries.length; index++) {
    const entry = entries[index];
    if (entry === undefined || !filters.every((matches) => matches(entry))) continue;
    if (toSkip > 0) toSkip -= 1;
    else if (taken.length < limit) taken.push(entry);
    else return { taken, isLast: false };
  }
  return { taken, isLast: true };
}

function positionOf(query: URLSearchParams, style: CursorStyle, plainIds: boolean): Position {
  const given = query.get('cursorState');
  if (given === null) return startOfList(style);
  const position = readCursor(given, plainIds);
  if (position === undefined) throw new RefusedParameter('query.cursorState is not valid');
  return position;
}

function limitWith(limit: number, fault: PageFault | undefined): number {
  if (fault?.kind === 'empty-page') return 0;
  return fault?.kind === 'short-page' ? Math.min(limit, Math.max(1, fault.records)) : limit;
}

function cursorAfter(
  query: URLSearchParams,
  here: Position,
  next: Position,
  isLast: boolean,
  plainIds: boolean,
  fault: PageFault | undefined,
): { cursor?: string } {
  const given = query.get('cursorState');
  if (fault?.kind === 'repeated-cursor' && given !== null) return { cursor: given };
  if (isLast) return {};
  const position = next === here ? { ...here, again: (here.again ?? 0) + 1 } : next;
  return { cursor: writeCursor(position, plainIds) };
}

function indexIn(items: readonly { id: string }[], position: Position): number {
  if ('offset' in position) return position.offset;
  if (position.after === '') return 0;
  const index = items.findIndex((item) => item.id === position.after);
  if (index === -1) throw new RefusedParameter('query.cursorState is not valid');
  return index + 1;
}
