import { isJsonObject, type Json } from '../../json.ts';
import { comparableTime } from '../../records/content-hash.ts';

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

function directionOf(records: readonly Json[], field: 'createdAt' | 'updatedAt'): ListOrder {
  const moments = records.map((record) => (isJsonObject(record) ? comparableTime(record[field]) : undefined));
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
