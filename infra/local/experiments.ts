import { PAIRS_RESOURCE } from '../../shared/alerts/conditions/pairs.ts';
import type { Experiment } from '../console/app.ts';
import type { OpenMirror } from './open-mirror.ts';

const ERROR = 'The client file "A-101 Floor Plan.pdf" could not be copied: it is larger than 5 GB.';
const PAUSE_SECONDS = 60;

/** What a person can make happen in the sandbox, to see what the mirror makes of it; nothing without a sandbox. */
export function experimentsIn({
  sandbox,
  callbackUrl,
  running,
}: OpenMirror): ReadonlyMap<string, Experiment> {
  if (sandbox === undefined) return new Map();
  const { data, faults, authorization, accountIds, hooks } = sandbox;
  const experiments: Record<string, Experiment> = {
    'fail-transfer': {
      label: 'Fail a transfer',
      async run() {
        const pair = data.records(PAIRS_RESOURCE).find(({ fileStatus }) => fileStatus === 'SUCCESS');
        if (pair === undefined) return 'There is no transfer that has not failed.';
        data.change(PAIRS_RESOURCE, String(pair.id), { fileStatus: 'FAILED', fileSyncingError: ERROR });
        await running.trigger({ trigger: 'sync', mode: 'incremental', resources: [PAIRS_RESOURCE] });
        return 'A transfer has failed. Its alert comes with the sync that was just asked for.';
      },
    },
    'heal-transfers': {
      label: 'Heal all transfers',
      async run() {
        for (const { id, fileStatus } of data.records(PAIRS_RESOURCE)) {
          if (fileStatus !== 'FAILED') continue;
          data.change(PAIRS_RESOURCE, String(id), { fileStatus: 'SUCCESS', fileSyncingError: null });
        }
        await running.trigger({ trigger: 'sync', mode: 'incremental', resources: [PAIRS_RESOURCE] });
        return 'All transfers have healed.';
      },
    },
    'rate-limit': {
      label: `429 for ${PAUSE_SECONDS} seconds`,
      async run() {
        faults.add({
          on: /buildingconnected/,
          fault: { kind: 'rate-limited', retryAfterSeconds: PAUSE_SECONDS },
          times: 1,
        });
        return 'The next call is answered with 429, and every worker waits.';
      },
    },
    'revoke-sign-in': {
      label: 'Revoke the sign-in',
      async run() {
        authorization.revokeConsent();
        return 'The sign-in is revoked. To sign in again: npm run ops -- authorize';
      },
    },
    'switch-off-webhook': {
      label: 'Switch off a webhook',
      async run() {
        const hook = hooks.all().find(({ status }) => status !== 'inactive');
        if (hook === undefined) return 'There is no webhook that is on.';
        hooks.change(hook.hookId, { status: 'inactive' });
        await running.trigger({ trigger: 'keep-alive' });
        return `The webhook of ${hook.event} is off. The daily look, which was just asked for, switches it on again.`;
      },
    },
    'call-back': {
      label: 'Call back',
      async run() {
        const [job] = data.records('data-connector-jobs');
        if (job === undefined || callbackUrl === undefined) return 'There is nothing to call back about.';
        const { status } = await fetch(callbackUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            accountId: accountIds[0],
            requestId: job.requestId,
            jobId: job.id,
            state: 'complete',
            success: true,
          }),
        });
        return `Data Connector has called back about job ${String(job.id)}, and was answered with ${status}.`;
      },
    },
  };
  return new Map(Object.entries(experiments));
}
