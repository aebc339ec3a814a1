import { incidentSummaries } from '../../../../shared/alerts/operator.ts';
import { readQueueStatus } from '../../../status/queue-status.ts';
import type { StatusPorts } from '../../../status/status.ts';
import { readAuthorization } from '../../workplace/authorization.ts';
import { storesOf } from '../../workplace/stores.ts';
import type { Workplace } from '../../workplace/workplace.ts';

/** What `status` reads, at a workplace. */
export function statusPorts(workplace: Workplace): StatusPorts {
  const { runs, incidents, clock } = storesOf(workplace);
  return {
    accountIds: workplace.accountIds,
    enabledResources: workplace.enabledResources,
    runs,
    async incidents() {
      const summaries = await incidentSummaries(incidents, clock.now());
      return summaries.map((summary) => ({ ...summary, resolvedAt: summary.resolvedAt ?? null }));
    },
    queues: () => readQueueStatus(workplace.sqs, workplace.queues),
    authorization: () => readAuthorization(workplace),
  };
}
