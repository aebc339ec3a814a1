import * as z from 'zod';
import type { AutodeskApi } from '../../autodesk/client/api.ts';
import { type Clock, isoTime } from '../../clock.ts';
import type { Json } from '../../json.ts';
import type { Log } from '../../observability/log.ts';
import type { FetchQueue } from '../../queue/messages.ts';
import { dataConnectorJobs } from '../../resources/data-connector.ts';
import { isFolderName } from '../manifest.ts';
import { messageFor } from './land-extract.ts';
import { isLandingDue, isLandingLeased, keptUntil, type LandingStore } from './landing.ts';

export interface RequestPorts {
  landings: LandingStore;
  fetchQueue: FetchQueue;
  clock: Clock;
  log: Log;
  /** For how many days landed files are kept. */
  keepDays: number;
}

const DAY_MS = 86_400_000;
/** Jobs that ended earlier are left alone, so that switching landing on does not fetch a month of files. */
const LANDED_WITHIN_MS = 7 * DAY_MS;
/** The jobs of four days at the most that Autodesk runs. */
const JOBS_LOOKED_AT = 100;
/** A landing that is due for longer has lost its message. */
const RESUME_AFTER_MS = 60_000;

const text = z.string().nullish().catch(undefined);
const jobRecord = z.object({
  id: z.string().refine(isFolderName),
  requestId: z.string().refine(isFolderName),
  status: z.string(),
  completionStatus: text,
  createdAt: text,
  completedAt: text,
});

/**
 * Opens a landing for each of these jobs that has ended within a week and has none yet. A job that did not succeed
 * has nothing to land: that is noted, once. Idempotent.
 */
export async function requestLandings(
  accountId: string,
  jobs: readonly Json[],
  ports: RequestPorts,
): Promise<void> {
  for (const record of jobs) {
    const job = jobRecord.safeParse(record).data;
    if (job?.status.toLowerCase() === 'complete') await requestLanding(accountId, job, ports);
  }
}

async function requestLanding(
  accountId: string,
  job: z.infer<typeof jobRecord>,
  { landings, fetchQueue, clock, log, keepDays }: RequestPorts,
): Promise<void> {
  const now = clock.now();
  const endedMs = Date.parse(job.completedAt ?? job.createdAt ?? '');
  if (!isFolderName(accountId) || !(now - endedMs < LANDED_WITHIN_MS)) return;
  if (await landings.isKnown(accountId, job.id)) return;
  const landing = { accountId, requestId: job.requestId, jobId: job.id, endedAt: isoTime(endedMs) };
  if (job.completionStatus?.toLowerCase() !== 'success') {
    log.info('job has nothing to land', { accountId, jobId: job.id });
    const reason = 'The job did not succeed.';
    await landings.end(
      {
        ...landing,
        ...{ outcome: 'nothing', reason, files: [], refused: [] },
        ...{ at: isoTime(now), keptUntil: keptUntil(now, keepDays) },
      },
      0,
    );
    return;
  }
  const open = { ...landing, dueAt: isoTime(now), attempts: 0, files: [], rev: 0 };
  if (await landings.save(open)) await fetchQueue.send(messageFor(landing));
}

/**
 * Looks at the newest jobs of an account after each run of its jobs, once for each run: finds those whose callback
 * never came, and notes how many were started within a day.
 */
export async function lookAtJobs(
  accountId: string,
  lastRunId: string | undefined,
  ports: RequestPorts & { autodesk: Pick<AutodeskApi, 'list'> },
): Promise<void> {
  if (lastRunId === undefined) return;
  const before = await ports.landings.look(accountId);
  if (before?.runId === lastRunId) return;
  const { records } = await ports.autodesk.list({
    resource: dataConnectorJobs,
    scope: accountId,
    limit: JOBS_LOOKED_AT,
    newestFirst: true,
  });
  await requestLandings(accountId, records, ports);
  const createdAt = records.flatMap((record) => {
    const createdMs = Date.parse(jobRecord.safeParse(record).data?.createdAt ?? '');
    return ports.clock.now() - createdMs < 2 * DAY_MS ? [isoTime(createdMs)] : [];
  });
  await ports.landings.keepLook(accountId, { runId: lastRunId, createdAt });
}

/**
 * Asks again for landings that are due and that nobody works on: part of the tick. A landing is due anew afterwards,
 * so that messages do not pile up.
 */
export async function resumeLandings(
  accountIds: readonly string[],
  { landings, fetchQueue, clock }: Omit<RequestPorts, 'log' | 'keepDays'>,
): Promise<void> {
  const now = clock.now();
  for (const accountId of accountIds) {
    const open = await landings.open(accountId);
    if (open.some((landing) => isLandingLeased(landing, now))) continue;
    for (const landing of open.filter((each) => isLandingDue(each, now - RESUME_AFTER_MS))) {
      await fetchQueue.send(messageFor(landing));
      await landings.save({ ...landing, dueAt: isoTime(now) });
    }
  }
}

/**
 * Takes away all leases, for a start at which every worker of before is known to be dead, and asks for what is due.
 * Not for AWS.
 */
export async function releaseDeadLandings(
  accountIds: readonly string[],
  { landings, fetchQueue, clock }: Omit<RequestPorts, 'log' | 'keepDays'>,
): Promise<void> {
  for (const accountId of accountIds) {
    for (const { lease, ...landing } of await landings.open(accountId)) {
      if (lease === undefined) continue;
      await landings.save({ ...landing, dueAt: isoTime(clock.now()) });
      await fetchQueue.send(messageFor(landing));
    }
  }
}
