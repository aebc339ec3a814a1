import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadStatementError, ReadOnlyError } from '../../../infra/query/query-engine.ts';
import { bareStatement, readingStatement } from '../../../infra/query/read-only.ts';

/** Texts in which semicolons and words are no statements. */
const harmless = fc.oneof(
  fc.constantFrom(
    "'a;b'",
    "'it''s; here'",
    "'DROP TABLE x'",
    "'-- no'",
    "'/* no'",
    "'\\'",
    '"a;b"',
    '"DELETE"',
    '"x""y;"',
  ),
  fc.constantFrom('/* ; */', "/* ' */", '/* " -- */', '-- ; drop\n', "-- it's\n", '-- "\r\n'),
  fc.constantFrom('1', 'a', '(b)', '+', ',', '\n', 'FROM x', "LIKE'%e;'", 'CASE', 'e'),
);
const read = fc.array(harmless, { maxLength: 12 }).map((parts) => `SELECT ${parts.join(' ')} 1`);
const writing = fc.constantFrom(
  'DROP TABLE x',
  'INSERT INTO x VALUES (1)',
  'SELECT 2',
  'SET a = 1',
  "COPY x TO 'y'",
  'x',
);

describe('a statement that only reads', () => {
  it('may hold semicolons and any words in its texts, names and comments', () => {
    fc.assert(
      fc.property(read, (sql) => {
        expect(readingStatement(sql)).toBe(sql);
        expect(readingStatement(`${sql} ; -- done; DROP\n`)).toBe(`${sql} `);
      }),
    );
  });

  it('is never followed by another', () => {
    fc.assert(
      fc.property(read, writing, fc.constantFrom('', " -- ' ", " /* ' */", " ; '"), (sql, second, tail) => {
        expect(() => readingStatement(`${sql};${second}${tail}`)).toThrow(BadStatementError);
      }),
    );
  });

  it('keeps every place where it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'\'"-/*;\n\raE$ ') }), (sql) => {
        expect(bareStatement(sql)).toHaveLength(sql.length);
      }),
    );
  });

  it.each([
    'SELECT 1',
    ' \n-- why\nselect 1;',
    '/* why */ WITH x AS (SELECT 1) SELECT * FROM x',
    'WITH x AS (SELECT 1), y (a) AS (VALUES (2)) VALUES (3)',
    'WITH x AS (SELECT \'INSERT\' AS "delete") SELECT * FROM x',
    '(SELECT 1) UNION ALL (SELECT 2)',
    "SELECT'a'",
    'VALUES (1)',
    'SHOW TABLES',
    'DESCRIBE invites',
    'EXPLAIN SELECT 1',
    'EXPLAIN WITH x AS (SELECT 1) SELECT 1',
  ])('is let through: %j', (sql) => {
    expect(readingStatement(sql)).not.toBe('');
  });

  it.each([
    ['INSERT INTO invites SELECT 1', 'INSERT'],
    ["COPY invites TO '/tmp/x'", 'COPY'],
    ['create table x as select 1', 'CREATE'],
    ["ATTACH 'x.db'", 'ATTACH'],
    ['PRAGMA database_list', 'PRAGMA'],
    ['SET threads = 1', 'SET'],
    ["UNLOAD (SELECT 1) TO 's3://x'", 'UNLOAD'],
    ['DROP TABLE invites', 'DROP'],
    ['/* SELECT */ DELETE FROM invites', 'DELETE'],
    ['-- SELECT\rDELETE FROM invites', 'DELETE'],
    ['EXPLAIN INSERT INTO x VALUES (1)', 'EXPLAIN INSERT'],
    ['EXPLAIN ANALYZE INSERT INTO x VALUES (1)', 'EXPLAIN ANALYZE'],
    ['EXPLAIN ANALYZE SELECT 1', 'EXPLAIN ANALYZE'],
    ['WITH x AS (SELECT 1) INSERT INTO invites SELECT 1', 'INSERT'],
    ['EXPLAIN WITH x AS (SELECT 1) DELETE FROM invites', 'DELETE'],
    ['CALL system.x()', 'CALL'],
  ])('does not write: %j', (sql, what) => {
    expect(() => readingStatement(sql)).toThrow(ReadOnlyError);
    expect(() => readingStatement(sql)).toThrow(`${what} is refused`);
  });

  it.each([
    ['', 'it is empty'],
    ['  -- only why', 'it is empty'],
    [';', 'it is empty'],
    ['SELECT 1;\n SELECT 2', 'line 1, column 9: it is more than one'],
    ['SELECT 1;;', 'line 1, column 9: it is more than one'],
    // What one engine reads as a text or a comment, and another runs.
    ["SELECT E'\\'' ; DROP TABLE x -- '", "line 1, column 8: E' is no part"],
    ["SELECT $$ ' $$ ; DROP TABLE x -- '", 'line 1, column 8: $ is no part'],
    ["SELECT /* /* */ ' */ ; DROP TABLE x -- '", 'line 1, column 11: a comment within a comment'],
    ['SELECT 1 --\r; DROP TABLE x', 'it is more than one'],
  ])('is one, and the same for every engine: %j', (sql, problem) => {
    expect(() => readingStatement(sql)).toThrow(BadStatementError);
    expect(() => readingStatement(sql)).toThrow(problem);
  });
});
