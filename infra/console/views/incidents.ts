import { html } from 'hono/html';
import { actionsFor, type IncidentAction } from '../../../shared/alerts/incidents/incident-action.ts';
import { RULE_WORDS } from '../../../shared/alerts/rules/rule.ts';
import { timeText } from '../../../shared/time-text.ts';
import type { NamedIncident } from '../reading/reading.ts';
import {
  actionButton,
  ago,
  durationText,
  empty,
  type Html,
  incidentBadge,
  number,
  problemOf,
  type ViewContext,
} from './parts.ts';

const BUTTONS: Record<IncidentAction, { action: string; label: string }> = {
  acknowledge: { action: 'ack', label: 'Acknowledge' },
  silence: { action: 'silence', label: 'Silence 1 day' },
  undo: { action: 'reopen', label: 'Undo' },
};

export function incidentTable(incidents: readonly NamedIncident[], context: ViewContext): Html {
  return html`<div class="scroll" role="group" aria-label="Incidents" tabindex="0"><table class="cards">
<thead><tr><th>About</th><th>Problem</th><th>Bids due</th><th>Since</th><th>State</th><th>Actions</th></tr></thead>
<tbody>${incidents.map((incident) => {
    const { id, about, finding, names, startedAt } = incident;
    return html`<tr>
<td><a href="/incidents/${id}">${about}</a>${finding.error === undefined ? '' : html`<p class="error">${finding.error.slice(0, 200)}</p>`}</td>
<td data-label="Problem">${problemOf(incident)}</td>
<td data-label="Bids due">${names.bidsDueAt === undefined ? '' : dueText(names.bidsDueAt, context)}</td>
<td data-label="Since">${ago(finding.since ?? startedAt, context)}</td>
<td>${incidentBadge(incident.state)}${handledText(incident)}</td>
<td class="actions">${buttons(incident, context)}</td>
</tr>`;
  })}</tbody></table></div>`;
}

export interface TransfersModel {
  title: string;
  failing: readonly NamedIncident[];
  standing: number;
  healed: readonly NamedIncident[];
  page: number;
  pageSize: number;
  /** The address of the first page. */
  href: string;
}

/** Transfers and what else is about pairs: what stands, and what has healed. */
export function transfers(model: TransfersModel, context: ViewContext): Html {
  const { title, failing, standing, healed, page, pageSize, href } = model;
  const pages = Math.max(1, Math.ceil(standing / pageSize));
  const link = (to: number, label: string) =>
    to < 1 || to > pages
      ? ''
      : html`<a href="${href}${href.includes('?') ? '&' : '?'}page=${to}">${label}</a>`;
  return html`<h1>${title}</h1>
<section aria-labelledby="standing">
<h2 id="standing">Standing <span class="quiet">${number(standing)}</span></h2>
${failing.length === 0 ? empty('Nothing is failing, stuck or to be relinked.') : incidentTable(failing, context)}
${pages > 1 ? html`<p class="pages">${link(page - 1, 'Previous')} page ${page} of ${pages} ${link(page + 1, 'Next')}</p>` : ''}
</section>
<section aria-labelledby="healed">
<h2 id="healed">Over</h2>
${healed.length === 0 ? empty('Nothing has healed within 90 days.') : incidentTable(healed, context)}
</section>`;
}

/** One incident with its whole history. */
export function incidentPage(incident: NamedIncident, context: ViewContext): Html {
  const { id, about, finding, names, startedAt, resolvedAt, state, told, history } = incident;
  const words = RULE_WORDS[finding.rule];
  const times = (iso: string) => timeText(iso, context.timeZone);
  const rows: [string, string | undefined][] = [
    ['Project', finding.projectName ?? names.projectName],
    ['Project number', names.projectNumber],
    ['Opportunity', finding.opportunityName ?? names.opportunityName],
    ['Client', names.client],
    ['Bids due', names.bidsDueAt && times(names.bidsDueAt)],
    ['Since', times(finding.since ?? startedAt)],
    [
      'Over',
      resolvedAt &&
        `${times(resolvedAt)}, after ${durationText(Date.parse(resolvedAt) - Date.parse(startedAt))}`,
    ],
    ['What to do', state === 'resolved' ? undefined : (finding.remedy ?? words.remedy)],
    ['Incident', id],
  ];
  return html`<h1>${problemOf(incident)}: ${about}</h1>
<p>${incidentBadge(state)}${handledText(incident)} ${buttons(incident, context)}</p>
${finding.error === undefined ? '' : html`<pre>${finding.error}</pre>`}
<dl>${rows.flatMap(([label, text]) => (text ? [html`<dt>${label}</dt><dd>${text}</dd>`] : []))}</dl>
<h2>History</h2>
<table><thead><tr><th>When</th><th>Who</th><th>What</th></tr></thead>
<tbody>${history.map(({ at, who, what }) => html`<tr><td>${times(at)}</td><td>${who}</td><td>${what}</td></tr>`)}
${Object.entries(told).map(([channel, { kind, at }]) => html`<tr><td>${times(at)}</td><td>${channel}</td><td>told: ${kind}</td></tr>`)}</tbody></table>`;
}

function buttons(incident: NamedIncident, context: ViewContext): (Html | '')[] {
  return actionsFor(incident.state).map((name) =>
    actionButton({ ...BUTTONS[name], fields: { id: incident.id } }, context),
  );
}

function handledText({ handled }: NamedIncident): Html | '' {
  return handled === undefined ? '' : html` <small class="quiet">by ${handled.who}</small>`;
}

function dueText(iso: string, { nowMs, timeZone }: ViewContext): Html {
  const leftMs = Date.parse(iso) - nowMs;
  const text = leftMs < 0 ? 'passed' : `in ${durationText(leftMs)}`;
  return html`<time datetime="${iso}" title="${timeText(iso, timeZone)}">${text}</time>`;
}
