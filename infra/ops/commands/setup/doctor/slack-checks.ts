import type { WebClient } from '@slack/web-api';
import { signatureOf } from '../../../../../shared/alerts/clicks/slack-signature.ts';
import { RULES } from '../../../../../shared/alerts/rules/rule.ts';
import { failureOf, hasCode } from '../../../../../shared/alerts/slack/slack-errors.ts';
import { createWebClient } from '../../../../../shared/alerts/slack/web-client.ts';
import { type SlackAccess, slackAccessOf } from '../../../targets/slack-access.ts';
import type { Target } from '../../../targets/target.ts';
import { CommandFailedError } from '../../../terminal/command-failed-error.ts';
import { type CheckResult, makeCheck, skipped } from './check.ts';
import { statusOf } from './status-of.ts';

const NEEDED_SCOPE = 'chat:write';
/** With it a message that was posted just before a crash is found again, instead of posted twice. */
const USEFUL_SCOPES = ['channels:history', 'channels:read'];

/** How Slack is told, as far as that can be seen without posting anything. */
export async function checkSlack(
  target: Target,
  refuseWhereRefused: () => Promise<void>,
): Promise<CheckResult[]> {
  const access = await slackAccessOf(target);
  const { settings } = access;
  if (settings?.kind !== 'app') {
    return [
      await makeCheck('slack', async () => {
        await refuseWhereRefused();
        return describeWebhook(settings?.webhookUrl);
      }),
    ];
  }
  const client = createWebClient({ ...settings, fetch });
  const token = await makeCheck('slack', async () => {
    await refuseWhereRefused();
    return describeToken(client);
  });
  if (token.outcome === 'fail') return [token, skipped('slack buttons', 'not checked because slack failed')];
  const addresses = new Set(RULES.map((rule) => access.rules[rule].slackChannel ?? settings.channel));
  const channels: CheckResult[] = [];
  for (const address of addresses) channels.push(await checkMembership(client, address));
  return [token, ...channels, await checkButtons(access)];
}

function describeWebhook(address: string | undefined): string {
  if (address === undefined) return 'no app and no URL: alerts go by email only';
  if (URL.parse(address) !== null) return 'URL is set; `npm run ops -- alerts-test` tests it';
  throw new CommandFailedError(
    'The Slack secret has neither a bot token with a channel nor a URL.',
    'Run `npm run ops -- configure`.',
  );
}

async function describeToken(client: WebClient): Promise<string> {
  try {
    const {
      user = 'the bot',
      team = 'the workspace',
      response_metadata: metadata,
    } = await client.auth.test();
    const { scopes } = metadata ?? {};
    if (scopes !== undefined && !scopes.includes(NEEDED_SCOPE)) {
      throw new CommandFailedError(
        `The bot token lacks the scope ${NEEDED_SCOPE}.`,
        'Add it under OAuth & Permissions, install the app again, then run `npm run ops -- configure`.',
      );
    }
    const missing = scopes === undefined ? [] : USEFUL_SCOPES.filter((scope) => !scopes.includes(scope));
    const without = missing.length === 0 ? '' : `; without ${missing.join(' and ')}, see docs/slack.md`;
    return `signed in as ${user} in ${team}${without}`;
  } catch (error) {
    if (error instanceof CommandFailedError) throw error;
    throw new CommandFailedError(
      reasonOf(error),
      'Copy the bot token from OAuth & Permissions of the Slack app, then run `npm run ops -- configure`.',
      { cause: error },
    );
  }
}

function checkMembership(client: WebClient, channel: string): Promise<CheckResult> {
  return makeCheck(`slack channel ${channel}`, async () => {
    const { isMember, name } = await lookAt(client, channel);
    if (isMember === undefined) {
      return 'cannot be seen without channels:read; `npm run ops -- alerts-test` tests it';
    }
    if (isMember) return `the bot is a member of #${name}`;
    throw new CommandFailedError(`The bot is not a member of #${name}.`, `Type /invite in #${name}.`);
  });
}

async function lookAt(client: WebClient, channel: string): Promise<{ isMember?: boolean; name: string }> {
  try {
    const { channel: found } = await client.conversations.info({ channel });
    return { isMember: found?.is_member === true, name: found?.name ?? channel };
  } catch (error) {
    if (hasCode(error, ['missing_scope'])) return { name: channel };
    throw new CommandFailedError(
      `${channel}: ${reasonOf(error)}.`,
      'Use the id of the channel (at the end of its details in Slack), and invite the bot with /invite.',
      { cause: error },
    );
  }
}

/** An unsigned request must be refused, a signed one taken: it means nothing, so that nothing changes. */
async function checkButtons({ signingSecret, actionsUrl }: SlackAccess): Promise<CheckResult> {
  const check = 'slack buttons';
  if (actionsUrl === undefined) return skipped(check, 'work only with `npm start`');
  return makeCheck(check, async () => {
    if (signingSecret === undefined) {
      throw new CommandFailedError(
        'The signing secret is not set, so buttons do nothing.',
        'Copy it from Basic Information of the Slack app, then run `npm run ops -- configure`.',
      );
    }
    const unsigned = await clickStatus(actionsUrl);
    if (unsigned !== 401) {
      throw new CommandFailedError(
        `The endpoint returns ${unsigned} for an unsigned request.`,
        'A secret that was just set takes up to two minutes; if it continues, check the logs of the function.',
      );
    }
    const signed = await clickStatus(actionsUrl, signingSecret);
    if (signed === 200) return 'the endpoint takes what is signed with its secret, and nothing else';
    throw new CommandFailedError(
      `The endpoint returns ${signed} for a signed request.`,
      'A secret that was just set takes up to two minutes; if it continues, check the clock of this machine.',
    );
  });
}

function clickStatus(url: string, secret?: string): Promise<number> {
  const body = new URLSearchParams({ payload: JSON.stringify({ type: 'doctor' }) }).toString();
  const timestamp = String(Math.floor(Date.now() / 1_000));
  return statusOf(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      ...(secret !== undefined && { 'x-slack-signature': signatureOf(timestamp, Buffer.from(body), secret) }),
    },
    body,
  });
}

function reasonOf(error: unknown): string {
  const failure = failureOf(error);
  return failure instanceof Error ? failure.message : String(failure);
}
