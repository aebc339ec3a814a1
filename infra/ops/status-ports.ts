import { incidentSummaries } from '../../shared/alerts/operator.ts';
import { authorizationStatusOf } from '../../shared/autodesk/authorization-status.ts';
import { readQueueStatus } from './queue-status.ts';
import type { StatusPorts } from './status.ts';
import { storesOf } from './stores.ts';
import type { Workplace } from './workplace.ts';

/** What `status` reads, at a workplace. */
export function statusPorts(workplace: Workplace): StatusPorts {
  const { runs, incidents, clock, refreshLedger } = storesOf(workplace);
  return {
    accountIds: workplace.accountIds,
    enabledResources: workplace.enabledResources,
    runs,
    async incidents() {
      const summaries = await incidentSummaries(incidents, clock.now());
      return summaries.map((summary) => ({ ...summary, resolvedAt: summary.resolvedAt ?? null }));
    },
    queues: () => readQueueStatus(workplace.sqs, workplace.queues),
    async authorization() {
      const [token, ledger] = await Promise.all([workplace.tokenVault.read(), refreshLedger.read()]);
      return authorizationStatusOf(token, ledger.value, undefined, clock.now());
    },
  };
}
