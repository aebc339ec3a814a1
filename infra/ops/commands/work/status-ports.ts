import { readWaiting } from '../../../../shared/autodesk/connection/waiting.ts';
import { readJobLedger } from '../../../../shared/extracts/landing/job-ledger.ts';
import { readIncidents } from '../../../status/incident-status.ts';
import { readQueueStatus } from '../../../status/queue-status.ts';
import type { StatusPorts } from '../../../status/status.ts';
import { readWebhookStatus } from '../../../status/webhook-status.ts';
import { readAuthorization } from '../../targets/authorization.ts';
import { storesOf } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';

/** What `status` reads, at a target. */
export function statusPorts(target: Target): StatusPorts {
  const stores = storesOf(target);
  const { runs, incidents, namesOf, clock, refreshLedger: ledger, rateWindows: windows } = stores;
  return {
    accountIds: target.accountIds,
    enabledResources: target.enabledResources,
    runs,
    incidents: () => readIncidents(incidents, namesOf, clock.now()),
    queues: () => readQueueStatus(target.sqs, target.queues),
    webhooks: () => readWebhookStatus(stores.hookHealth, stores.deliveries, clock.now()),
    authorization: () => readAuthorization(target),
    waiting: () => readWaiting({ windows, ledger, vault: target.tokenVault, clock }),
    jobLedger: (accountId) => readJobLedger(accountId, stores),
  };
}
