import type { CallbackStore } from '../../shared/callbacks/callback.ts';
import { resumeCallbacks } from '../../shared/callbacks/confirm-callbacks.ts';
import { type Clock, isoTime } from '../../shared/clock.ts';
import { ConfigurationError } from '../../shared/errors.ts';
import type { AlertQueue, FetchQueue, ScheduleEvent } from '../../shared/queue/messages.ts';
import type { RunRequest } from '../../shared/sync/runs/request-run.ts';
import { enabledLists, listsToAsk } from '../../shared/sync/runs/resume-stalled.ts';
import type { PendingRun } from '../../shared/sync/state/run.ts';

export interface SchedulePorts {
  accountIds: readonly string[];
  enabledResources: readonly string[];
  /** Starts a run, or merges the request into the one that is to follow the active run. */
  requestRun(request: RunRequest): Promise<unknown>;
  /** Takes up runs that nobody works on. */
  resumeRuns(): Promise<unknown>;
  /** Takes up landings that nobody works on. */
  resumeLandings(): Promise<unknown>;
  callbacks: CallbackStore;
  fetchQueue: FetchQueue;
  alertQueue: AlertQueue;
  clock: Clock;
}

/** Does what a schedule asks for. Throws when any part of it failed, after having tried every part. */
export async function serveSchedule(event: ScheduleEvent, ports: SchedulePorts): Promise<void> {
  switch (event.trigger) {
    case 'tick':
      return tryAll([
        () => ports.resumeRuns(),
        () => resumeCallbacks(ports.accountIds, ports),
        () => ports.resumeLandings(),
        () => ports.alertQueue.send({ kind: 'evaluate' }),
      ]);
    case 'keep-alive':
      return ports.fetchQueue.send({ kind: 'keep-alive' });
    case 'purge':
      return ports.fetchQueue.send({ kind: 'purge' });
    case 'sync': {
      const { mode, since, unfiltered } = event;
      const wanted: PendingRun = {
        mode,
        ...(since && { since: isoTime(Date.parse(since)) }),
        ...(unfiltered && { unfiltered }),
      };
      const { accountIds } = ports;
      const lists =
        event.resources === undefined
          ? listsToAsk({ resources: ports.enabledResources, accountIds }, mode)
          : enabledLists({ resources: wantedResources(event.resources, ports), accountIds });
      return tryAll(lists.map((list) => () => ports.requestRun({ ...wanted, ...list })));
    }
  }
}

function wantedResources(asked: readonly string[], { enabledResources }: SchedulePorts): readonly string[] {
  const unknown = asked.filter((name) => !enabledResources.includes(name));
  if (unknown.length === 0) return asked;
  throw new ConfigurationError(unknown.map((name) => `resources: ${name} is not an enabled resource`));
}

/** One part that fails must not keep the others from being done. */
async function tryAll(parts: readonly (() => Promise<unknown>)[]): Promise<void> {
  const outcomes = await Promise.allSettled(parts.map((part) => part()));
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (reasons.length === 1) throw reasons[0];
  if (reasons.length > 1) {
    throw new AggregateError(reasons, `${reasons.length} of ${parts.length} parts of the schedule failed.`);
  }
}
