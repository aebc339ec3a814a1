import { type Region, WebhooksClient } from '../autodesk/client/webhooks-client.ts';
import type { Usage } from '../observability/usage.ts';
import { createSqsParking } from '../queue/sqs-queues.ts';
import { WEBHOOK_SYSTEM } from '../webhooks/webhook-event.ts';
import type { connectAutodesk } from './autodesk.ts';
import { type Landing, landingPorts } from './extracts.ts';
import type { RecordsAccess } from './given.ts';
import { hookHealthItem, landingStore, recordStores, syncStores } from './stores.ts';
import { type SyncOptions, syncPorts } from './sync.ts';

export interface WorkerOptions extends SyncOptions, RecordsAccess {
  tables: { records: string; state: string };
  queues: { fetch: string; urgent: string; alert: string; fetchDeadLetters: string };
  autodesk: ReturnType<typeof connectAutodesk>;
  purgeDeletedAfterDays: number;
  historyDays: number;
  /** Undefined while the files of jobs are not landed. */
  landing: Landing | undefined;
}

/** What the worker function needs. */
export function workerPorts(options: WorkerOptions) {
  const { sqs, queues, lists, autodesk, landing, clock, log, metrics } = options;
  return {
    syncPortsFor: (usage: Usage, timeLeftMs: () => number) => ({
      ...syncPorts(options, usage),
      records: recordStores(options, usage).records,
      api: autodesk.clientFor(usage),
      usage,
      timeLeftMs,
    }),
    callbacksFor: (usage: Usage) => syncStores(options, usage).callbacks,
    hookHealth: hookHealthItem(options),
    webhooks: {
      async managed(region: Region) {
        const manager = await autodesk.signedInManager();
        return manager && new WebhooksClient(manager, WEBHOOK_SYSTEM, region);
      },
      own: (region: Region) => new WebhooksClient(autodesk.management, WEBHOOK_SYSTEM, region),
    },
    landingsFor: (usage: Usage) => landingStore(options, usage),
    extractsFor: (usage: Usage, timeLeftMs: () => number) =>
      landing && landingPorts(options, landing, usage, timeLeftMs),
    keepAlive: () => autodesk.connection.keepAlive(),
    lists,
    purgeDeletedAfterDays: options.purgeDeletedAfterDays,
    historyDays: options.historyDays,
    parking: createSqsParking(sqs, queues.fetchDeadLetters, clock),
    log,
    metrics,
  };
}
