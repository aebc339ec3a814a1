import type { Value, ValueKind } from '../../query/query-engine.ts';

/** Of a value in a table; the rest of a longer one is in the CSV. */
const CELL_LENGTH = 200;

/** A value of an answer as people read it. Times are in UTC, without what is zero at their end. */
export function cellText(value: Value, kind: ValueKind): string {
  if (value === null) return '';
  if (typeof value === 'number') return value.toLocaleString('en-US', { maximumFractionDigits: 10 });
  const text = kind === 'timestamp' ? momentText(String(value)) : String(value).replaceAll(/\s+/g, ' ');
  return text.length <= CELL_LENGTH ? text : `${text.slice(0, CELL_LENGTH)}…`;
}

/** A column whose values are ids: they say nothing to people, and lead to records. */
export function isIdColumn(name: string): boolean {
  return /(?:^|_)id$/.test(name);
}

function momentText(iso: string): string {
  return iso.replace(/T00:00:00\.000Z$/, '').replace(/^(\S+)T(\d\d:\d\d:\d\d)\.\d+Z$/, '$1 $2');
}
