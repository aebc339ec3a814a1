import { BadStatementError, ReadOnlyError } from './query-engine.ts';

/** What a statement that only reads begins with, on Athena and DuckDB alike. */
const READING = new Set(['SELECT', 'WITH', 'VALUES', 'SHOW', 'DESCRIBE', 'EXPLAIN']);
/** What may follow the parts of a WITH. */
const AFTER_WITH = new Set(['SELECT', 'VALUES', 'TABLE', 'INSERT', 'UPDATE', 'DELETE', 'MERGE']);
/** What DuckDB and Athena end at different places, so that one of them would read as a text what the other runs. */
const ENDS_DIFFER = /\$|\b[eE]'|\/\*/;

/**
 * The one statement in a text, without what ends it. Throws `ReadOnlyError` where it would write, and
 * `BadStatementError` where there is none or more than one.
 */
export function readingStatement(sql: string): string {
  const bare = bareStatement(sql);
  const end = bare.search(/;?\s*$/);
  const statement = bare.slice(0, end);
  const [first, second] = statement.toUpperCase().match(/[A-Z_]+/g) ?? [];
  if (first === undefined) throw new BadStatementError('it is empty.');
  const differs = ENDS_DIFFER.exec(statement);
  if (differs !== null) {
    const what = differs[0] === '/*' ? 'a comment within a comment' : `${differs[0]} is no part of this SQL`;
    throw new BadStatementError(`${what}.`, positionOf(sql, differs.index));
  }
  if (statement.includes(';')) {
    throw new BadStatementError('it is more than one.', positionOf(sql, bare.indexOf(';')));
  }
  if (!READING.has(first)) throw new ReadOnlyError(first);
  // EXPLAIN ANALYZE runs what it explains, and EXPLAIN may stand before anything.
  if (first === 'EXPLAIN' && !READING.has(second ?? '')) throw new ReadOnlyError(`EXPLAIN ${second ?? ''}`);
  if (first === 'WITH' || second === 'WITH') {
    const verb = verbAfterWith(statement);
    if (verb !== 'SELECT' && verb !== 'VALUES' && verb !== 'TABLE') throw new ReadOnlyError(verb);
  }
  return sql.slice(0, end);
}

/** Line and column, from 1, of a place in a text, counted in characters from 0. */
export function positionOf(sql: string, offset: number): { line: number; column: number } {
  const before = sql.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/**
 * The same text with spaces in place of comments, and quotes in place of quoted texts and names, so that every place
 * stays where it is. What opens a comment within a comment stays.
 */
export function bareStatement(sql: string): string {
  return sql.replaceAll(
    /--[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)/g,
    (part) => {
      if (part.startsWith('--')) return ' '.repeat(part.length);
      if (!part.startsWith('/*')) return "'".repeat(part.length);
      const inner = part.indexOf('/*', 2);
      return inner === -1
        ? ' '.repeat(part.length)
        : `${' '.repeat(inner)}/*${' '.repeat(part.length - inner - 2)}`;
    },
  );
}

/** The first word outside parentheses that says what is done with the parts of a WITH. */
function verbAfterWith(statement: string): string {
  let depth = 0;
  for (const [token] of statement.toUpperCase().matchAll(/[()]|[A-Z_0-9]+/g)) {
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    else if (depth === 0 && AFTER_WITH.has(token)) return token;
  }
  return 'WITH';
}
