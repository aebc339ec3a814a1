import { html } from 'hono/html';
import { type Change, shortText } from '../../../shared/records/history/changes.ts';
import type { HistoryEntry, RecordHistory } from '../../../shared/records/history/record-history.ts';
import type { StoredRecord } from '../../../shared/records/record.ts';
import { timeText } from '../../../shared/time-text.ts';
import { ago, badge, empty, type Html, type ViewContext } from './parts.ts';

/** Of one version. */
const MOST_CHANGES = 20;

export interface RecordsModel {
  query: string;
  found: readonly StoredRecord[];
  /** More than these were found, or looked through. */
  isCut: boolean;
}

/** A search by id, by project or by name. */
export function recordsView({ query, found, isCut }: RecordsModel, context: ViewContext): Html {
  return html`<h1>Records</h1>
<form class="filter" method="get" action="/records" role="search">
<label>Id of a record or project, or part of a name <input type="search" name="q" value="${query}" size="40"></label>
<button>Find</button>
</form>
${query === '' ? empty('An id is looked for in every list, a name among projects and opportunities.') : found.length === 0 ? empty(`Nothing found for "${query}".`) : foundTable(found, context)}
${isCut ? html`<p class="quiet">There may be more. Give an id, or more of the name.</p>` : ''}`;
}

function foundTable(found: readonly StoredRecord[], context: ViewContext): Html {
  return html`<div class="scroll" role="group" aria-label="Records" tabindex="0"><table><thead><tr><th>List</th><th>Id</th><th>Name</th><th>Updated</th></tr></thead>
<tbody>${found.map(
    (
      record,
    ) => html`<tr><td>${record.resource}</td><td><a href="/records/${record.resource}/${encodeURIComponent(record.id)}">${record.id}</a></td>
<td>${nameOf(record)} ${record.deletedAt === undefined ? '' : badge('quiet', 'deleted')}</td><td>${ago(record.updatedAt, context)}</td></tr>`,
  )}</tbody></table></div>`;
}

/** One record, exactly as Autodesk sent it, and what it was before. */
export function recordPage({ entries, isCut }: RecordHistory, context: ViewContext): Html {
  const [{ version: record }] = entries;
  const { resource, id, updatedAt, readAt, deletedAt, projectId, data } = record;
  const times = (iso: string | undefined) => (iso === undefined ? 'none' : timeText(iso, context.timeZone));
  return html`<h1>${nameOf(record) || id}</h1>
<dl>
<dt>List</dt><dd>${resource}</dd><dt>Id</dt><dd>${id}</dd>
<dt>Updated at Autodesk</dt><dd>${times(updatedAt)}</dd><dt>Read</dt><dd>${times(readAt)}</dd>
${deletedAt === undefined ? '' : html`<dt>Deleted</dt><dd>${times(deletedAt)}</dd>`}
${projectId === undefined ? '' : html`<dt>Project</dt><dd><a href="/records?q=${encodeURIComponent(projectId)}">${projectId}</a></dd>`}
</dl>
<h2>History</h2>
${entries.length === 1 ? empty('No older version is kept.') : historyTable(entries, context)}
${isCut ? html`<p class="quiet">Older versions are kept: <code>npm run ops -- history</code> has all of them.</p>` : ''}
<h2>As sent</h2>
<pre>${JSON.stringify(data, null, 2)}</pre>`;
}

function historyTable(entries: readonly HistoryEntry[], context: ViewContext): Html {
  return html`<div class="scroll" role="group" aria-label="History" tabindex="0"><table><thead><tr><th>Read</th><th>Replaced</th><th>Changed</th></tr></thead>
<tbody>${entries.map(
    ({ version, replacedAt, changes }) => html`<tr><td>${ago(version.readAt, context)}</td>
<td>${replacedAt === undefined ? badge('good', 'now') : ago(replacedAt, context)}</td>
<td>${version.deletedAt === undefined ? '' : badge('quiet', 'deleted')} ${changes.slice(0, MOST_CHANGES).map(changeLine)}${changes.length > MOST_CHANGES ? html`<div class="quiet">and ${changes.length - MOST_CHANGES} more</div>` : ''}</td></tr>`,
  )}</tbody></table></div>`;
}

function changeLine({ path, before, after }: Change): Html {
  return html`<div><code>${path}</code>: ${shortText(before)} → ${shortText(after)}</div>`;
}

function nameOf({ data }: StoredRecord): string {
  for (const field of ['name', 'projectName', 'title', 'email']) {
    const value = data[field];
    if (typeof value === 'string' && value !== '') return value;
  }
  return '';
}
