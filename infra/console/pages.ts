import type { Incident } from '../../shared/alerts/incidents/incident.ts';
import type { RuleName } from '../../shared/alerts/rules/rule.ts';
import { isoTime } from '../../shared/clock.ts';
import { readRecordHistory } from '../../shared/records/history/record-history.ts';
import { listNamesOf, requireResource } from '../../shared/resources/registry.ts';
import { enabledLists } from '../../shared/sync/runs/resume-stalled.ts';
import type { Partition } from '../../shared/sync/state/partition.ts';
import { listExtracts } from '../ops/commands/data-connector/list-extracts.ts';
import { runChecks } from '../ops/commands/setup/doctor/run-checks.ts';
import { readDeadLetters } from '../ops/commands/work/dead-letters.ts';
import type { ConsoleReading } from './reading/reading.ts';
import { doctorView } from './views/doctor.ts';
import { incidentPage, transfers } from './views/incidents.ts';
import { operations } from './views/operations.ts';
import { overview } from './views/overview.ts';
import type { Html, ViewContext } from './views/parts.ts';
import { recordPage, recordsView } from './views/records.ts';
import { type Lane, runsView } from './views/runs.ts';
import { timelineView } from './views/timeline.ts';

/** What an address shows. */
export interface View {
  title: string;
  content: Html;
  /** Whether it changes by itself while it is looked at. */
  isLive: boolean;
}

const FIRST_FEW = 5;
const PAGE_SIZE = 50;
const LATEST_FEW = 8;
const MOST_VERSIONS = 50;
const MOST_HAPPENINGS = 200;
const ABOUT_PAIRS: readonly RuleName[] = ['file-sync-failed', 'file-sync-stuck', 'relink-needed'];
const DAY_MS = 86_400_000;
const CHART_DAYS = 90;

/** The view of an address; undefined where there is none. */
export async function viewOf(
  url: URL,
  reading: ConsoleReading,
  context: ViewContext,
): Promise<View | undefined> {
  const [, name = '', first, second] = url.pathname.split('/').map(decoded);
  const isRoot = first === undefined;
  if (isRoot) {
    switch (name) {
      case '':
        return { title: 'Overview', isLive: true, content: overview(await overviewModel(reading), context) };
      case 'transfers':
        return { title: 'Transfers', isLive: true, content: await transfersOf(url, reading, context) };
      case 'runs':
        return { title: 'Runs', isLive: true, content: await runsOf(url, reading, context) };
      case 'timeline': {
        const happenings = await reading.timeline(MOST_HAPPENINGS);
        return { title: 'Timeline', isLive: true, content: timelineView(happenings, context) };
      }
      case 'records': {
        const query = (url.searchParams.get('q') ?? '').trim();
        const found = query === '' ? { found: [], isCut: false } : await reading.find(query);
        return { title: 'Records', isLive: false, content: recordsView({ query, ...found }, context) };
      }
      case 'operations':
        return {
          title: 'Operations',
          isLive: true,
          content: operations(await operationsModel(reading), context),
        };
      case 'doctor':
        return { title: 'Setup', isLive: false, content: doctorView(await runChecks(reading.target)) };
      default:
        return undefined;
    }
  }
  if (name === 'incidents' && second === undefined) {
    const incident = await reading.incident(first);
    return incident && { title: incident.about, isLive: true, content: incidentPage(incident, context) };
  }
  if (name === 'records' && second !== undefined) {
    const history = await readRecordHistory(
      { resource: first, id: second },
      reading.stores.records,
      MOST_VERSIONS,
    );
    return history && { title: second, isLive: false, content: recordPage(history, context) };
  }
  return undefined;
}

async function overviewModel(reading: ConsoleReading) {
  const [status, standing, resolved, budgets, figures, latest, readByMinute] = await Promise.all([
    reading.status(),
    reading.standing(),
    reading.resolved(),
    reading.budgets(),
    reading.figures(),
    reading.timeline(LATEST_FEW),
    reading.readByMinute(),
  ]);
  return {
    status,
    incidents: await reading.named(standing.slice(0, FIRST_FEW)),
    standing: standing.length,
    budgets,
    figures,
    latest,
    readByMinute,
    failing: failingByDay([...standing, ...resolved], reading.nowMs()),
  };
}

/** How many transfers were failing at the end of each of the last 90 days, the oldest first. */
function failingByDay(incidents: readonly Incident[], nowMs: number): { label: string; value: number }[] {
  const failed = incidents.filter(({ finding }) => finding.rule === 'file-sync-failed');
  return Array.from({ length: CHART_DAYS }, (_, index) => {
    const at = isoTime(nowMs - (CHART_DAYS - 1 - index) * DAY_MS);
    const value = failed.filter(
      ({ startedAt, resolvedAt }) => startedAt <= at && (resolvedAt === undefined || resolvedAt > at),
    ).length;
    return { label: at.slice(0, 10), value };
  });
}

async function transfersOf(url: URL, reading: ConsoleReading, context: ViewContext): Promise<Html> {
  const isAll = url.searchParams.get('all') === '1';
  const isShown = ({ finding }: Incident) => isAll || ABOUT_PAIRS.includes(finding.rule);
  const page = Math.max(1, Number.parseInt(url.searchParams.get('page') ?? '1', 10) || 1);
  const standing = (await reading.standing()).filter(isShown);
  const healed = (await reading.resolved()).filter(isShown);
  return transfers(
    {
      title: isAll ? 'All incidents' : 'Transfers',
      failing: await reading.named(standing.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)),
      standing: standing.length,
      healed: await reading.named(healed.slice(0, PAGE_SIZE)),
      page,
      pageSize: PAGE_SIZE,
      href: isAll ? '/transfers?all=1' : '/transfers',
    },
    context,
  );
}

async function runsOf(url: URL, reading: ConsoleReading, context: ViewContext): Promise<Html> {
  const { enabledResources } = reading.target;
  const asked = url.searchParams.get('resource') ?? '';
  const resource = enabledResources.includes(asked) ? asked : undefined;
  const before = url.searchParams.get('before') ?? undefined;
  const onlyFailed = url.searchParams.get('failed') === '1';
  const runs = await reading.runs({
    limit: PAGE_SIZE,
    onlyFailed,
    ...(resource !== undefined && { resource }),
    ...(before !== undefined && { before }),
  });
  const active = runs.filter(({ finishedAt }) => finishedAt === null);
  const lanes = new Map(
    await Promise.all(
      active.map(async ({ id }) => [id, (await reading.stores.partitions.ofRun(id)).map(laneOf)] as const),
    ),
  );
  const last = runs.at(-1);
  const next = new URLSearchParams({
    ...(resource !== undefined && { resource }),
    ...(onlyFailed && { failed: '1' }),
    before: last?.startedAt ?? '',
  });
  const nextHref = runs.length === PAGE_SIZE ? `/runs?${next}` : undefined;
  return runsView({ runs, lanes, resources: enabledResources, resource, onlyFailed, nextHref }, context);
}

function laneOf({ phase, work, state, checkpoint, totals }: Partition): Lane {
  return {
    phase,
    work: describeWork(work),
    state,
    pages: checkpoint.pages,
    fetched: totals.counts.fetched,
  };
}

function describeWork(work: Partition['work']): string {
  switch (work.kind) {
    case 'list': {
      const { from, to } = work.window ?? {};
      if (from === undefined && to === undefined) return 'the whole list';
      return `updated ${from === undefined ? '' : `from ${from.slice(0, 16)} `}${to === undefined ? '' : `to ${to.slice(0, 16)}`}`.trim();
    }
    case 'newest-first':
      return 'from the newest back';
    case 'children':
      return work.shard === undefined ? 'the lists of parents' : `the lists of parents, part ${work.shard}`;
    case 're-read':
      return 'what needs attention, by id';
    case 'reconcile':
      return 'what is missing';
  }
}

async function operationsModel(reading: ConsoleReading) {
  const { target, stores } = reading;
  const lists = enabledLists({ resources: target.enabledResources, accountIds: target.accountIds });
  const kept = lists.flatMap(({ resource, scope }) =>
    listNamesOf(requireResource(resource)).map((name) => ({ resource: name, scope })),
  );
  const [quarantined, fetchLetters, alertLetters, callbacks, status, extracts] = await Promise.all([
    Promise.all(kept.map(({ resource, scope }) => stores.quarantine.list(resource, scope))),
    lettersOf('fetch', reading),
    lettersOf('alert', reading),
    Promise.all(target.accountIds.map((accountId) => Array.fromAsync(stores.callbacks.list(accountId)))),
    reading.status(),
    listExtracts(target),
  ]);
  return {
    quarantined: quarantined.flat(),
    deadLetters: [...fetchLetters, ...alertLetters],
    webhooks: status.webhooks,
    ledgers: status.dataConnector,
    extracts,
    callbacks: callbacks.flat().sort((one, other) => other.receivedAt.localeCompare(one.receivedAt)),
  };
}

/** Looking takes seconds and hides the messages meanwhile, so nobody looks where there are none. */
async function lettersOf(queue: 'fetch' | 'alert', reading: ConsoleReading) {
  const { queues } = await reading.status();
  if (queues[queue].deadLetters === 0) return [];
  const letters = await readDeadLetters(reading.target.sqs, reading.target.queues[`${queue}DeadLetters`]);
  return letters.map((letter) => ({ queue, ...letter }));
}

/** A path segment that is no valid encoding stands for itself. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
