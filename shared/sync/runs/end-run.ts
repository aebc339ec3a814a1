import { isoTime } from '../../clock.ts';
import { type FailureReport, reportFailure } from '../../errors.ts';
import { childrenOf } from '../../resources/registry.ts';
import type { Scope } from '../../resources/resource.ts';
import { readSince } from '../partitions/plan.ts';
import { addTotals, noTotals } from '../state/partition.ts';
import type { FinishedRun, RunMode } from '../state/run.ts';
import { afterEnd } from '../state/run-transitions.ts';
import type { RunPorts } from '../state/sync-ports.ts';
import { makeRun, requestRun, sendRun } from './request-run.ts';

type Ending = { status: 'complete' } | { status: 'failed'; error: unknown };

/**
 * Ends the active run: one update stores its report, moves the watermark if it is complete, and starts the pending
 * run. Does nothing when the run is not active any more, so it may be called by several workers at once.
 */
export async function endRun(
  resource: string,
  scope: Scope,
  runId: string,
  ending: Ending,
  ports: RunPorts,
): Promise<void> {
  const before = await ports.runs.read(resource, scope);
  const run = before.activeRun;
  if (run?.id !== runId) return;
  const partitions = await ports.partitions.ofRun(runId);
  const finished: FinishedRun = {
    id: runId,
    mode: run.mode,
    status: ending.status,
    startedAt: run.startedAt,
    finishedAt: isoTime(ports.clock.now()),
    totals: partitions.map((partition) => partition.totals).reduce(addTotals, noTotals()),
    ...(ending.status === 'failed' && { error: reportFailure(ending.error) }),
  };
  // First: a process that dies in between leaves it to whoever ends the run then.
  await ports.runs.keepEnded(resource, scope, finished);
  const next = makeRun(ports);
  let endedHere = false;
  const after = await ports.runs.update(resource, scope, (state) => {
    const ended = afterEnd(state, finished, readSince(run, partitions), next);
    endedHere = ended !== undefined;
    return ended;
  });
  if (after.lastRun?.id !== runId) return;
  // Another worker has ended it, perhaps otherwise: the ledger says what the state says.
  if (!endedHere) await ports.runs.keepEnded(resource, scope, after.lastRun);
  if (endedHere && ending.status === 'complete') await requestChildren(resource, scope, run.mode, ports);
  announce(resource, finished, ports);
  await ports.alertQueue.send({ kind: 'evaluate' });
  await sendRun(after, ports);
  const origins = partitions.map((partition) => partition.origin);
  await forgetRuns(runsOfNoUse(before.lastRun?.id, runId, origins, ending.status), ports);
}

/** The index that the parents are found in lags behind by moments. */
const CHILDREN_AFTER_SECONDS = 5;

/**
 * A list with parents follows their runs. Should the process die before it was asked for, the next run of the parents
 * makes up for it: their children are read from where the last complete run of them has come to.
 */
async function requestChildren(parent: string, scope: Scope, mode: RunMode, ports: RunPorts): Promise<void> {
  for (const { name } of childrenOf(parent)) {
    if (ports.settings.enabledResources.includes(name)) {
      await requestRun({ resource: name, scope, mode }, ports, CHILDREN_AFTER_SECONDS);
    }
  }
}

/** Runs whose partitions nobody will ask for again: a run that failed may be taken over with all it took over. */
function runsOfNoUse(
  lastRunId: string | undefined,
  runId: string,
  origins: readonly string[],
  status: Ending['status'],
): string[] {
  const old = new Set([...(lastRunId === undefined ? [] : [lastRunId]), ...origins]);
  old.delete(runId);
  return [...old].filter((id) => status === 'complete' || !origins.includes(id));
}

/** Should this not be reached, AWS sweeps them away in time. */
async function forgetRuns(runIds: readonly string[], { partitions }: RunPorts): Promise<void> {
  for (const runId of runIds) await partitions.forget(runId);
}

function announce(resource: string, run: FinishedRun, { log, metrics }: RunPorts): void {
  const { counts } = run.totals;
  const dimensions = { resource };
  metrics.add('RecordsFetched', counts.fetched, dimensions);
  metrics.add('RecordsWritten', counts.created + counts.updated + counts.deleted, dimensions);
  metrics.add('RecordsQuarantined', counts.quarantined, dimensions);
  metrics.add(run.status === 'complete' ? 'RunsCompleted' : 'RunsFailed', 1, dimensions);
  const error: FailureReport | undefined = run.error;
  const fields = { resource, runId: run.id, mode: run.mode, counts, ...(error && { code: error.code }) };
  if (run.status === 'complete') log.info('run complete', fields);
  else log.error('run failed', fields);
}
