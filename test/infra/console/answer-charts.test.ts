import { describe, expect, it } from 'vitest';
import { answerCharts } from '../../../infra/console/views/answer-charts.ts';
import type { AnswerColumn, Value, ValueKind } from '../../../infra/query/query-engine.ts';

const columnsOf = (columns: Record<string, ValueKind>): AnswerColumn[] =>
  Object.entries(columns).map(([name, kind]) => ({ name, kind }));
const chartsOf = (columns: Record<string, ValueKind>, ...rows: Value[][]) =>
  answerCharts(columnsOf(columns), rows).map(String);
/** Where bars begin and how long they are. */
const barsOf = (chart = '') =>
  [...chart.matchAll(/<rect x="(\d+)" y="\d+" width="(\d+)"/g)].map(([, x, width]) => [
    Number(x),
    Number(width),
  ]);

describe('the charts of an answer', () => {
  it('are one for each column of numbers, with the ids left aside', () => {
    const charts = chartsOf(
      { trade: 'text', n: 'number', total: 'number', bid_id: 'text' },
      ['HVAC', 1, 7, 'x'],
      ['Roofing', 2, 5, 'y'],
    );
    expect(charts).toHaveLength(2);
    expect(charts[0]).toContain('n by trade');
    expect(charts[0]).toContain('HVAC: 1');
    const [[, short] = [], [, long] = []] = barsOf(charts[0]);
    expect(long).toBe(2 * (short ?? 0));
  });

  it('have moments along one side, as people read them', () => {
    const [chart = ''] = chartsOf(
      { month: 'timestamp', n: 'number' },
      ['2026-10-01T00:00:00.000Z', 1],
      ['2026-11-01T00:00:00.000Z', null],
    );
    expect(chart).toContain('2026-10-01: 1');
  });

  it('begin bars below zero left of the others', () => {
    const [chart] = chartsOf({ trade: 'text', n: 'number' }, ['a', -5], ['b', 5]);
    const [[left, below] = [], [right, above] = []] = barsOf(chart);
    expect(below).toBe(above);
    expect((left ?? 0) + (below ?? 0)).toBe(right);
  });

  it('show the first thirty rows, and say so', () => {
    const rows = Array.from({ length: 31 }, (_, index): Value[] => [`t${index}`, index]);
    const [chart] = chartsOf({ trade: 'text', n: 'number' }, ...rows);
    expect(barsOf(chart)).toHaveLength(30);
    expect(chart).toContain('the first 30');
  });

  it.each<[string, Record<string, ValueKind>, Value[][]]>([
    [
      'two columns that say what a number stands for',
      { a: 'text', b: 'text', n: 'number' },
      [
        ['x', 'y', 1],
        ['x', 'z', 2],
      ],
    ],
    [
      'no such column',
      { n: 'number', bid_id: 'text' },
      [
        [1, 'x'],
        [2, 'y'],
      ],
    ],
    ['no numbers', { a: 'text' }, [['x'], ['y']]],
    ['one row', { a: 'text', n: 'number' }, [['x', 1]]],
    ['no rows', { a: 'text', n: 'number' }, []],
  ])('are none for %s', (_what, columns, rows) => {
    expect(chartsOf(columns, ...rows)).toEqual([]);
  });
});
