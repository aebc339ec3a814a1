import { Usage } from '../observability/usage.ts';
import { createSqsAlertQueue, createSqsFetchQueue } from '../queue/sqs-queues.ts';
import { settingsFor } from '../sync/state/sync-ports.ts';
import type { Basics, QueueAccess, StateAccess } from './given.ts';
import { syncStores } from './stores.ts';

export interface SyncOptions extends Basics, StateAccess, QueueAccess {
  /** Fetch messages that are worked on at a time. */
  workers: number;
}

/** The state table, the queues and the settings of the sync. What the stores use is counted in `usage`. */
export function syncPorts(options: SyncOptions, usage = new Usage()) {
  const { sqs, queues, workers, clock, randomness, log, metrics } = options;
  return {
    ...syncStores(options, usage),
    fetchQueue: createSqsFetchQueue(sqs, queues.fetch),
    alertQueue: createSqsAlertQueue(sqs, queues.alert, randomness),
    settings: settingsFor(workers),
    clock,
    randomness,
    log,
    metrics,
  };
}
