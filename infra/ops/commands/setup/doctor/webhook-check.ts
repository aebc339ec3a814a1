import { isInactive } from '../../../../../shared/webhooks/hook-health.ts';
import { managementSignInCommand } from '../../../targets/management-token.ts';
import { storesOf } from '../../../targets/stores.ts';
import type { Target } from '../../../targets/target.ts';
import { CommandFailedError } from '../../../terminal/command-failed-error.ts';
import { type CheckResult, makeCheck, skipped } from './check.ts';
import { statusOf } from './status-of.ts';

/** As far as it is stored, and whether the endpoint refuses what is not signed. A GET changes nothing. */
export async function checkWebhooks(target: Target): Promise<CheckResult> {
  const check = 'webhooks';
  const { setUp, hooks, refused, managementRefused } = (await storesOf(target).hookHealth.read()).value;
  if (setUp === null) return skipped(check, 'none are set up (`npm run ops -- webhooks create`)');
  return makeCheck(check, async () => {
    const signIn = managementRefused === undefined ? '' : `\`${managementSignInCommand(target)}\`, then `;
    const inactive = hooks.filter(isInactive).map(({ event }) => event);
    if (inactive.length > 0) {
      throw new CommandFailedError(
        `Autodesk has switched off ${inactive.join(', ')}.`,
        `Run ${signIn}\`npm run ops -- webhooks create\`. Scheduled syncs bring the data meanwhile.`,
      );
    }
    if (refused !== undefined) {
      throw new CommandFailedError(
        `They cannot be looked at: ${refused}`,
        'Check that the app has the Webhooks API selected at Autodesk.',
      );
    }
    if (managementRefused !== undefined) {
      throw new CommandFailedError(
        `Those that Autodesk switches off stay off: ${managementRefused}`,
        `Run ${signIn}\`npm run ops -- webhooks create\`.`,
      );
    }
    const { webhookUrl } = target;
    if (webhookUrl === undefined) return `${hooks.length} set up; the endpoint runs only with \`npm start\``;
    const status = await statusOf(webhookUrl);
    if (status === 405) return `${hooks.length} set up, and the endpoint answers`;
    throw new CommandFailedError(
      `The endpoint returns ${status} to a GET.`,
      'Check what sits in front of the intake: something else is responding.',
    );
  });
}
