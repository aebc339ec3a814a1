import { ManagementClient } from '../../shared/autodesk/client/management-client.ts';
import { WebhooksClient } from '../../shared/autodesk/client/webhooks-client.ts';
import { systemClock } from '../../shared/clock.ts';
import { autodeskHttp } from '../../shared/composition/autodesk.ts';
import { managementConnection, managementInFolder } from '../../shared/composition/management.ts';
import { silentLog } from '../../shared/observability/log.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { planHooks, setUpHooks } from '../../shared/webhooks/set-up-hooks.ts';
import { WEBHOOK_SYSTEM, wantedEvents } from '../../shared/webhooks/webhook-event.ts';
import { createFileWebhookSecret } from '../../shared/webhooks/webhook-signature.ts';
import { managementFolder } from './data/data-folder.ts';
import type { OpenMirror } from './open-mirror.ts';

/**
 * Sets up webhooks at the sandbox as `ops webhooks create` does, so that whoever tries it out sees events arrive.
 * Answers the events; none where there is no sandbox or nothing listens.
 */
export async function setUpSandboxWebhooks({
  sandbox,
  settings,
  stack,
  mirror,
}: OpenMirror): Promise<string[]> {
  const events = wantedEvents(settings.enabledResources);
  if (sandbox === undefined || stack.endpoint === undefined || events.length === 0) return [];
  const basics = { clock: systemClock, randomness: systemRandomness, log: silentLog };
  const http = autodeskHttp({ origin: settings.autodeskOrigin, mode: settings.mode });
  const tokens = managementConnection({
    ...basics,
    signIn: managementInFolder(managementFolder(stack.folder)),
    http,
    credentials: async () => settings.credentials,
  });
  const region = 'US';
  const webhooks = new WebhooksClient(
    new ManagementClient({ ...basics, http, tokens }),
    WEBHOOK_SYSTEM,
    region,
  );
  const callbackUrl = new URL('/webhooks/autodesk', stack.endpoint).href;
  const wanted = { events, callbackUrl, stage: 'sandbox' };
  await setUpHooks(
    planHooks(await webhooks.list(), wanted),
    { ...wanted, region, companyId: String(sandbox.user.companyId), rotate: false },
    {
      ...basics,
      webhooks,
      secret: createFileWebhookSecret(stack.folder),
      health: mirror.hookHealth,
      // A start reads every list anyway.
      readAgain: async () => {},
    },
  );
  return events;
}
