import * as z from 'zod';
import { PAUSE_REASONS } from '../../shared/autodesk/client/rate-budget.ts';
import type { AuthorizationStatus } from '../../shared/autodesk/client/token-source.ts';
import { WAITED_FOR, type Waiting } from '../../shared/autodesk/connection/waiting.ts';
import type { JobLedger } from '../../shared/extracts/landing/job-ledger.ts';
import type { Scope } from '../../shared/resources/resource.ts';
import { enabledLists } from '../../shared/sync/runs/resume-stalled.ts';
import type { FinishedRun, RunReader, RunTotals, ScopeState } from '../../shared/sync/state/run.ts';
import { VERSION } from '../version.ts';

const moment = z.iso.datetime();
const counts = z.object({
  fetched: z.int(),
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  deleted: z.int(),
  quarantined: z.int(),
});

const runStatus = z.object({
  id: z.string(),
  mode: z.enum(['full', 'incremental']),
  /** `paused`: it goes on by itself once a person has signed in. */
  status: z.enum(['running', 'paused', 'complete', 'failed']),
  startedAt: moment,
  finishedAt: moment.nullable(),
  /** Of checkpointed pages. */
  counts,
  /** Elements of nested lists, for resources that have them; `counts` holds the records themselves. */
  lineItems: counts.exactOptional(),
  apiCalls: z.int(),
  writeUnits: z.number(),
  readUnits: z.number(),
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).exactOptional(),
});

export type RunStatus = z.infer<typeof runStatus>;

const incidentStatus = z.object({
  id: z.string(),
  rule: z.string(),
  /** Holds the id of the record concerned. */
  subject: z.string(),
  /** What people know it by: a project or opportunity, else the id. */
  about: z.string(),
  state: z.enum(['pending', 'open', 'acknowledged', 'silenced', 'resolved']),
  openedAt: moment,
  resolvedAt: moment.nullable(),
  /** By channel: when it was told last. */
  notified: z.record(z.string(), moment),
});
export type IncidentStatus = z.infer<typeof incidentStatus>;

/** Messages, as far as SQS knows: its counts are approximate. */
const queueStatus = z.object({
  waiting: z.int(),
  delayed: z.int(),
  inFlight: z.int(),
  deadLetters: z.int(),
});
export type QueueStatus = z.infer<typeof queueStatus>;

/** What Data Connector has done for an account, and what became of the files of its jobs. */
const jobLedger = z.object({
  accountId: z.string(),
  /** Started within 24 hours, as of the last run of the jobs; null while extracts are not landed. */
  jobsLastDay: z.int().nullable(),
  /** How many Autodesk runs within 24 hours. */
  jobLimit: z.int(),
  landed: z.object({ jobs: z.int(), files: z.int(), bytes: z.int(), lastAt: moment.nullable() }),
  waiting: z.int(),
  failed: z.array(
    z.object({
      requestId: z.string(),
      jobId: z.string(),
      attempts: z.int(),
      givenUp: z.boolean(),
      error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }),
    }),
  ),
});

/** What `status --json` prints. Absent values are null, so that every key is always there. */
export const status = z.object({
  /** Of the command that answers. */
  version: z.string(),
  resources: z.array(
    z.object({
      resource: z.string(),
      scope: z.string(),
      /** Everything changed before this moment is stored. */
      watermark: moment.nullable(),
      lastRun: runStatus.nullable(),
    }),
  ),
  /** Those that stand, and those resolved within 30 days. */
  incidents: z.array(incidentStatus),
  queues: z.object({ fetch: queueStatus, alert: queueStatus }),
  authorization: z.object({
    state: z.enum(['connected', 'needs-consent', 'not-configured']),
    /** When the connection lapses if nothing renews it. */
    expiresAt: moment.nullable(),
  }),
  /** What Autodesk tells of by webhooks; null while none are set up. */
  webhooks: z
    .object({
      callbackUrl: z.string(),
      hooks: z.array(z.object({ event: z.string(), status: z.string() })),
      /** When we last looked at them. */
      lookedAt: moment.nullable(),
      /** Why that was refused, where it was. */
      refused: z.string().nullable(),
      /** Why that had to do without the management sign-in, where there is one: hooks are not switched on then. */
      managementRefused: z.string().nullable(),
      /** In about 24 hours. */
      eventsLastDay: z.int(),
      lastEventAt: moment.nullable(),
    })
    .nullable(),
  /** By account. */
  dataConnector: z.array(jobLedger),
  /** What Autodesk keeps us waiting for. */
  waiting: z.object({ api: z.enum(WAITED_FOR), until: moment, reason: z.enum(PAUSE_REASONS) }).nullable(),
});
export type Status = z.infer<typeof status>;

export interface StatusPorts {
  accountIds: readonly string[];
  enabledResources: readonly string[];
  runs: RunReader;
  incidents(): Promise<readonly IncidentStatus[]>;
  queues(): Promise<Status['queues']>;
  authorization(): Promise<AuthorizationStatus>;
  webhooks(): Promise<Status['webhooks']>;
  waiting(): Promise<Waiting | undefined>;
  jobLedger(accountId: string): Promise<JobLedger>;
}

/** What is going on: the object that `ops status --json` and `npm start -- --json` print. Changes nothing. */
export async function readStatus(ports: StatusPorts): Promise<Status> {
  const [authorization, incidents, queues, webhooks, waiting, dataConnector] = await Promise.all([
    ports.authorization(),
    ports.incidents(),
    ports.queues(),
    ports.webhooks(),
    ports.waiting(),
    Promise.all(ports.accountIds.map((accountId) => ports.jobLedger(accountId))),
  ]);
  const lists = enabledLists({ resources: ports.enabledResources, accountIds: ports.accountIds });
  const resources = await Promise.all(
    lists.map(({ resource, scope }) => readList(resource, scope, ports.runs, authorization)),
  );
  return {
    version: VERSION,
    resources,
    incidents: [...incidents],
    queues,
    authorization: { state: authorization.state, expiresAt: authorization.expiresAt ?? null },
    webhooks,
    dataConnector,
    waiting:
      waiting === undefined ? null : { api: waiting.api, until: waiting.until, reason: waiting.reason },
  };
}

async function readList(
  resource: string,
  scope: Scope,
  runs: RunReader,
  authorization: AuthorizationStatus,
): Promise<Status['resources'][number]> {
  const state = await runs.read(resource, scope);
  const lastRun = await lastRunOf(state, runs, authorization);
  return { resource, scope, watermark: state.watermark ?? null, lastRun };
}

/** The run that is going on, else the one that ended last. */
export async function lastRunOf(
  { activeRun, lastRun }: ScopeState,
  runs: RunReader,
  authorization: AuthorizationStatus,
): Promise<RunStatus | null> {
  if (activeRun) {
    const error = activeRun.stalled?.by;
    const isPaused = authorization.state === 'needs-consent' || error?.code === 'NEEDS_CONSENT';
    return {
      id: activeRun.id,
      mode: activeRun.mode,
      status: isPaused ? 'paused' : 'running',
      startedAt: activeRun.startedAt,
      finishedAt: null,
      ...figuresOf(await runs.totalsOf(activeRun.id)),
      ...(error && { error }),
    };
  }
  return lastRun ? endedRun(lastRun) : null;
}

/** A run that has ended, as it is shown. */
export function endedRun({ totals, ...run }: FinishedRun): RunStatus {
  return { ...run, ...figuresOf(totals) };
}

function figuresOf({ counts, lineItems, apiCalls, writeUnits, readUnits }: RunTotals) {
  return { counts, ...(lineItems && { lineItems }), apiCalls, writeUnits, readUnits };
}
