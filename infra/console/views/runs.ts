import { html } from 'hono/html';
import { timeText } from '../../../shared/time-text.ts';
import type { ListedRun } from '../../status/run-history.ts';
import { ago, durationText, empty, type Html, number, runBadge, type ViewContext } from './parts.ts';

/** A partition of a run that goes on. */
export interface Lane {
  phase: string;
  /** What it reads, such as a window of update times. */
  work: string;
  state: string;
  pages: number;
  fetched: number;
}

export interface RunsModel {
  runs: readonly ListedRun[];
  /** By run id, of those that go on. */
  lanes: ReadonlyMap<string, readonly Lane[]>;
  resources: readonly string[];
  resource: string | undefined;
  onlyFailed: boolean;
  /** Of the next page. */
  nextHref: string | undefined;
}

/** The runs that go on, live, and those that have ended, the latest first. */
export function runsView(model: RunsModel, context: ViewContext): Html {
  const { runs, lanes, resources, resource, onlyFailed, nextHref } = model;
  const active = runs.filter(({ finishedAt }) => finishedAt === null);
  const ended = runs.filter(({ finishedAt }) => finishedAt !== null);
  return html`<h1>Runs</h1>
<form class="filter" method="get" action="/runs">
<label>List <select name="resource"><option value="">all</option>
${resources.map((name) => (name === resource ? html`<option selected>${name}</option>` : html`<option>${name}</option>`))}</select></label>
<label><input type="checkbox" name="failed" value="1" ${onlyFailed ? 'checked' : ''}> only failed</label>
<button>Show</button>
</form>
${active.length === 0 ? '' : html`<section aria-labelledby="active"><h2 id="active">Going on</h2>${active.map((run) => activeRun(run, lanes.get(run.id) ?? [], context))}</section>`}
<section aria-labelledby="ended"><h2 id="ended">Ended</h2>
${ended.length === 0 ? empty('No run has ended here within 90 days.', 'npm run ops -- sync') : endedTable(ended, context)}
${nextHref === undefined ? '' : html`<p class="pages"><a href="${nextHref}">Earlier</a></p>`}
</section>`;
}

function activeRun(run: ListedRun, lanes: readonly Lane[], context: ViewContext): Html {
  const { resource, mode, status, counts, apiCalls, startedAt, error } = run;
  const done = lanes.filter(({ state }) => state === 'done').length;
  return html`<article class="run">
<p><b>${resource}</b> ${runBadge(status)} <span class="quiet">${mode}, since ${ago(startedAt, context)}</span></p>
<p>${number(counts.fetched)} records, ${number(apiCalls)} calls, ${done} of ${lanes.length} parts done</p>
<meter min="0" max="${Math.max(1, lanes.length)}" value="${done}" aria-label="Parts of ${resource} that are done"></meter>
${error === undefined ? '' : html`<p class="error">${error.message} ${error.remedy}</p>`}
<div class="scroll" role="group" aria-label="Runs" tabindex="0"><table><thead><tr><th>Part</th><th>Phase</th><th>State</th><th class="n">Pages</th><th class="n">Records</th></tr></thead>
<tbody>${lanes
    .slice(0, 30)
    .map(
      ({ work, phase, state, pages, fetched }) =>
        html`<tr><td>${work}</td><td>${phase}</td><td>${state}</td><td class="n">${pages}</td><td class="n">${number(fetched)}</td></tr>`,
    )}</tbody></table></div>
</article>`;
}

function endedTable(runs: readonly ListedRun[], context: ViewContext): Html {
  return html`<div class="scroll" role="group" aria-label="Runs" tabindex="0"><table>
<thead><tr><th>Started</th><th>List</th><th>Mode</th><th>Outcome</th><th class="n">Took</th><th class="n">Read</th><th class="n">New</th><th class="n">Changed</th><th class="n">Gone</th><th class="n">Calls</th><th class="n">Units</th></tr></thead>
<tbody>${runs.map(
    ({
      startedAt,
      finishedAt,
      resource,
      mode,
      status,
      counts,
      apiCalls,
      readUnits,
      writeUnits,
      error,
    }) => html`<tr>
<td><time datetime="${startedAt}">${timeText(startedAt, context.timeZone)}</time></td><td>${resource}</td><td>${mode}</td>
<td>${runBadge(status)}${error === undefined ? '' : html`<p class="error">${error.message} ${error.remedy}</p>`}</td>
<td class="n">${durationText(Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt))}</td>
<td class="n">${number(counts.fetched)}</td><td class="n">${number(counts.created)}</td><td class="n">${number(counts.updated)}</td>
<td class="n">${number(counts.deleted)}</td><td class="n">${number(apiCalls)}</td><td class="n">${number(Math.round(readUnits + writeUnits))}</td>
</tr>`,
  )}</tbody></table></div>`;
}
