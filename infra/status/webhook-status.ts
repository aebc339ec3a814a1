import type { StateItem } from '../../shared/dynamodb/state-item.ts';
import type { DeliveryLog } from '../../shared/webhooks/delivery-log.ts';
import type { HookHealth } from '../../shared/webhooks/hook-health.ts';
import type { Status } from './status.ts';

/** How the webhooks are, as far as it is stored; Autodesk is not asked. */
export async function readWebhookStatus(
  health: Pick<StateItem<HookHealth>, 'read'>,
  deliveries: Pick<DeliveryLog, 'summary'>,
  nowMs: number,
): Promise<Status['webhooks']> {
  const {
    setUp,
    hooks,
    lookedAt = null,
    refused = null,
    managementRefused = null,
  } = (await health.read()).value;
  if (setUp === null) return null;
  const { takenLastDay, lastAt = null } = await deliveries.summary(nowMs);
  return {
    callbackUrl: setUp.callbackUrl,
    hooks: hooks.map(({ event, status }) => ({ event, status })),
    lookedAt,
    refused,
    managementRefused,
    eventsLastDay: takenLastDay,
    lastEventAt: lastAt,
  };
}
