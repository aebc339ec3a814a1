import { createTokenCheck } from '../callbacks/callback-tokens.ts';
import { resumeLandings } from '../extracts/landing/request-landing.ts';
import type { SecretStore } from '../rotation/rotating-secret.ts';
import { type RunRequest, requestRun } from '../sync/runs/request-run.ts';
import { resumeStalled } from '../sync/runs/resume-stalled.ts';
import { createSignatureCheck } from '../webhooks/webhook-signature.ts';
import { deliveryLog, landingStore } from './stores.ts';
import { type SyncOptions, syncPorts } from './sync.ts';

/** What the intake function needs. */
export function intakePorts(
  options: SyncOptions & { callbackTokens: SecretStore; webhookSecret: Pick<SecretStore, 'read'> },
) {
  const { lists, callbackTokens, webhookSecret, clock } = options;
  const ports = syncPorts(options);
  return {
    ...ports,
    accountIds: lists.accountIds,
    enabledResources: lists.resources,
    deliveries: deliveryLog(options),
    isSignedEvent: createSignatureCheck(webhookSecret, clock),
    isCallbackToken: createTokenCheck(callbackTokens, clock),
    requestRun: (request: RunRequest) => requestRun(request, ports),
    resumeLandings: () => resumeLandings(lists.accountIds, { ...ports, landings: landingStore(options) }),
    resumeRuns: () => resumeStalled(lists, ports),
  };
}
