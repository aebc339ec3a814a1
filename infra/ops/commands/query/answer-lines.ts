import { stringify } from 'csv-stringify/sync';
import type { Answer, Value } from '../../../query/query-engine.ts';
import { tableText } from '../../terminal/table-text.ts';

export const FORMATS = ['table', 'csv', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];

/** An answer as lines of text. `csv` and `jsonl` are written as the rows come; `table` has to see all of them first. */
export async function* answerLines({ columns, rows }: Answer, format: Format): AsyncGenerator<string> {
  const names = columns.map(({ name }) => name);
  switch (format) {
    case 'csv':
      yield csvLine(names);
      for await (const row of rows) yield csvLine(row);
      return;
    case 'jsonl':
      for await (const row of rows) {
        yield `${JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])))}\n`;
      }
      return;
    case 'table': {
      const lines: string[][] = [];
      for await (const row of rows) lines.push(row.map(cellText));
      yield `${tableText([names.map((name) => name.toUpperCase()), ...lines])}\n`;
    }
  }
}

/** A text that a spreadsheet would run as a formula gets an apostrophe. */
export function csvLine(row: readonly Value[]): string {
  return stringify([row.map((value) => (typeof value === 'boolean' ? String(value) : value))], {
    escape_formulas: true,
  });
}

/** What Athena is paid for, in words. */
export function scannedText(bytes: number): string {
  return `Athena scanned ${(bytes / 1e6).toFixed(1)} MB.`;
}

/** On one line. */
function cellText(value: Value): string {
  return value === null ? '' : String(value).replaceAll(/\s+/g, ' ');
}
