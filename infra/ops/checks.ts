import { ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import type { AutodeskClient } from '../../shared/autodesk/client.ts';
import { reportFailure } from '../../shared/errors.ts';
import { findResource } from '../../shared/resources/registry.ts';
import { createSecretReader } from '../../shared/secrets.ts';
import { enabledLists } from '../../shared/sync/tick.ts';
import { readAuthorization } from './authorization.ts';
import { autodeskClientOf, readAutodeskSettings } from './autodesk-access.ts';
import { CommandFailedError } from './command.ts';
import { readQueueStatus } from './queue-status.ts';
import { storesOf } from './stores.ts';
import type { Workplace } from './workplace.ts';

/** What came of one check. `skipped`: it could not be made because an earlier one failed, or means nothing here. */
export interface CheckResult {
  check: string;
  outcome: 'pass' | 'fail' | 'skipped';
  /** What was found. */
  finding: string;
  /** What to do, where it failed. */
  remedy?: string;
}

/** A check answers what it found, or throws what is wrong. */
type Check = () => Promise<string>;

/** How long the callback endpoint may take to answer. */
const ENDPOINT_TIMEOUT_MS = 10_000;

/** Checks the whole set-up, one thing after the other. Reads only; a few calls to Autodesk. */
export async function runChecks(workplace: Workplace): Promise<CheckResult[]> {
  const results = [
    await run('configuration', () => checkConfiguration(workplace)),
    await run('connection', () => checkConnection(workplace)),
  ];
  const client = await autodeskOf(workplace);
  results.push(...('outcome' in client ? [client] : await checkAutodesk(client, workplace)));
  results.push(await checkEndpoint(workplace), await run('dead letters', () => checkDeadLetters(workplace)));
  if (workplace.where.kind === 'aws') {
    const { where } = workplace;
    results.push(
      await run('email', () => checkEmail(workplace)),
      await run('slack', async () => {
        const { clock } = storesOf(workplace);
        const text = await createSecretReader(where.secretsManager, clock).read(where.outputs.SlackSecretArn);
        return text === undefined ? 'no address: alerts go by email only' : 'an address is stored';
      }),
    );
  }
  return results;
}

async function run(check: string, work: Check): Promise<CheckResult> {
  try {
    return { check, outcome: 'pass', finding: await work() };
  } catch (error) {
    const { message, remedy } = reportFailure(error);
    return { check, outcome: 'fail', finding: message, remedy };
  }
}

/** The client, or why there is none. */
async function autodeskOf(workplace: Workplace): Promise<AutodeskClient | CheckResult> {
  try {
    return autodeskClientOf(workplace, await readAutodeskSettings(workplace));
  } catch (error) {
    const { message, remedy } = reportFailure(error);
    const outcome = error instanceof CommandFailedError ? 'skipped' : 'fail';
    return { check: 'autodesk', outcome, finding: message, remedy };
  }
}

async function checkConfiguration({ accountIds, enabledResources }: Workplace): Promise<string> {
  const needsAccount = enabledResources.filter((name) => findResource(name)?.scope === 'account');
  if (needsAccount.length > 0 && accountIds.length === 0) {
    throw new CommandFailedError(
      `No account id is set, so ${needsAccount.join(' and ')} cannot be mirrored.`,
      'Set the account ids (AUTODESK_ACCOUNT_IDS, or accountIds of the stage in cdk.json), or switch these resources off.',
    );
  }
  return `${enabledResources.length} resources, ${accountIds.length} accounts`;
}

async function checkConnection(workplace: Workplace): Promise<string> {
  const { state, expiresAt, reason } = await readAuthorization(workplace);
  if (state === 'connected') {
    return expiresAt === undefined ? 'connected' : `connected; lapses on ${expiresAt} unless renewed`;
  }
  throw new CommandFailedError(reason ?? state, 'Run `npm run ops -- authorize`.');
}

async function checkAutodesk(client: AutodeskClient, workplace: Workplace): Promise<CheckResult[]> {
  const user = await run('users/me', async () => `signed in as ${(await client.signedInUser()).id}`);
  const results = [user];
  const { enabledResources, accountIds } = workplace;
  for (const { resource: name, scope } of enabledLists({ resources: enabledResources, accountIds })) {
    const check = `${name} (${scope})`;
    const resource = findResource(name);
    if (!resource) continue;
    if (user.outcome !== 'pass') {
      results.push({ check, outcome: 'skipped', finding: 'nobody is signed in' });
      continue;
    }
    results.push(
      await run(check, async () => {
        const { records } = await client.list({ resource, scope, limit: 1 });
        return records.length === 0 ? 'readable, empty' : 'readable';
      }),
    );
  }
  return results;
}

async function checkEndpoint({ callbackTokens, callbackUrlBase }: Workplace): Promise<CheckResult> {
  const check = 'callback endpoint';
  if (callbackUrlBase === undefined) {
    return { check, outcome: 'skipped', finding: 'listens only while `npm start` runs' };
  }
  return run(check, async () => {
    const secret = await callbackTokens.read();
    if (secret === undefined) {
      throw new CommandFailedError('There is no callback secret.', 'Run `npm run ops -- callback-url`.');
    }
    return probeEndpoint(`${callbackUrlBase}${secret.current}`);
  });
}

/** A GET with the right token is refused with 405 by the function itself, and changes nothing. */
async function probeEndpoint(url: string): Promise<string> {
  const { status } = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(ENDPOINT_TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new CommandFailedError(
      'The endpoint does not answer.',
      'Check that it is deployed and reachable from here.',
      { cause },
    );
  });
  if (status === 405) return 'answers, and knows its secret';
  throw new CommandFailedError(
    `The endpoint answers ${status} to its own secret.`,
    'After a rotation it takes up to a minute; if it lasts, look at the logs of the intake.',
  );
}

async function checkDeadLetters({ sqs, queues }: Workplace): Promise<string> {
  const { fetch: fetchQueue, alert } = await readQueueStatus(sqs, queues);
  if (fetchQueue.deadLetters + alert.deadLetters === 0) return 'none';
  throw new CommandFailedError(
    `${fetchQueue.deadLetters} of the fetch queue, ${alert.deadLetters} of the alert queue.`,
    'Find out why (docs/runbook.md), then `npm run ops -- redrive`.',
  );
}

async function checkEmail({ sns, alertsTopicArn }: Workplace): Promise<string> {
  const pending: string[] = [];
  let confirmed = 0;
  let next: string | undefined;
  do {
    const page = await sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: alertsTopicArn, NextToken: next }),
    );
    for (const { SubscriptionArn, Endpoint = '' } of page.Subscriptions ?? []) {
      if (SubscriptionArn === 'PendingConfirmation') pending.push(Endpoint);
      else confirmed += 1;
    }
    next = page.NextToken;
  } while (next !== undefined);
  if (pending.length === 0) return confirmed === 0 ? 'no addresses' : `${confirmed} addresses`;
  throw new CommandFailedError(
    `Not confirmed yet: ${pending.join(', ')}.`,
    'Their owners follow the link in the mail "AWS Notification - Subscription Confirmation".',
  );
}
