import { systemClock } from '../../../shared/clock.ts';
import {
  alertStores,
  connectionLedger,
  deliveryLog,
  hookHealthItem,
  landingStore,
  rateWindows,
  recordStores,
} from '../../../shared/composition/stores.ts';
import { syncPorts } from '../../../shared/composition/sync.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { DEFAULT_WORKERS } from '../../../shared/sync/state/sync-ports.ts';
import type { Target } from './target.ts';

export const BASICS = {
  clock: systemClock,
  randomness: systemRandomness,
  log: silentLog,
  metrics: noMetrics,
};

/** The stores and queues of a target, as the functions see them. */
export type Stores = ReturnType<typeof storesOf>;

export function storesOf(target: Target) {
  const { enabledResources: resources, accountIds } = target;
  const given = { ...BASICS, ...target, workers: DEFAULT_WORKERS, lists: { resources, accountIds } };
  return {
    ...syncPorts(given),
    ...alertStores(given),
    ...recordStores(given),
    hookHealth: hookHealthItem(given),
    deliveries: deliveryLog(given),
    landings: landingStore(given),
    refreshLedger: connectionLedger(given),
    rateWindows: rateWindows(given),
  };
}
