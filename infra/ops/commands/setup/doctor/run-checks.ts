import { reportFailure } from '../../../../../shared/errors.ts';
import { findResource } from '../../../../../shared/resources/registry.ts';
import { readQueueStatus } from '../../../../status/queue-status.ts';
import { type AutodeskSettings, readAutodeskSettings } from '../../../targets/autodesk-access.ts';
import type { Target } from '../../../targets/target.ts';
import { CommandFailedError } from '../../../terminal/command-failed-error.ts';
import { checkChannels } from './channel-checks.ts';
import { type CheckResult, makeCheck, skipped } from './check.ts';
import { checkAutodesk } from './connection-checks.ts';
import { checkEndpoint } from './endpoint-check.ts';
import { checkSecrets } from './secret-checks.ts';
import { checkWebhooks } from './webhook-check.ts';

/** Checks the whole set-up, one thing after the other. Changes nothing; a few calls to Autodesk. */
export async function runChecks(target: Target): Promise<CheckResult[]> {
  const settings = await settingsOf(target);
  return [
    settings.result,
    ...(await checkSecrets(target)),
    ...(settings.value
      ? await checkAutodesk(target, settings.value)
      : [skipped('autodesk', 'not checked without a configuration')]),
    await checkEndpoint(target),
    await checkWebhooks(target),
    await makeCheck('dead letters', () => checkDeadLetters(target)),
    ...(await checkChannels(target)),
  ];
}

async function settingsOf(target: Target): Promise<{ result: CheckResult; value?: AutodeskSettings }> {
  const check = 'configuration';
  try {
    const value = await readAutodeskSettings(target);
    return { result: await makeCheck(check, async () => describeLists(value)), value };
  } catch (error) {
    const { message, remedy } = reportFailure(error);
    return { result: { check, outcome: 'fail', finding: message, remedy } };
  }
}

function describeLists({ lists: { enabledResources, accountIds }, origin }: AutodeskSettings): string {
  const needsAccount = enabledResources.filter((name) => findResource(name)?.scope === 'account');
  if (needsAccount.length > 0 && accountIds.length === 0) {
    throw new CommandFailedError(
      `No account id is set, so ${needsAccount.join(' and ')} cannot be mirrored.`,
      'Set the account ids (AUTODESK_ACCOUNT_IDS, or accountIds of the stage in cdk.json), or turn these resources off.',
    );
  }
  return `${enabledResources.length} resources, ${accountIds.length} accounts, from ${origin}`;
}

async function checkDeadLetters({ sqs, queues }: Target): Promise<string> {
  const { fetch: fetchQueue, alert } = await readQueueStatus(sqs, queues);
  if (fetchQueue.deadLetters + alert.deadLetters === 0) return 'none';
  throw new CommandFailedError(
    `${fetchQueue.deadLetters} in the fetch queue, ${alert.deadLetters} in the alert queue.`,
    'See why with `npm run ops -- redrive --list`; once that is fixed, run `npm run ops -- redrive`.',
  );
}
