import { html } from 'hono/html';
import { alertRules } from '../../../shared/alerts/rules/settings.ts';
import { waitText } from '../../../shared/autodesk/connection/waiting.ts';
import { isoTime } from '../../../shared/clock.ts';
import { findResource } from '../../../shared/resources/registry.ts';
import type { Status } from '../../status/status.ts';
import type { DayFigures } from '../reading/daily-figures.ts';
import { dollarsOf } from '../reading/daily-figures.ts';
import type { Budget, NamedIncident } from '../reading/reading.ts';
import type { Happening } from '../reading/timeline.ts';
import { type Bar, barChart, gauge } from './charts.ts';
import { incidentTable } from './incidents.ts';
import {
  actionButton,
  ago,
  badge,
  empty,
  type Html,
  number,
  runBadge,
  type Tone,
  type ViewContext,
} from './parts.ts';
import { timelineTable } from './timeline.ts';

export interface OverviewModel {
  status: Status;
  /** The first few of those that stand. */
  incidents: readonly NamedIncident[];
  standing: number;
  budgets: readonly Budget[];
  figures: readonly DayFigures[];
  /** Records read in each of the last 60 minutes. */
  readByMinute: readonly Bar[];
  /** What happened last. */
  latest: readonly Happening[];
  /** Transfers failing at the end of each day, the oldest first. */
  failing: readonly { label: string; value: number }[];
}

/** Whether all is well, and if not, what to do. */
export function overview(model: OverviewModel, context: ViewContext): Html {
  const { status, incidents, standing, budgets } = model;
  return html`<h1>Overview</h1>
${verdict(model, context)}
<section aria-labelledby="needs">
<h2 id="needs">Needs someone</h2>
${standing === 0 ? empty('Nothing. Everything that was told is over.') : incidentTable(incidents, context)}
${standing > incidents.length ? html`<p><a href="/transfers?all=1">All ${number(standing)}</a></p>` : ''}
</section>
<section aria-labelledby="lists">
<h2 id="lists">Lists</h2>
${status.resources.length === 0 ? empty('No list is mirrored.') : listTable(status, context)}
</section>
<section aria-labelledby="latest">
<h2 id="latest">What happened last</h2>
${timelineTable(model.latest, context)}
<p><a href="/timeline">Timeline</a></p>
</section>
<div class="columns">
<section aria-labelledby="machinery">
<h2 id="machinery">Machinery</h2>
${budgets.map(
  ({ api, used, limit, slots }) => html`${gauge(`Calls to ${api} this minute`, used, limit)}
${barChart(
  `Calls to ${api}, by 5 seconds`,
  slots.map(({ startsAtMs, count }) => ({
    label: isoTime(startsAtMs).slice(11, 19),
    value: count,
  })),
  number,
)}`,
)}
${barChart('Records read, by minute, last hour', model.readByMinute, number)}
<table><thead><tr><th>Queue</th><th class="n">Waiting</th><th class="n">In hand</th><th class="n">Dead letters</th></tr></thead>
<tbody>${Object.entries(status.queues).map(
    ([name, queue]) =>
      html`<tr><td>${name}</td><td class="n">${queue.waiting + queue.delayed}</td><td class="n">${queue.inFlight}</td><td class="n">${queue.deadLetters === 0 ? '0' : html`<a href="/operations">${queue.deadLetters}</a>`}</td></tr>`,
  )}</tbody></table>
</section>
<section aria-labelledby="figures">
<h2 id="figures">The last 30 days</h2>
${charts(model)}
</section>
</div>`;
}

function verdict({ status, standing }: OverviewModel, context: ViewContext): Html {
  const { state, expiresAt } = status.authorization;
  const isLoading = status.resources.some(({ lastRun }) => lastRun?.status === 'running');
  if (state === 'not-configured' && isLoading) {
    return html`<p class="verdict">Loading for the first time.</p>`;
  }
  if (state !== 'connected') {
    return html`<p class="verdict bad">Not connected to Autodesk: someone has to sign in. <code>npm run ops -- authorize</code></p>`;
  }
  const failed = status.resources.filter(({ lastRun }) => lastRun?.status === 'failed');
  const waiting =
    status.waiting === null ? '' : ` Waiting for Autodesk ${waitText(status.waiting, context.timeZone)}.`;
  const days =
    expiresAt === null
      ? ''
      : ` The sign-in lasts ${Math.floor((Date.parse(expiresAt) - context.nowMs) / 86_400_000)} more days, and syncs renew it.`;
  if (standing === 0 && failed.length === 0) {
    return html`<p class="verdict good">All is well.${days}${waiting}</p>`;
  }
  const parts = [
    ...(standing > 0 ? [`${number(standing)} ${standing === 1 ? 'problem stands' : 'problems stand'}`] : []),
    ...(failed.length > 0
      ? [`${failed.length} ${failed.length === 1 ? 'list' : 'lists'} could not be synced`]
      : []),
  ];
  return html`<p class="verdict ${failed.length > 0 ? 'bad' : 'warn'}">${parts.join(', ')}.${days}${waiting}</p>`;
}

function listTable(status: Status, context: ViewContext): Html {
  return html`<div class="scroll" role="group" aria-label="Lists" tabindex="0"><table>
<thead><tr><th>List</th><th>Current as of</th><th>Last run</th><th class="n">New</th><th class="n">Changed</th><th class="n">Gone</th><th class="n">Calls</th><th>Actions</th></tr></thead>
<tbody>${status.resources.map((list) => {
    const { resource, scope, watermark, lastRun } = list;
    const { counts } = lastRun ?? {};
    return html`<tr>
<td>${dot(list)} <a href="/runs?resource=${resource}">${resource}</a>${scope === 'company' ? '' : html` <small class="quiet">${scope.slice(0, 8)}</small>`}</td>
<td>${ago(watermark, context)} ${freshness(list, context)}</td>
<td>${lastRun === null ? '' : html`${runBadge(lastRun.status)} <span class="quiet">${lastRun.mode}</span>`}</td>
<td class="n">${counts === undefined ? '' : number(counts.created)}</td>
<td class="n">${counts === undefined ? '' : number(counts.updated)}</td>
<td class="n">${counts === undefined ? '' : number(counts.deleted)}</td>
<td class="n">${lastRun === null ? '' : number(lastRun.apiCalls)}</td>
<td class="actions">${actionButton({ action: 'sync', label: 'Sync', fields: { resource } }, context)}
${actionButton({ action: 'sync-full', label: 'Full', fields: { resource }, isConfirmed: true }, context)}</td>
</tr>`;
  })}</tbody></table></div>`;
}

/** After so many hours a list counts as out of date, beside its own rhythm, where no setting says otherwise. */
const STALE_HOURS = alertRules.parse({}).stale.afterHours;

/** How much is left of the time after which the list would be out of date. */
function freshness({ resource, watermark }: Status['resources'][number], { nowMs }: ViewContext): Html | '' {
  if (watermark === null) return '';
  const allowedHours = STALE_HOURS + (findResource(resource)?.daily ? 24 : 0);
  const ageHours = (nowMs - Date.parse(watermark)) / 3_600_000;
  const left = Math.max(0, 1 - ageHours / allowedHours);
  return html`<meter class="fresh" min="0" max="1" low="0.25" optimum="1" value="${left.toFixed(2)}" aria-label="Freshness of ${resource}"></meter>`;
}

/** The worst of what is known of a list. */
function dot({ watermark, lastRun }: Status['resources'][number]): Html {
  const tone: Tone =
    lastRun?.status === 'failed'
      ? 'bad'
      : lastRun?.status === 'paused'
        ? 'warn'
        : lastRun?.status === 'running'
          ? 'busy'
          : watermark === null
            ? 'quiet'
            : 'good';
  return html`<span class="dot ${tone}" aria-hidden="true"></span>`;
}

function charts({ figures, failing }: OverviewModel): Html {
  const days = [...new Set(figures.map(({ day }) => day))].sort();
  const perDay = (of: (figure: DayFigures) => number) =>
    days.map((day) => ({
      label: day,
      value: figures.filter((figure) => figure.day === day).reduce((sum, figure) => sum + of(figure), 0),
    }));
  const byList = Map.groupBy(figures, ({ resource }) => resource);
  const costs = [...byList]
    .map(([resource, of]) => ({ resource, dollars: of.reduce((sum, figure) => sum + dollarsOf(figure), 0) }))
    .sort((one, other) => other.dollars - one.dollars)
    .slice(0, 5);
  return html`${barChart(
    'Records read a day',
    perDay(({ fetched }) => fetched),
    number,
  )}
${barChart(
  'Calls to Autodesk a day',
  perDay(({ apiCalls }) => apiCalls),
  number,
)}
${barChart('Transfers failing, 90 days', failing, number, failing.at(-1)?.value)}
<table><thead><tr><th>Cost of the tables, by list</th><th class="n">Dollars</th></tr></thead>
<tbody>${costs.map(({ resource, dollars }) => html`<tr><td>${resource}</td><td class="n">${dollars.toFixed(4)}</td></tr>`)}</tbody></table>
${costs.length === 0 ? badge('quiet', 'no run has ended yet') : ''}`;
}
