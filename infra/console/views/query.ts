import { html } from 'hono/html';
import { scannedText } from '../../ops/commands/query/answer-lines.ts';
import type { LakeTable, Value, ValueKind } from '../../query/query-engine.ts';
import type { SavedQuestion } from '../../query/saved-questions.ts';
import { type Asked, MOST_CHARACTERS, type ShownAnswer } from '../reading/asking.ts';
import { answerCharts } from './answer-charts.ts';
import { ago, empty, type Html, number, type ViewContext } from './parts.ts';
import { cellText, isIdColumn } from './values.ts';

export interface QueryModel {
  asked: Asked;
  /** Absent where nothing was asked, or it could not be answered. */
  answer?: ShownAnswer;
  problem?: string | undefined;
  /** A page of somebody else has led here: nothing is asked before a person says so. */
  isHeld: boolean;
  questions: readonly SavedQuestion[];
  tables: readonly LakeTable[];
  /** Of the whole answer. */
  csvHref: string;
}

const HISTORY = '_history';
/** Of the field for a statement. */
const FEWEST_LINES = 5;
const MOST_LINES = 20;

/** Questions in SQL, their answers, and the tables that can be asked. */
export function queryView(model: QueryModel, context: ViewContext): Html {
  const { asked, answer, problem, isHeld, questions, tables } = model;
  const { saved } = asked;
  const list = questionList(questions, saved?.question.name);
  return html`<h1>Query</h1>
${saved === undefined ? statementForm(asked.sql) : savedForm(saved, asked.sql)}
${isHeld ? html`<p class="verdict warn">Another page has led here. Look at the statement, then press Run.</p>` : ''}
${problem === undefined ? '' : html`<p class="verdict bad" role="alert">${problem}</p>`}
${answer === undefined ? '' : answerSection(answer, model.csvHref, context)}
<div class="columns">
<section><h2>Saved questions</h2>${list}</section>
<section><h2>Tables</h2>${tablesSection(tables, context)}</section>
</div>`;
}

function statementForm(sql: string): Html {
  const lines = Math.min(MOST_LINES, Math.max(FEWEST_LINES, sql.split('\n').length));
  return html`<form method="get" action="/query" class="ask">
<label for="sql">One SQL statement that reads</label>
<textarea id="sql" name="sql" rows="${lines}" maxlength="${MOST_CHARACTERS}" spellcheck="false" autocapitalize="off" autocomplete="off" required>
${sql}</textarea>
<button>Run</button>
</form>`;
}

function savedForm({ question, given }: NonNullable<Asked['saved']>, sql: string): Html {
  const { name, title, about, parameters } = question;
  return html`<h2>${title}</h2>
<p>${about}</p>
${
  parameters.length === 0
    ? ''
    : html`<form method="get" action="/query" class="filter">
<input type="hidden" name="saved" value="${name}">
${parameters.map(
  (parameter) => html`<label>${parameter.about}
<input name="${parameter.name}" value="${given[parameter.name] ?? ''}" ${parameter.kind === 'number' ? html`inputmode="decimal" size="5"` : html`size="24"`}></label>`,
)}
<button>Ask</button>
</form>`
}
${sql === '' ? '' : html`<details><summary>The statement, to change it</summary>${statementForm(sql)}</details>`}`;
}

function questionList(questions: readonly SavedQuestion[], shown: string | undefined): Html {
  return html`<ul class="plain">${questions.map(
    ({ name, title, about }) =>
      html`<li><a href="/query?saved=${encodeURIComponent(name)}" ${name === shown ? html`aria-current="true"` : ''}>${title}</a>
<div class="quiet">${about}</div></li>`,
  )}</ul>`;
}

function answerSection(answer: ShownAnswer, csvHref: string, context: ViewContext): Html {
  const { columns, rows, isCut, asOf, scannedBytes } = answer;
  const charts = answerCharts(columns, rows);
  return html`<section aria-label="Answer">
<p>${isCut ? html`The first ${number(rows.length)} rows; there are more, and the CSV has all of them.` : rows.length === 1 ? '1 row.' : `${number(rows.length)} rows.`}
${asOf === undefined ? '' : html`As of ${ago(asOf, context)}.`}
${scannedBytes === undefined ? '' : scannedText(scannedBytes)}
<a class="button" href="${csvHref}">Download as CSV</a></p>
${charts.length === 0 ? '' : html`<div class="columns">${charts}</div>`}
${rows.length === 0 ? empty('There is nothing like that.') : answerTable(answer)}
</section>`;
}

function answerTable({ columns, rows }: ShownAnswer): Html {
  const classOf = (kind: ValueKind | undefined) => (kind === 'number' ? html` class="n"` : '');
  const hasTimes = columns.some(({ kind }) => kind === 'timestamp');
  return html`<div class="scroll" role="group" aria-label="Rows" tabindex="0"><table><thead><tr>${columns.map(
    ({ name, kind }) => html`<th${classOf(kind)}>${name}</th>`,
  )}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${columns.map(({ name, kind }, place) => html`<td${classOf(kind)}>${cell(row[place] ?? null, name, kind)}</td>`)}</tr>`,
  )}</tbody></table></div>
${hasTimes ? html`<p class="quiet">Times are in UTC.</p>` : ''}`;
}

function cell(value: Value, name: string, kind: ValueKind): Html | string {
  const text = cellText(value, kind);
  if (!isIdColumn(name) || text === '') return text;
  return html`<a href="/records?q=${encodeURIComponent(String(value))}">${text}</a>`;
}

function tablesSection(tables: readonly LakeTable[], context: ViewContext): Html {
  if (tables.length === 0) return empty('Tables are published when a sync has ended.');
  const histories = new Map(tables.map((table) => [table.name, table]));
  const current = tables.filter(
    ({ name }) => !name.endsWith(HISTORY) || !histories.has(name.slice(0, -HISTORY.length)),
  );
  return html`${current.map(({ name, rows, asOf, columns }) => {
    const history = histories.get(`${name}${HISTORY}`);
    return html`<details><summary><code>${name}</code> <span class="quiet">${number(rows)} ${rows === 1 ? 'row' : 'rows'}, ${ago(asOf, context)}</span></summary>
<ul class="plain names">${columns.map((column) => html`<li><code>${column.name}</code> <span class="quiet">${column.type}</span></li>`)}</ul>
${history === undefined ? '' : html`<p class="quiet">What was replaced: <code>${history.name}</code>, ${number(history.rows)} ${history.rows === 1 ? 'row' : 'rows'}, with <code>replaced_at</code>.</p>`}
</details>`;
  })}`;
}
