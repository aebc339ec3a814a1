import { RateLimitedError } from '../../shared/autodesk/http/errors.ts';
import type { CallbackStore } from '../../shared/callbacks/callback.ts';
import { confirmCallbacks } from '../../shared/callbacks/confirm-callbacks.ts';
import { isoTime } from '../../shared/clock.ts';
import type { StateItem } from '../../shared/dynamodb/state-item.ts';
import { dispositionOf, reportFailure } from '../../shared/errors.ts';
import type { LandingStore } from '../../shared/extracts/landing/landing.ts';
import { requestLandings } from '../../shared/extracts/landing/request-landing.ts';
import type { Usage } from '../../shared/observability/usage.ts';
import type { FetchMessage, ReadRecordMessage } from '../../shared/queue/messages.ts';
import { purgeDeleted, purgeHistory, purgeMoment } from '../../shared/records/purge.ts';
import { requestRun } from '../../shared/sync/runs/request-run.ts';
import { type EnabledLists, enabledLists, listsToAsk } from '../../shared/sync/runs/resume-stalled.ts';
import { workOnRun } from '../../shared/sync/runs/work-on-run.ts';
import { RUNS_KEPT_DAYS } from '../../shared/sync/state/run.ts';
import type { SyncPorts } from '../../shared/sync/state/sync-ports.ts';
import { storeReading } from '../../shared/sync/storing/read-by-id.ts';
import { readRecord } from '../../shared/sync/storing/read-record.ts';
import { type HookAccess, type HookHealth, lookAtHooks } from '../../shared/webhooks/hook-health.ts';
import { type ExtractsPorts, lookAfterRun, serveLanding } from './serve-extracts.ts';

/** What messages need; engine and stores are made for each, so that what it uses is counted apart. */
export interface WorkerPorts {
  lists: EnabledLists;
  syncPortsFor(usage: Usage, timeLeftMs: () => number): SyncPorts;
  callbacksFor(usage: Usage): CallbackStore;
  /** What is known of the hooks at Autodesk. */
  hookHealth: StateItem<HookHealth>;
  webhooks: HookAccess;
  landingsFor(usage: Usage): LandingStore;
  /** Undefined while the files of jobs are not landed. */
  extractsFor(usage: Usage, timeLeftMs: () => number): ExtractsPorts | undefined;
  /** Renews an idle connection to Autodesk. */
  keepAlive(): Promise<void>;
  /** Records that were deleted at Autodesk are removed for good after so many days. */
  purgeDeletedAfterDays: number;
  /** Replaced versions of records are kept for so many days; 0: none are. */
  historyDays: number;
}

/** What jobs and requests that a callback told of count as: no run, and no page of a list. */
const CALLBACK_ORIGIN = { runId: 'callback', page: 'callback' };

/**
 * Does what a message of the fetch queue asks for. What goes wrong in a run is settled there; of the rest, what may
 * pass throws, so that the message comes back, and what needs a person is left to the alerts.
 */
export async function serveFetchMessage(
  message: FetchMessage,
  engine: SyncPorts,
  ports: WorkerPorts,
): Promise<void> {
  const extracts = ports.extractsFor(engine.usage, () => engine.timeLeftMs());
  switch (message.kind) {
    case 'run':
      await workOnRun(message, engine);
      return lookAfterRun(message, engine, extracts);
    case 'land-extract':
      return serveLanding(message, engine, ports.landingsFor(engine.usage), extracts);
    case 'confirm-callbacks':
      return unlessItNeedsAPerson(message, engine, () => confirm(message.accountId, engine, ports, extracts));
    case 'read-record':
      return unlessItNeedsAPerson(message, engine, () => readOrWait(message, engine));
    case 'keep-alive':
      await unlessItNeedsAPerson(message, engine, () => ports.keepAlive());
      return unlessItNeedsAPerson(message, engine, () => lookAtWebhooks(engine, ports));
    case 'purge':
      return purge(engine, ports);
  }
}

/** The longest delay of a message. */
const LONGEST_DELAY_SECONDS = 900;

/** While Autodesk is not to be asked it waits in a message of its own: no failed receive brings it to the dead letters. */
async function readOrWait(message: ReadRecordMessage, engine: SyncPorts): Promise<void> {
  try {
    await readRecord(message, engine);
  } catch (error) {
    if (!(error instanceof RateLimitedError)) throw error;
    const seconds = Math.min(Math.ceil(error.retryAfterMs / 1_000) + 1, LONGEST_DELAY_SECONDS);
    await engine.fetchQueue.send(message, seconds);
  }
}

function lookAtWebhooks(engine: SyncPorts, { hookHealth, webhooks, lists }: WorkerPorts): Promise<void> {
  return lookAtHooks({
    health: hookHealth,
    webhooks,
    async readAgain(resources) {
      for (const list of enabledLists(lists).filter(({ resource }) => resources.includes(resource)))
        await requestRun({ ...list, mode: 'incremental' }, engine);
    },
    clock: engine.clock,
    log: engine.log,
  });
}

function confirm(
  accountId: string,
  engine: SyncPorts,
  ports: WorkerPorts,
  extracts: ExtractsPorts | undefined,
): Promise<void> {
  return confirmCallbacks(accountId, {
    callbacks: ports.callbacksFor(engine.usage),
    autodesk: engine.api,
    fetchQueue: engine.fetchQueue,
    clock: engine.clock,
    log: engine.log,
    async storeRecords(resource, scope, found) {
      for (const { record, readAt } of found) {
        await storeReading(resource, scope, { kind: 'found', record, readAt }, CALLBACK_ORIGIN, engine);
      }
    },
    async landJobs(jobs) {
      if (extracts !== undefined) await requestLandings(accountId, jobs, extracts);
    },
    async requestRuns() {
      for (const list of listsToAsk(ports.lists, 'incremental'))
        await requestRun({ ...list, mode: 'incremental' }, engine);
    },
  });
}

/** Of a list. AWS removes old ones by itself; a sandbox that is synced every few seconds would keep too many. */
const MOST_RUNS_KEPT = 10_000;

/** Goes on in a message of its own when the time is up. */
async function purge(engine: SyncPorts, ports: WorkerPorts): Promise<void> {
  const deletedBefore = purgeMoment(ports.purgeDeletedAfterDays, engine.clock);
  const replacedBefore = purgeMoment(ports.historyDays, engine.clock);
  const oldRuns = isoTime(engine.clock.now() - RUNS_KEPT_DAYS * 86_400_000);
  for (const list of enabledLists(ports.lists)) {
    await engine.runs.forgetEnded(list.resource, list.scope, oldRuns, MOST_RUNS_KEPT);
    const deleted = await purgeDeleted(list, deletedBefore, engine);
    if (deleted.removed > 0) {
      engine.log.info('deleted records removed permanently', { ...list, removed: deleted.removed });
    }
    const replaced = await purgeHistory(list, replacedBefore, engine);
    if (replaced.removed > 0) {
      engine.log.info('replaced versions removed permanently', { ...list, removed: replaced.removed });
    }
    if (!deleted.isDone || !replaced.isDone) return engine.fetchQueue.send({ kind: 'purge' });
  }
}

async function unlessItNeedsAPerson(
  message: FetchMessage,
  engine: SyncPorts,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const disposition = dispositionOf(error);
    if (disposition !== 'consent' && disposition !== 'fail') throw error;
    engine.log.error('message needs an operator', { kind: message.kind, ...reportFailure(error) });
  }
}
