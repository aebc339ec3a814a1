import type { Connection } from '../../autodesk/client/token-source.ts';
import { type Clock, isoTime } from '../../clock.ts';
import type { StateItem } from '../../dynamodb/state-item.ts';
import { AUTODESK_KEEPS_MS, hasGivenUp, type LandingStore } from '../../extracts/landing/landing.ts';
import type { QuarantineStore } from '../../records/quarantine.ts';
import type { RecordReader } from '../../records/record.ts';
import { listNamesOf, requireResource } from '../../resources/registry.ts';
import type { Scope } from '../../resources/resource.ts';
import type { RunReader, ScopeState } from '../../sync/state/run.ts';
import type { HookHealth } from '../../webhooks/hook-health.ts';
import type { Incident } from '../incidents/incident.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import type { Finding, RuleName } from '../rules/rule.ts';
import {
  channelRefused,
  connectionLost,
  extractNotLanded,
  fileSyncFailed,
  fileSyncStuck,
  jobFailed,
  massDeletionStopped,
  quarantined,
  relinkNeeded,
  webhooksInactive,
} from '../rules/rules.ts';
import { type AlertRules, CHANNELS } from '../rules/settings.ts';
import { staleLists } from '../rules/stale.ts';
import { failedJobs, JOBS_RESOURCE, type JobDigestStore } from './failed-jobs.ts';
import type { FileStatusStore } from './file-status.ts';
import { PAIRS_RESOURCE, unsettledPairs } from './pairs.ts';

const PAIR_RULES: readonly RuleName[] = ['file-sync-failed', 'file-sync-stuck', 'relink-needed'];

/** What alerts look at. */
export interface ConditionPorts {
  records: Pick<RecordReader, 'get' | 'getMany' | 'attention' | 'all'>;
  runs: Pick<RunReader, 'read'>;
  /** The lists that are synced: resource and scope. */
  lists: readonly { resource: string; scope: Scope }[];
  fileStatuses: FileStatusStore;
  jobDigests: JobDigestStore;
  landings: Pick<LandingStore, 'open'>;
  incidents: IncidentStore;
  connection: Pick<Connection, 'authorizationStatus'>;
  quarantine: Pick<QuarantineStore, 'list'>;
  hookHealth: Pick<StateItem<HookHealth>, 'read'>;
  rules: AlertRules;
  /** In which people are told times. */
  timeZone: string;
  clock: Clock;
}

/** A record to look at first, whatever the index says. */
export interface Hint {
  resource: string;
  id: string;
}

/**
 * Every condition that holds now, each from what is stored now: nothing depends on how often, in which order or
 * whether at all triggers came. `standing` has to be read before: then what is decided on it is decided on
 * readings that are younger.
 */
export async function findConditions(
  hints: readonly Hint[],
  standing: readonly Incident[],
  ports: ConditionPorts,
): Promise<Finding[]> {
  const { rules } = ports;
  const nowMs = ports.clock.now();
  const states = await Promise.all(
    ports.lists.map(({ resource, scope }) => ports.runs.read(resource, scope)),
  );
  const found = [
    ...(await pairConditions(hints, standing, ports, nowMs)),
    ...staleLists(states, rules.stale, nowMs, ports.timeZone),
    ...states.map((state) =>
      massDeletionStopped(state, standingOf(standing, 'mass-deletion-stopped', state)),
    ),
    ...(await jobConditions(states, ports, nowMs)),
    ...(await landingConditions(ports, nowMs)),
    connectionLost(await ports.connection.authorizationStatus()),
    webhooksInactive((await ports.hookHealth.read()).value),
    ...(await quarantineConditions(ports)),
    ...(await channelConditions(ports.incidents)),
  ];
  return found.filter((finding) => finding !== undefined).filter(({ rule }) => rules[rule].enabled);
}

/** Channels that refuse messages. */
export async function channelConditions(incidents: IncidentStore): Promise<Finding[]> {
  const states = await incidents.channels();
  return CHANNELS.map((channel) => channelRefused(channel, states[channel]?.refused)).filter(
    (finding) => finding !== undefined,
  );
}

async function quarantineConditions(ports: ConditionPorts): Promise<(Finding | undefined)[]> {
  if (!ports.rules.quarantine.enabled) return [];
  // What is refused of a nested list is kept under that list's own name.
  const kept = ports.lists.flatMap(({ resource, scope }) =>
    listNamesOf(requireResource(resource)).map((name) => ({ resource: name, scope })),
  );
  return Promise.all(
    kept.map(async ({ resource, scope }) => {
      const { length: count } = await ports.quarantine.list(resource, scope);
      return quarantined({ resource, scope, count }, ports.rules.quarantine);
    }),
  );
}

async function pairConditions(
  hints: readonly Hint[],
  standing: readonly Incident[],
  ports: ConditionPorts,
  nowMs: number,
): Promise<(Finding | undefined)[]> {
  if (!ports.lists.some(({ resource }) => resource === PAIRS_RESOURCE)) return [];
  const named = [
    ...hints.filter(({ resource }) => resource === PAIRS_RESOURCE).map(({ id }) => id),
    ...standing
      .filter(({ state, finding }) => state !== 'resolved' && PAIR_RULES.includes(finding.rule))
      .map(({ finding }) => finding.subject),
  ];
  const pairs = await unsettledPairs(named, ports.records, ports.fileStatuses, nowMs);
  return pairs.flatMap((pair) => [
    fileSyncFailed(pair),
    fileSyncStuck(pair, ports.rules['file-sync-stuck'], nowMs),
    relinkNeeded(pair),
  ]);
}

async function jobConditions(
  states: readonly ScopeState[],
  ports: ConditionPorts,
  nowMs: number,
): Promise<(Finding | undefined)[]> {
  const settings = ports.rules['job-failed'];
  if (!settings.enabled) return [];
  const found: (Finding | undefined)[] = [];
  for (const state of states.filter(({ resource }) => resource === JOBS_RESOURCE)) {
    const jobs = await failedJobs(state, ports.records, ports.jobDigests, settings, nowMs);
    found.push(...jobs.map((job) => jobFailed(job, settings, nowMs)));
  }
  return found;
}

async function landingConditions(ports: ConditionPorts, nowMs: number): Promise<Finding[]> {
  const settings = ports.rules['extract-not-landed'];
  if (!settings.enabled) return [];
  const accounts = ports.lists.filter(({ resource }) => resource === JOBS_RESOURCE);
  const open = await Promise.all(accounts.map(({ scope }) => ports.landings.open(scope)));
  return open
    .flat()
    .filter(hasGivenUp)
    .map((landing) => {
      const lostAt = isoTime(Date.parse(landing.endedAt) + AUTODESK_KEEPS_MS);
      return extractNotLanded({ ...landing, lostAt, error: landing.error?.message ?? '' }, settings, nowMs);
    });
}

function standingOf(standing: readonly Incident[], rule: RuleName, state: ScopeState): Finding | undefined {
  const subject = `${state.resource}/${state.scope}`;
  return standing.find(
    (incident) =>
      incident.state !== 'resolved' && incident.finding.rule === rule && incident.finding.subject === subject,
  )?.finding;
}
