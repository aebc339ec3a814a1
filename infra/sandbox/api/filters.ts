import { isJsonObject, type Json, type JsonObject } from '../../../shared/json.ts';
import { type Entry, timeOf } from '../data/collection.ts';
import { type Filter, RefusedParameter } from './list-pages.ts';

type ReadField = (record: JsonObject) => Json | undefined;

/** The value of `filter[name]`, or null. The documents allow one value a filter. */
export function filterValue(query: URLSearchParams, name: string): string | null {
  const values = query.getAll(`filter[${name}]`);
  if (values.length > 1) throw new RefusedParameter(`query.filter[${name}] should be given once`);
  return values[0] ?? null;
}

/** Refuses a filter that this list does not have, so that a misspelt one does not pass for a list of all. */
export function refuseOtherFilters(query: URLSearchParams, known: readonly string[]): void {
  for (const parameter of query.keys()) {
    const name = /^filter\[(.*)\]$/.exec(parameter)?.[1];
    if (name !== undefined && !known.includes(name)) {
      throw new RefusedParameter(`query.${parameter} is not supported`);
    }
  }
}

/** Records whose field is one of a comma-separated list. */
export function valueFilter(query: URLSearchParams, name: string, read: ReadField): Filter[] {
  const text = filterValue(query, name);
  if (text === null) return [];
  const wanted = new Set(text.split(','));
  return [
    (entry) => {
      const value = read(entry.record);
      return typeof value === 'string' && wanted.has(value);
    },
  ];
}

/**
 * Records whose time is the instant given, or in `A..B`, `A..` or `..B`. The lower bound belongs to the range; the
 * upper one belongs to it with Data Connector and not with BuildingConnected.
 */
export function timeFilter(
  query: URLSearchParams,
  name: 'updatedAt' | 'createdAt',
  upperBound: 'exclusive' | 'inclusive',
): Filter[] {
  const text = filterValue(query, name);
  if (text === null) return [];
  const timeIn = (entry: Entry) => (name === 'updatedAt' ? entry.updatedAtMs : timeOf(entry.record[name]));
  const bounds = text.split('..');
  if (bounds.length === 1) {
    const instant = readInstant(name, text);
    return [(entry) => timeIn(entry) === instant];
  }
  const [from, to, more] = bounds;
  if (more !== undefined || (from === '' && to === '')) throw notATime(name);
  const fromMs = from ? readInstant(name, from) : Number.NEGATIVE_INFINITY;
  const toMs = to ? readInstant(name, to) : Number.POSITIVE_INFINITY;
  return [
    (entry) => {
      const time = timeIn(entry);
      if (time === undefined || time < fromMs) return false;
      return upperBound === 'exclusive' ? time < toMs : time <= toMs;
    },
  ];
}

/** The value of a field inside an object field, such as `bidderCompany.id`. */
export function nestedField(record: JsonObject, outer: string, inner: string): Json | undefined {
  const value = record[outer];
  return isJsonObject(value) ? value[inner] : undefined;
}

function readInstant(name: string, text: string): number {
  const instant = timeOf(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) || instant === undefined) throw notATime(name);
  return instant;
}

function notATime(name: string): RefusedParameter {
  return new RefusedParameter(`query.filter[${name}] should be a date-time or a range of them`);
}
