import { readFile } from 'node:fs/promises';
import type { AnswerColumn, Value } from '../../infra/query/query-engine.ts';
import { type SavedQuestion, savedQuestions, statementOf } from '../../infra/query/saved-questions.ts';
import { type ColumnType, documentedFields } from '../../shared/lake/columns.ts';
import { tableName } from '../../shared/lake/names.ts';
import { listNamesOf, RESOURCES } from '../../shared/resources/registry.ts';
import { lakeOf, NOW_MS, sandboxRecords } from '../infra/query/company-lake.ts';

const FILE = new URL('../../docs/analytics.md', import.meta.url);
const ROWS_SHOWN = 3;

/** docs/analytics.md with its generated parts made anew: those between comments that name them. */
export async function analyticsDocument(): Promise<string> {
  let page = await readFile(FILE, 'utf8');
  for (const [name, text] of [
    ['questions', await questionsPart()],
    ['tables', tablesPart()],
  ]) {
    const part = new RegExp(`(<!-- generated: ${name} -->\\n)[\\s\\S]*?(<!-- end -->)`);
    if (!part.test(page)) throw new TypeError(`The page has no part for ${name}.`);
    page = page.replace(part, (_whole, start: string, end: string) => `${start}${text}\n${end}`);
  }
  return page;
}

async function questionsPart(): Promise<string> {
  const lake = await lakeOf({ records: sandboxRecords(), versions: [] });
  try {
    const parts = [];
    for (const question of await savedQuestions()) {
      const { columns, rows } = await lake.engine.ask(
        statementOf(question, {}, NOW_MS),
        AbortSignal.timeout(20_000),
      );
      parts.push(questionText(question, columns, await Array.fromAsync(rows)));
    }
    return parts.join('\n');
  } finally {
    await lake.remove();
  }
}

function questionText(
  { name, title, about, parameters }: SavedQuestion,
  columns: readonly AnswerColumn[],
  rows: readonly Value[][],
): string {
  const options = parameters.map(
    (parameter) =>
      `\`--${parameter.name}\` (${parameter.about}${parameter.usual === '' ? '' : `; ${parameter.usual}`})`,
  );
  // Ids tell a reader of this page nothing.
  const shown = columns.flatMap(({ name: column }, place) =>
    column.endsWith('_id') ? [] : [{ column, place }],
  );
  const lines = rows
    .slice(0, ROWS_SHOWN)
    .map((row) => line(shown.map(({ place }) => String(row[place] ?? '').replaceAll('|', '\\|'))));
  return `### ${title}

\`${name}\`: ${about}${options.length === 0 ? '' : ` Options: ${options.join(', ')}.`}

${[line(shown.map(({ column }) => column)), line(shown.map(() => '---')), ...lines].join('\n')}
${rows.length > ROWS_SHOWN ? `\n${rows.length} rows in all.\n` : ''}`;
}

const KINDS: readonly [ColumnType, string][] = [
  ['text', 'text'],
  ['double', 'numbers'],
  ['timestamp', 'times'],
  ['boolean', 'true or false'],
];

function tablesPart(): string {
  const tables = RESOURCES.flatMap((resource) =>
    listNamesOf(resource).map((list) => {
      const fields = documentedFields(list);
      const cells = KINDS.map(([type]) =>
        fields
          .filter((field) => field.type === type)
          .map(({ name }) => `\`${name}\``)
          .join(' '),
      );
      return line([`\`${tableName(list)}\``, ...cells]);
    }),
  );
  return [
    line(['table', ...KINDS.map(([, title]) => title)]),
    line(['---', ...KINDS.map(() => '---')]),
    ...tables,
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
