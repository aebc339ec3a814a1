import type { Incident } from '../../../shared/alerts/incidents/incident.ts';
import { RULE_WORDS } from '../../../shared/alerts/rules/rule.ts';
import type { Counts } from '../../../shared/sync/state/run.ts';
import { timeText } from '../../../shared/time-text.ts';
import type { DeliveredEmail } from '../data/emails.ts';
import type { ScopeProgress } from './sync-view.ts';

/** Of incidents of one kind only so many are spelled out. */
const MOST_SHOWN = 15;

export interface SummaryInput {
  progress: readonly ScopeProgress[];
  /** Those that stand. */
  incidents: readonly Incident[];
  emails: readonly DeliveredEmail[];
  timeZone: string;
}

/** What a sync came to, for a person: what was read and written, what is wrong and why, what was sent where. */
export function summaryText({ progress, incidents, emails, timeZone }: SummaryInput): string {
  return [
    tableOf(progress),
    ...failureLines(progress),
    ...incidentLines(incidents, timeZone),
    ...sentLines(incidents, emails),
    '',
  ].join('\n');
}

/** Why each list that is not complete is not, one line each. */
export function incompleteReasons(progress: readonly ScopeProgress[]): string[] {
  return progress.flatMap(({ state: { resource, scope, activeRun, lastRun } }) => {
    const list = scope === 'company' ? resource : `${resource} for account ${scope}`;
    if (activeRun !== undefined) {
      const { stalled } = activeRun;
      return [`${list}: not finished${stalled ? `: ${stalled.by.message} ${stalled.by.remedy}` : ''}`];
    }
    if (lastRun === undefined) return [`${list}: not synced yet`];
    if (lastRun.status === 'complete') return [];
    return [`${list}: ${lastRun.error?.message ?? 'failed'} ${lastRun.error?.remedy ?? ''}`.trimEnd()];
  });
}

function tableOf(progress: readonly ScopeProgress[]): string {
  const header = [
    '',
    'read',
    'created',
    'updated',
    'unchanged',
    'deleted',
    'quarantined',
    'calls',
    'seconds',
  ];
  const rows = progress.flatMap(({ state: { resource, lastRun } }) => {
    if (lastRun === undefined) return [];
    const { totals, mode, startedAt, finishedAt } = lastRun;
    const seconds = ((Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000).toFixed(1);
    const row = [`${resource} (${mode})`, ...cells(totals.counts), String(totals.apiCalls), seconds];
    return totals.lineItems === undefined ? [row] : [row, ['  line items', ...cells(totals.lineItems)]];
  });
  return columns([header, ...rows]);
}

function cells(counts: Counts): string[] {
  const { fetched, created, updated, unchanged, deleted, quarantined } = counts;
  return [fetched, created, updated, unchanged, deleted, quarantined].map(String);
}

/** The first column to the left, figures to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map((row) =>
      row
        .map((cell, index) => (index === 0 ? cell.padEnd(width(0)) : cell.padStart(width(index))))
        .join('  '),
    )
    .join('\n');
}

function failureLines(progress: readonly ScopeProgress[]): string[] {
  const reasons = incompleteReasons(progress);
  return reasons.length === 0 ? [] : ['', 'Not complete:', ...reasons.map((reason) => `  ${reason}`)];
}

function incidentLines(incidents: readonly Incident[], timeZone: string): string[] {
  if (incidents.length === 0) return ['', 'No problems found.'];
  const lines = incidents.slice(0, MOST_SHOWN).map(({ finding, state, startedAt }) => {
    const project = finding.projectName ?? finding.projectId;
    const about = [
      project && `project ${project}`,
      finding.opportunityName && `opportunity ${finding.opportunityName}`,
    ].filter(Boolean);
    const what = about.length > 0 ? about.join(', ') : (finding.shownAs ?? finding.subject);
    const why = finding.error === undefined ? '' : `: ${firstLine(finding.error)}`;
    const since = timeText(finding.since ?? startedAt, timeZone);
    return `  ${RULE_WORDS[finding.rule].problem} (${state}), ${what}, since ${since}${why}`;
  });
  const more = incidents.length - lines.length;
  return ['', 'Problems:', ...lines, ...(more > 0 ? [`  and ${more} more`] : [])];
}

function sentLines(incidents: readonly Incident[], emails: readonly DeliveredEmail[]): string[] {
  const onSlack = incidents.filter((incident) => incident.told.slack !== undefined).length;
  const lines = [
    ...emails.map(({ subject, path }) => `  email "${subject}", saved to ${path}`),
    ...(onSlack > 0 ? [`  Slack has ${onSlack} of them`] : []),
  ];
  return ['', ...(lines.length > 0 ? ['Sent:', ...lines] : ['No new alerts were sent.'])];
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}
