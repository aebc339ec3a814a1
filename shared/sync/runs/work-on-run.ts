import { RateLimitedError } from '../../autodesk/http/errors.ts';
import { isoTime } from '../../clock.ts';
import { dispositionOf, reportFailure, SyncError } from '../../errors.ts';
import type { RunMessage } from '../../queue/messages.ts';
import { reRead } from '../deletions/re-read.ts';
import { reconcile } from '../deletions/reconcile.ts';
import { OwnedPartition } from '../partitions/leased-partition.ts';
import { walkList } from '../reading/walk-list.ts';
import { LeaseLostError, NoProgressError, StalledTooLongError } from '../state/errors.ts';
import { isLeased, isTakeable } from '../state/lease.ts';
import { PAGE_TIME_MS, type WalkOutcome } from '../state/page-limits.ts';
import type { Partition } from '../state/partition.ts';
import type { ActiveRun, ScopeState } from '../state/run.ts';
import { afterProgress, afterStall } from '../state/run-transitions.ts';
import type { Engine } from '../state/sync-ports.ts';
import { advanceRun, resourceOf } from './advance-run.ts';
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
export async function workOnRun(message: RunMessage, engine: Engine): Promise<void> {
  const owner = engine.randomness.hex(8);
  let preferred = message.partitionId;
  for (;;) {
    const state = await engine.runs.read(message.resource, message.scope);
    if (state.activeRun?.id !== message.runId) return;
    const open = await advanceRun(state, engine);
    if (open.length === 0) continue;
    const partition = await acquireOne(open, preferred, owner, engine);
    if (partition === undefined) return;
    preferred = undefined;
    const outcome = await workOnPartition(partition, state, engine);
    if (outcome === 'done') {
      if (engine.timeLeftMs() > PAGE_TIME_MS) continue;
      await engine.fetchQueue.send(message);
    }
    return;
  }
}

async function acquireOne(
  open: readonly Partition[],
  preferred: string | undefined,
  owner: string,
  engine: Engine,
): Promise<Partition | undefined> {
  const nowMs = engine.clock.now();
  const working = open.filter((partition) => isLeased(partition, nowMs)).length;
  if (working >= engine.settings.maxPartitionsInFlight) return undefined;
  const takeable = open.filter((partition) => isTakeable(partition, nowMs));
  const first = takeable.filter(({ id }) => id === preferred);
  for (const { runId, id } of [...first, ...takeable.filter(({ id }) => id !== preferred)]) {
    const partition = await engine.partitions.acquire(runId, id, owner, nowMs);
    if (partition !== undefined) return partition;
  }
  return undefined;
}

/** `done`: look for more. `left`: somebody or something else goes on with it. */
type Outcome = 'done' | 'left';

async function workOnPartition(partition: Partition, state: ScopeState, engine: Engine): Promise<Outcome> {
  const { resource, scope, activeRun: run } = state;
  if (run === undefined) return 'left';
  const owned = new OwnedPartition(partition, resource, scope, engine);
  try {
    if (partition.resumes > MAX_RESUMES) throw new NoProgressError(resource, partition.resumes);
    const walked = await walk(owned, state, run, engine);
    if (walked === 'done') return 'done';
    await owned.release(0, false);
    await continueLater(owned, state, 0, engine);
    return 'left';
  } catch (error) {
    if (error instanceof LeaseLostError) return 'left';
    await handleFailure(error, owned, state, engine);
    return 'left';
  }
}

function walk(
  owned: OwnedPartition,
  state: ScopeState,
  run: ActiveRun,
  engine: Engine,
): Promise<WalkOutcome> {
  const resource = resourceOf(state.resource);
  switch (owned.current.work.kind) {
    case 'list':
    case 'newest-first':
      return walkList(owned, resource, state.scope, run, engine);
    case 're-read':
      return reRead(owned, resource, state.scope, engine);
    case 'reconcile':
      return reconcile(owned, resource, state.scope, run, engine);
  }
}

/** The one place where a failure is turned into what becomes of a run. */
async function handleFailure(
  error: unknown,
  owned: OwnedPartition,
  state: ScopeState,
  engine: Engine,
): Promise<void> {
  const { runId, id } = owned.current;
  const disposition = dispositionOf(error);
  engine.log.warn('partition interrupted', { runId, partitionId: id, disposition, ...reportFailure(error) });
  switch (disposition) {
    case 'wait':
      return postpone(owned, state, waitOf(error), false, engine);
    case 'consent':
      // No message: the tick takes it up again, and costs no call to Autodesk as long as nobody has signed in.
      await giveBack(owned, 0, false);
      // A pause is no failure: what failed before it must not count until it ends.
      await engine.runs.update(state.resource, state.scope, (current) => afterProgress(current, runId));
      return;
    case 'fail':
    case 'park':
      if (!(await giveBack(owned, 0, false))) return;
      return endRun(state.resource, state.scope, runId, { status: 'failed', error }, engine);
    case 'retry':
      await postpone(owned, state, backoffMs(owned.current.failures, engine), true, engine);
      await noteStall(error, owned, state, engine);
      if (!(error instanceof SyncError)) throw error;
  }
}

async function noteStall(
  error: unknown,
  owned: OwnedPartition,
  state: ScopeState,
  engine: Engine,
): Promise<void> {
  const { runId } = owned.current;
  const report = reportFailure(error);
  const now = engine.clock.now();
  const after = await engine.runs.update(state.resource, state.scope, (current) =>
    afterStall(current, runId, report, isoTime(now)),
  );
  const since = after.activeRun?.id === runId ? after.activeRun.stalled?.since : undefined;
  if (since !== undefined && now - Date.parse(since) > STALLED_FOR_MS) {
    const failure = new StalledTooLongError(report);
    await endRun(state.resource, state.scope, runId, { status: 'failed', error: failure }, engine);
  }
}

async function postpone(
  owned: OwnedPartition,
  state: ScopeState,
  waitMs: number,
  failed: boolean,
  engine: Engine,
): Promise<void> {
  if (!(await giveBack(owned, engine.clock.now() + waitMs, failed))) return;
  await continueLater(owned, state, waitMs, engine);
}

/** Answers false when the partition belongs to another worker by now, who goes on with it. */
async function giveBack(owned: OwnedPartition, notBeforeMs: number, failed: boolean): Promise<boolean> {
  try {
    await owned.release(notBeforeMs, failed);
    return true;
  } catch (error) {
    if (error instanceof LeaseLostError) return false;
    throw error;
  }
}

async function continueLater(
  owned: OwnedPartition,
  state: ScopeState,
  waitMs: number,
  engine: Engine,
): Promise<void> {
  const { runId, id: partitionId } = owned.current;
  const delaySeconds = Math.min(Math.ceil(waitMs / 1_000), MAX_DELAY_SECONDS);
  await engine.fetchQueue.send(
    { kind: 'run', resource: state.resource, scope: state.scope, runId, partitionId },
    delaySeconds,
  );
}

function backoffMs(failures: number, { randomness }: Engine): number {
  const ceiling = Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10), MAX_BACKOFF_MS);
  return Math.round(ceiling * (0.5 + randomness.fraction() / 2));
}

function waitOf(error: unknown): number {
  return error instanceof RateLimitedError ? error.retryAfterMs : FIRST_BACKOFF_MS;
}
