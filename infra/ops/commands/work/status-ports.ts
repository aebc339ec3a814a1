import { incidentSummaries } from '../../../../shared/alerts/operator.ts';
import { readQueueStatus } from '../../../status/queue-status.ts';
import type { StatusPorts } from '../../../status/status.ts';
import { readAuthorization } from '../../targets/authorization.ts';
import { storesOf } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';

/** What `status` reads, at a target. */
export function statusPorts(target: Target): StatusPorts {
  const { runs, incidents, clock } = storesOf(target);
  return {
    accountIds: target.accountIds,
    enabledResources: target.enabledResources,
    runs,
    async incidents() {
      const summaries = await incidentSummaries(incidents, clock.now());
      return summaries.map((summary) => ({ ...summary, resolvedAt: summary.resolvedAt ?? null }));
    },
    queues: () => readQueueStatus(target.sqs, target.queues),
    authorization: () => readAuthorization(target),
  };
}
