import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareStatement } from '../../../infra/query/read-only.ts';
import { BadParameterError, parseQuestion, statementOf } from '../../../infra/query/saved-questions.ts';

const NOW_MS = Date.parse('2026-11-20T10:00:00.123Z');

const HEAD = '-- Title\n-- What it says.\n-- days number = 7: how many days\n-- trade text: part of a name\n';
const statement = (sql: string, given: Record<string, string> = {}) =>
  statementOf(parseQuestion('q', `${HEAD}${sql}`), given, NOW_MS);

describe('a saved question', () => {
  it('begins with its title, what it says, and what it leaves open', () => {
    expect(parseQuestion('q', `${HEAD}SELECT 1\n-- not a parameter\n`)).toEqual({
      name: 'q',
      title: 'Title',
      about: 'What it says.',
      parameters: [
        { name: 'days', kind: 'number', usual: '7', about: 'how many days' },
        { name: 'trade', kind: 'text', usual: '', about: 'part of a name' },
      ],
      sql: 'SELECT 1\n-- not a parameter',
    });
  });

  it.each(['-- days: no kind', '-- days date: no such kind', '-- just a remark'])(
    'does not begin with %j',
    (line) => {
      expect(() => parseQuestion('q', `-- T\n-- A\n${line}\nSELECT 1`)).toThrow(line.slice(3));
    },
  );

  it('gets what is given, or else what is usual', () => {
    expect(statement('SELECT :days, :trade')).toBe("SELECT 7, ''");
    expect(statement('SELECT :days, :trade', { days: '2.5', trade: 'HVAC' })).toBe("SELECT 2.5, 'HVAC'");
    expect(statement('SELECT :now')).toBe("SELECT TIMESTAMP '2026-11-20 10:00:00.123'");
  });

  it.each([
    "SELECT ':days'",
    'SELECT ":days"',
    '-- :days\nSELECT 1',
    'SELECT /* :days */ 1',
    'SELECT :daysAhead',
    'SELECT :hours',
  ])('keeps what is no parameter: %j', (sql) => {
    expect(statement(`SELECT 0\n${sql}`)).toBe(`SELECT 0\n${sql}`);
  });

  it('takes any text for a text, and makes one text of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'\'"-/*;:\\ $aé\n') }), (given) => {
        const made = statement('SELECT :trade, :days', { trade: given });
        const [, text = ''] = /^SELECT ('(?:[^']|'')*'), 7$/.exec(made) ?? [];
        expect(text.slice(1, -1).replaceAll("''", "'")).toBe(given);
        expect(bareStatement(text)).toBe("'".repeat(text.length));
      }),
    );
  });

  it.each(['', 'many', '-1', '1e3', '1; DROP TABLE x', '0x10', '1.', ' 7'])(
    'takes no number from %j',
    (days) => {
      expect(() => statement('SELECT :days', { days })).toThrow(BadParameterError);
    },
  );
});
