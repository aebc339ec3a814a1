import { BadStatementError, ReadOnlyError } from './query-engine.ts';

/** What a statement that only reads begins with, on Athena and DuckDB alike. */
const READING = new Set(['SELECT', 'WITH', 'VALUES', 'SHOW', 'DESCRIBE', 'EXPLAIN']);

/**
 * The one statement in a text, without what ends it. Throws `ReadOnlyError` where it would write, and
 * `BadStatementError` where there is none or more than one.
 */
export function readingStatement(sql: string): string {
  const bare = bareStatement(sql);
  const end = bare.search(/;?\s*$/);
  const words = bare.slice(0, end).match(/[A-Za-z_]+/g) ?? [];
  const first = words[0]?.toUpperCase();
  if (first === undefined) throw new BadStatementError('it is empty.');
  if (bare.slice(0, end).includes(';')) {
    throw new BadStatementError('it is more than one.', positionOf(sql, bare.indexOf(';')));
  }
  if (!READING.has(first)) throw new ReadOnlyError(first);
  // EXPLAIN ANALYZE runs what it explains, and EXPLAIN may stand before anything.
  const explained = words[1]?.toUpperCase() ?? '';
  if (first === 'EXPLAIN' && !READING.has(explained)) throw new ReadOnlyError(`EXPLAIN ${explained}`);
  return sql.slice(0, end);
}

/** Line and column, from 1, of a place in a text, counted in characters from 0. */
export function positionOf(sql: string, offset: number): { line: number; column: number } {
  const before = sql.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The same text with spaces in place of comments, texts and quoted names, so that every place stays where it is. */
export function bareStatement(sql: string): string {
  return sql.replaceAll(
    /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)/g,
    (part) =>
      part.startsWith('-') || part.startsWith('/') ? ' '.repeat(part.length) : '_'.repeat(part.length),
  );
}
