import { Usage } from '../observability/usage.ts';
import { createSqsAlertQueue, createSqsFetchQueue } from '../queue/sqs-queues.ts';
import type { EnabledLists } from '../sync/runs/resume-stalled.ts';
import { settingsFor } from '../sync/state/sync-ports.ts';
import type { Basics, QueueAccess, StateAccess } from './given.ts';
import { syncStores } from './stores.ts';

export interface SyncOptions extends Basics, StateAccess, QueueAccess {
  /** Fetch messages that are worked on at a time. */
  workers: number;
  lists: EnabledLists;
}

/** The state table, the queues and the settings of the sync. What the stores use is counted in `usage`. */
export function syncPorts(options: SyncOptions, usage = new Usage()) {
  const { sqs, queues, workers, lists, clock, randomness, log, metrics } = options;
  return {
    ...syncStores(options, usage),
    fetchQueue: createSqsFetchQueue(sqs, queues),
    alertQueue: createSqsAlertQueue(sqs, queues.alert, randomness),
    settings: settingsFor(workers, lists.resources),
    clock,
    randomness,
    log,
    metrics,
  };
}
