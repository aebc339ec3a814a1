import { RateLimitedError } from '../../autodesk/http/errors.ts';
import { isoTime } from '../../clock.ts';
import { dispositionOf, reportFailure, SyncError } from '../../errors.ts';
import type { RunMessage } from '../../queue/messages.ts';
import { requireResource } from '../../resources/registry.ts';
import { deleteOrphans } from '../deletions/orphans.ts';
import { reRead } from '../deletions/re-read.ts';
import { reconcile } from '../deletions/reconcile.ts';
import { LeasedPartition } from '../partitions/leased-partition.ts';
import { walkChildren } from '../reading/walk-children.ts';
import { walkList } from '../reading/walk-list.ts';
import { LeaseLostError, NoProgressError, StalledTooLongError } from '../state/errors.ts';
import { isLeased, isTakeable } from '../state/lease.ts';
import { PAGE_TIME_MS, type WalkOutcome } from '../state/page-limits.ts';
import type { Partition } from '../state/partition.ts';
import type { ScopeState } from '../state/run.ts';
import { afterProgress, afterStall } from '../state/run-transitions.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import { advanceRun } from './advance-run.ts';
import { endRun } from './end-run.ts';

/** A partition that was taken up so often after its worker had vanished, without getting on, fails its run. */
const MAX_RESUMES = 3;
/** Failures that may pass keep a run active for so long. */
const STALLED_FOR_MS = 24 * 60 * 60 * 1_000;
const FIRST_BACKOFF_MS = 2_000;
const MAX_BACKOFF_MS = 60_000;
/** SQS delays a message by 15 minutes at most. */
const MAX_DELAY_SECONDS = 900;

/**
 * Works on a run until nothing is left that this worker may take up, or its time is up. The message may come any
 * number of times, and late: a run that has ended, and a partition that somebody holds, are left alone. Throws
 * only what is unknown, after it has given the partition back.
 */
export async function workOnRun(message: RunMessage, ports: SyncPorts): Promise<void> {
  const owner = ports.randomness.hex(8);
  let preferred = message.partitionId;
  for (;;) {
    const state = await ports.runs.read(message.resource, message.scope);
    if (state.activeRun?.id !== message.runId) return;
    const open = await advanceRun(state, ports);
    if (open.length === 0) continue;
    const partition = await acquireOne(open, preferred, owner, ports);
    if (partition === undefined) return;
    preferred = undefined;
    const outcome = await workOnPartition(partition, state, ports);
    if (outcome === 'done') {
      if (ports.timeLeftMs() > PAGE_TIME_MS) continue;
      await ports.fetchQueue.send(message);
    }
    return;
  }
}

async function acquireOne(
  open: readonly Partition[],
  preferred: string | undefined,
  owner: string,
  ports: SyncPorts,
): Promise<Partition | undefined> {
  const nowMs = ports.clock.now();
  const working = open.filter((partition) => isLeased(partition, nowMs)).length;
  if (working >= ports.settings.maxPartitionsInFlight) return undefined;
  const takeable = open.filter((partition) => isTakeable(partition, nowMs));
  const first = takeable.filter(({ id }) => id === preferred);
  for (const { runId, id } of [...first, ...takeable.filter(({ id }) => id !== preferred)]) {
    const partition = await ports.partitions.acquire(runId, id, owner, nowMs);
    if (partition !== undefined) return partition;
  }
  return undefined;
}

/** `done`: look for more. `left`: somebody or something else goes on with it. */
type Outcome = 'done' | 'left';

async function workOnPartition(partition: Partition, state: ScopeState, ports: SyncPorts): Promise<Outcome> {
  const { scope, activeRun: run } = state;
  if (run === undefined) return 'left';
  const resource = requireResource(state.resource);
  const leased = new LeasedPartition(partition, resource, scope, run, ports);
  try {
    if (partition.resumes > MAX_RESUMES) throw new NoProgressError(resource.name, partition.resumes);
    const walked = await walk(leased);
    if (walked === 'done') return 'done';
    await leased.release(0, false);
    await continueLater(leased, 0);
    return 'left';
  } catch (error) {
    if (error instanceof LeaseLostError) return 'left';
    await handleFailure(error, leased);
    return 'left';
  }
}

function walk(leased: LeasedPartition): Promise<WalkOutcome> {
  switch (leased.current.work.kind) {
    case 'list':
    case 'newest-first':
      return walkList(leased);
    case 'children':
      return walkChildren(leased);
    case 're-read':
      return reRead(leased);
    case 'reconcile':
      return leased.resource.parent === undefined ? reconcile(leased) : deleteOrphans(leased);
  }
}

/** The one place where a failure is turned into what becomes of a run. */
async function handleFailure(error: unknown, leased: LeasedPartition): Promise<void> {
  const { resource, scope, ports } = leased;
  const { runId, id } = leased.current;
  const disposition = dispositionOf(error);
  ports.log.warn('partition interrupted', { runId, partitionId: id, disposition, ...reportFailure(error) });
  switch (disposition) {
    case 'wait':
      return postpone(leased, waitOf(error), false);
    case 'consent':
      // No message: the tick takes it up again, and costs no call to Autodesk as long as nobody has signed in.
      await giveBack(leased, 0, false);
      // A pause is no failure: what failed before it must not count until it ends.
      await ports.runs.update(resource.name, scope, (current) => afterProgress(current, runId));
      return;
    case 'fail':
    case 'park':
      if (!(await giveBack(leased, 0, false))) return;
      return endRun(resource.name, scope, runId, { status: 'failed', error }, ports);
    case 'retry':
      await postpone(leased, backoffMs(leased.current.failures, ports), true);
      await noteStall(error, leased);
      if (!(error instanceof SyncError)) throw error;
  }
}

async function noteStall(error: unknown, leased: LeasedPartition): Promise<void> {
  const { resource, scope, ports } = leased;
  const { runId } = leased.current;
  const report = reportFailure(error);
  const now = ports.clock.now();
  const after = await ports.runs.update(resource.name, scope, (current) =>
    afterStall(current, runId, report, isoTime(now)),
  );
  const since = after.activeRun?.id === runId ? after.activeRun.stalled?.since : undefined;
  if (since !== undefined && now - Date.parse(since) > STALLED_FOR_MS) {
    const failure = new StalledTooLongError(report);
    await endRun(resource.name, scope, runId, { status: 'failed', error: failure }, ports);
  }
}

async function postpone(leased: LeasedPartition, waitMs: number, failed: boolean): Promise<void> {
  const { ports } = leased;
  if (!(await giveBack(leased, ports.clock.now() + waitMs, failed))) return;
  await continueLater(leased, waitMs);
}

/** Answers false when the partition belongs to another worker by now, who goes on with it. */
async function giveBack(leased: LeasedPartition, notBeforeMs: number, failed: boolean): Promise<boolean> {
  try {
    await leased.release(notBeforeMs, failed);
    return true;
  } catch (error) {
    if (error instanceof LeaseLostError) return false;
    throw error;
  }
}

async function continueLater(leased: LeasedPartition, waitMs: number): Promise<void> {
  const { resource, scope, ports } = leased;
  const { runId, id: partitionId } = leased.current;
  const delaySeconds = Math.min(Math.ceil(waitMs / 1_000), MAX_DELAY_SECONDS);
  await ports.fetchQueue.send(
    { kind: 'run', resource: resource.name, scope, runId, partitionId },
    delaySeconds,
  );
}

function backoffMs(failures: number, { randomness }: SyncPorts): number {
  const ceiling = Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10), MAX_BACKOFF_MS);
  return Math.round(ceiling * (0.5 + randomness.fraction() / 2));
}

function waitOf(error: unknown): number {
  return error instanceof RateLimitedError ? error.retryAfterMs : FIRST_BACKOFF_MS;
}
