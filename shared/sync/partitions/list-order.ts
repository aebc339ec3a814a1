import type { Page } from '../../autodesk/client/api.ts';
import { isJsonObject, type Json } from '../../json.ts';
import { comparableTime } from '../../records/content-hash.ts';
import type { InOrder, WalkProgress } from '../state/partition.ts';

/** In which order of time a list seems to come. Autodesk documents none, and a page of it is all there is to see. */
export type ListOrder = 'oldest-first' | 'newest-first' | 'unknown';

/** Steps in one direction for each in the other. A list in no order has as many of both. */
const CLEARLY = 3;
const FEWEST_STEPS = 3;

/** The order of a page's records by `createdAt` or `updatedAt`, if most of them keep to one. */
export function listOrderOf(records: readonly Json[]): ListOrder {
  const byCreation = directionOf(records, 'createdAt');
  return byCreation === 'unknown' ? directionOf(records, 'updatedAt') : byCreation;
}

/** `updatedAt` of every record on a page in the order they come, or undefined where one has none. */
export function momentsOf(page: Page): string[] | undefined {
  return timesOf(page, 'updatedAt');
}

/** The same of either time. */
export function timesOf(page: Page, field: 'createdAt' | 'updatedAt'): string[] | undefined {
  const moments = page.records.map((record) => timeOf(record, field));
  const known = moments.filter((moment) => moment !== undefined);
  return known.length === moments.length && known.length > 0 ? known : undefined;
}

/** Of one record, or undefined where it has none. */
export function timeOf(record: Json, field: 'createdAt' | 'updatedAt'): string | undefined {
  return isJsonObject(record) ? comparableTime(record[field]) : undefined;
}

/** What a walk knows of its window after one more page: its total, and whether it comes in order of `updatedAt`. */
export function progressAfter(before: WalkProgress, isFirst: boolean, page: Page): WalkProgress {
  const total = isFirst ? page.total : before.total;
  const inOrder = orderAfter(isFirst ? undefined : before.inOrder, isFirst, momentsOf(page));
  return { ...(total !== undefined && { total }), ...(inOrder && { inOrder }) };
}

function orderAfter(
  before: InOrder | undefined,
  isFirst: boolean,
  moments: readonly string[] | undefined,
): InOrder | undefined {
  const last = moments?.at(-1);
  const first = before?.last ?? moments?.[0];
  if (moments === undefined || last === undefined || first === undefined) return undefined;
  if (before === undefined && !isFirst) return undefined;
  const direction = before?.direction ?? (first < last ? 'oldest-first' : 'newest-first');
  let previous = first;
  let atLast = before?.atLast ?? 0;
  for (const moment of moments) {
    if (direction === 'oldest-first' ? moment < previous : moment > previous) return undefined;
    atLast = moment === previous ? atLast + 1 : 1;
    previous = moment;
  }
  return { direction, last, seen: (before?.seen ?? 0) + moments.length, atLast };
}

function directionOf(records: readonly Json[], field: 'createdAt' | 'updatedAt'): ListOrder {
  const moments = records.map((record) => timeOf(record, field));
  let later = 0;
  let earlier = 0;
  for (const [index, moment] of moments.entries()) {
    const before = moments[index - 1];
    if (moment === undefined || before === undefined) continue;
    if (moment > before) later += 1;
    if (moment < before) earlier += 1;
  }
  if (later >= FEWEST_STEPS && later > earlier * CLEARLY) return 'oldest-first';
  if (earlier >= FEWEST_STEPS && earlier > later * CLEARLY) return 'newest-first';
  return 'unknown';
}
