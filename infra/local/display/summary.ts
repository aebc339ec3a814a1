import type { Names } from '../../../shared/alerts/conditions/names.ts';
import type { Incident } from '../../../shared/alerts/incidents/incident.ts';
import { RULE_WORDS, RULES } from '../../../shared/alerts/rules/rule.ts';
import { findResource } from '../../../shared/resources/registry.ts';
import { COMPANY_SCOPE } from '../../../shared/resources/resource.ts';
import { isUnavailable } from '../../../shared/sync/state/availability.ts';
import type { Counts } from '../../../shared/sync/state/run.ts';
import { timeText } from '../../../shared/time-text.ts';
import type { DeliveredEmail } from '../data/emails.ts';
import type { ScopeProgress } from './sync-view.ts';

/** Of incidents of one rule only so many are spelled out. */
const MOST_SHOWN = 3;

export interface SummaryInput {
  progress: readonly ScopeProgress[];
  /** Those that stand. */
  incidents: readonly Incident[];
  /** By incident id. */
  names: ReadonlyMap<string, Names>;
  emails: readonly DeliveredEmail[];
  timeZone: string;
}

/** What a sync came to, for a person: what was read and written, what is wrong and why, what was sent where. */
export function summaryText(input: SummaryInput): string {
  const { progress, incidents, emails } = input;
  return [
    tableOf(progress),
    ...failureLines(progress),
    ...incidentLines(incidents, input),
    ...sentLines(incidents, emails),
    '',
  ].join('\n');
}

/** Why each list that should be complete is not, one line each. */
export function incompleteReasons(progress: readonly ScopeProgress[]): string[] {
  const unavailable = unavailableLists(progress);
  return progress
    .filter((list) => !unavailable.includes(list))
    .flatMap(({ state }) => {
      const { activeRun, lastRun } = state;
      const list = listName(state);
      if (activeRun !== undefined) {
        const { stalled } = activeRun;
        return [`${list}: not finished${stalled ? `: ${stalled.by.message} ${stalled.by.remedy}` : ''}`];
      }
      if (lastRun === undefined) return [`${list}: not synced yet`];
      if (lastRun.status === 'complete') return [];
      return [`${list}: ${lastRun.error?.message ?? 'failed'} ${lastRun.error?.remedy ?? ''}`.trimEnd()];
    });
}

/** What Autodesk does not let the user read, and never has: one line each, with what to do. */
export function unavailableNotes(progress: readonly ScopeProgress[]): string[] {
  return unavailableLists(progress).map(({ state }) => {
    const { message = 'not available', remedy = '' } = state.lastRun?.error ?? {};
    return `${listName(state)} is not available: ${message} ${remedy} To stop asking for it, leave it out of RESOURCES.`;
  });
}

/** Where nothing at all can be read, it is not the lists that are the cause. */
function unavailableLists(progress: readonly ScopeProgress[]): ScopeProgress[] {
  const worked = new Set(
    progress.flatMap(({ state }) =>
      state.watermark === undefined ? [] : (findResource(state.resource)?.api ?? []),
    ),
  );
  return progress.filter(({ state }) => {
    const api = findResource(state.resource)?.api;
    return api !== undefined && worked.has(api) && isUnavailable(state);
  });
}

function listName({ resource, scope }: ScopeProgress['state']): string {
  return scope === COMPANY_SCOPE ? resource : `${resource} for account ${scope}`;
}

/** A row for each list. Columns that hold nothing are left out, so that a row fits on a terminal. */
function tableOf(progress: readonly ScopeProgress[]): string {
  const modes = new Set(progress.flatMap(({ state: { lastRun } }) => lastRun?.mode ?? []));
  const [oneMode] = modes.size === 1 ? modes : [];
  const rows = progress.flatMap(({ state: { resource, lastRun } }) => {
    if (lastRun === undefined) return [];
    const { totals, mode, startedAt, finishedAt } = lastRun;
    const seconds = ((Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000).toFixed(1);
    const row = [
      oneMode === undefined ? `${resource} (${mode})` : resource,
      ...cells(totals.counts),
      String(totals.apiCalls),
      seconds,
    ];
    return totals.lineItems === undefined
      ? [row]
      : [row, [`  ${listsIn(resource)}`, ...cells(totals.lineItems)]];
  });
  const isFilled = (column: number) => rows.some((row) => (row[column] ?? '0') !== '0');
  return columns(
    [[oneMode ?? '', ...HEADER], ...rows].map((row) =>
      row.filter((_, column) => column === 0 || isFilled(column)),
    ),
  );
}

/** The lists in a resource's records, as people call them. */
function listsIn(resource: string): string {
  return (findResource(resource)?.nested ?? []).map(({ segment }) => segment.replaceAll('-', ' ')).join(', ');
}

const HEADER = ['read', 'created', 'updated', 'deleted', 'quarantined', 'calls', 'sec'];

function cells(counts: Counts): string[] {
  const { fetched, created, updated, deleted, quarantined } = counts;
  return [fetched, created, updated, deleted, quarantined].map(String);
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

/** What is wrong, counted by rule, with the first few of each. */
function incidentLines(incidents: readonly Incident[], { names, timeZone }: SummaryInput): string[] {
  if (incidents.length === 0) return ['', 'No problems found.'];
  const lines = RULES.flatMap((rule) => {
    const found = incidents.filter(({ finding }) => finding.rule === rule);
    if (found.length === 0) return [];
    const { one, many } = RULE_WORDS[rule].counted;
    const shown = found
      .slice(0, MOST_SHOWN)
      .map((incident) => `    ${describe(incident, names.get(incident.id) ?? {}, timeZone)}`);
    const more = found.length - shown.length;
    return [
      `  ${found.length} ${found.length === 1 ? one : many}`,
      ...shown,
      ...(more > 0 ? [`    and ${more} more`] : []),
    ];
  });
  return ['', 'Problems (`npm run ops -- incidents` lists them all):', ...lines];
}

function describe({ finding, startedAt }: Incident, names: Names, timeZone: string): string {
  const { projectId, shownAs, subject, error } = finding;
  const project = finding.projectName ?? names.projectName ?? (projectId && `project ${projectId}`);
  const about = project ?? finding.opportunityName ?? names.opportunityName ?? shownAs ?? subject;
  const why = error === undefined ? '' : `: ${error.split('\n')[0]}`;
  return cut(`${about}, since ${timeText(finding.since ?? startedAt, timeZone)}${why}`);
}

/** With its indent a line of this length fits on a terminal. */
const LINE = 75;

function cut(line: string): string {
  return line.length > LINE ? `${line.slice(0, LINE - 3).trimEnd()}...` : line;
}

function sentLines(incidents: readonly Incident[], emails: readonly DeliveredEmail[]): string[] {
  const onSlack = incidents.filter((incident) => incident.told.slack !== undefined).length;
  const lines = [
    ...emails.flatMap(({ subject, path }) => [`  email "${subject}"`, `    saved to ${path}`]),
    ...(onSlack > 0 ? [`  Slack has ${onSlack} of them`] : []),
  ];
  return ['', ...(lines.length > 0 ? ['Sent:', ...lines] : ['No new alerts were sent.'])];
}
