import type { AutodeskApi } from '../autodesk/client/api.ts';
import { type Clock, isoTime } from '../clock.ts';
import { dispositionOf, reportFailure } from '../errors.ts';
import { isJsonObject, type Json } from '../json.ts';
import type { Log } from '../observability/log.ts';
import type { FetchQueue } from '../queue/messages.ts';
import { dataConnectorJobs, dataConnectorRequests } from '../resources/data-connector.ts';
import type { Resource, Scope } from '../resources/resource.ts';
import type { CallbackStore, StoredCallback } from './callback.ts';
import { type FoundRecord, findRecords } from './find-records.ts';

export interface ConfirmationPorts {
  callbacks: CallbackStore;
  autodesk: AutodeskApi;
  fetchQueue: FetchQueue;
  /** Stores what was just read, as a run would. */
  storeRecords(resource: Resource, scope: Scope, found: readonly FoundRecord[]): Promise<unknown>;
  /** Asks for the files of those jobs that have ended; of each job once. */
  landJobs(jobs: readonly Json[]): Promise<unknown>;
  /** Asks for an incremental run of every enabled resource; runs asked for already merge. */
  requestRuns(): Promise<unknown>;
  clock: Clock;
  log: Log;
}

/** The wait after the first and after the second time Autodesk did not know a job; after the third it is over. */
const WAITS_SECONDS = [60, 300] as const;

/** A callback that is due for longer has lost its message. */
const RESUME_AFTER_MS = 60_000;

/**
 * Asks Autodesk about all callbacks of an account that are waiting and due, at once. Jobs it knows are stored with
 * their requests, and runs are requested; only then do their callbacks count as confirmed, so that a repetition
 * after a crash does all of it again. Idempotent; without a callback that is due it makes no call.
 */
export async function confirmCallbacks(accountId: string, ports: ConfirmationPorts): Promise<void> {
  const { callbacks, clock } = ports;
  const due = await waitingSince(callbacks, accountId, clock.now());
  if (due.length === 0) return;

  const jobs = await findJobs(accountId, due, ports);
  if (jobs.size > 0) {
    await storeJobs(accountId, [...jobs.values()], ports);
    await ports.landJobs([...jobs.values()].map(({ record }) => record));
    await ports.requestRuns();
  }
  for (const callback of due) {
    if (jobs.has(callback.jobId)) await callbacks.advance(callback, { ...callback, state: 'confirmed' });
  }
  await waitForUnknown(
    accountId,
    due.filter((callback) => !jobs.has(callback.jobId)),
    ports,
  );
}

async function findJobs(
  accountId: string,
  due: readonly StoredCallback[],
  { autodesk, log }: ConfirmationPorts,
): Promise<Map<string, FoundRecord>> {
  const jobIds = due.map((callback) => callback.jobId);
  try {
    return await findRecords(autodesk, dataConnectorJobs, accountId, jobIds);
  } catch (error) {
    if (dispositionOf(error) !== 'fail') throw error;
    // Asking for ever would spend calls on an account that Autodesk keeps closed: it counts as a try.
    log.warn('jobs request refused', { accountId, error: reportFailure(error) });
    return new Map();
  }
}

/** Stores jobs and the requests that Autodesk (not the callback) says they belong to. */
async function storeJobs(
  accountId: string,
  jobs: readonly FoundRecord[],
  { autodesk, storeRecords }: ConfirmationPorts,
): Promise<void> {
  await storeRecords(dataConnectorJobs, accountId, jobs);
  const requestIds = new Set(
    jobs.flatMap(({ record }) =>
      isJsonObject(record) && typeof record.requestId === 'string' ? [record.requestId] : [],
    ),
  );
  const requests = await findRecords(autodesk, dataConnectorRequests, accountId, [...requestIds]);
  if (requests.size > 0) await storeRecords(dataConnectorRequests, accountId, [...requests.values()]);
}

async function waitForUnknown(
  accountId: string,
  unknown: readonly StoredCallback[],
  { callbacks, fetchQueue, clock, log }: ConfirmationPorts,
): Promise<void> {
  const waits = new Set<number>();
  for (const callback of unknown) {
    const waitSeconds = WAITS_SECONDS[callback.attempts];
    const attempts = callback.attempts + 1;
    if (waitSeconds === undefined) {
      log.warn('callback unconfirmed', { accountId, jobId: callback.jobId, attempts });
      await callbacks.advance(callback, { ...callback, state: 'unconfirmed', attempts });
    } else {
      const dueAt = isoTime(clock.now() + waitSeconds * 1000);
      if (await callbacks.advance(callback, { state: 'received', attempts, dueAt })) waits.add(waitSeconds);
    }
  }
  for (const waitSeconds of waits) {
    // A second more than the wait, so that the message never comes before the callbacks are due.
    await fetchQueue.send({ kind: 'confirm-callbacks', accountId }, waitSeconds + 1);
  }
}

/**
 * Enqueues every account whose callbacks wait although they are due: their message was lost, or it could not do
 * its work. Part of the tick. A callback is due anew afterwards, so that messages do not pile up.
 */
export async function resumeCallbacks(
  accountIds: readonly string[],
  { callbacks, fetchQueue, clock }: Pick<ConfirmationPorts, 'callbacks' | 'fetchQueue' | 'clock'>,
): Promise<void> {
  for (const accountId of accountIds) {
    const stalled = await waitingSince(callbacks, accountId, clock.now() - RESUME_AFTER_MS);
    if (stalled.length === 0) continue;
    await fetchQueue.send({ kind: 'confirm-callbacks', accountId });
    const dueAt = isoTime(clock.now());
    for (const callback of stalled) await callbacks.advance(callback, { ...callback, dueAt });
  }
}

/**
 * Has a stored callback confirmed once more, whatever became of it. Returns false when there is none for this job.
 */
export async function replayCallback(
  accountId: string,
  jobId: string,
  { callbacks, fetchQueue }: Pick<ConfirmationPorts, 'callbacks' | 'fetchQueue'>,
): Promise<boolean> {
  const callback = await callbacks.find(accountId, jobId);
  if (!callback) return false;
  // Due since it came, whatever this machine's clock says. Should a worker be faster than this update, then the
  // callback is being confirmed at this moment, which is what was asked for.
  await callbacks.advance(callback, { state: 'received', attempts: 0, dueAt: callback.receivedAt });
  await fetchQueue.send({ kind: 'confirm-callbacks', accountId });
  return true;
}

async function waitingSince(
  callbacks: CallbackStore,
  accountId: string,
  moment: number,
): Promise<StoredCallback[]> {
  const waiting: StoredCallback[] = [];
  for await (const callback of callbacks.list(accountId, 'received')) {
    if (Date.parse(callback.dueAt) <= moment) waiting.push(callback);
  }
  return waiting;
}
