import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SlackSandbox, startSlackSandbox } from '../../infra/sandbox/slack/slack-sandbox.ts';
import { SANDBOX_SLACK, type SlackMessage } from '../../infra/sandbox/slack/workspace.ts';
import { PAIRS } from '../support/alerts/told-after.ts';
import type { RunningCommand } from '../support/processes/run-command.ts';
import { type MirroredSandbox, mirrorSandbox } from './mirrored-sandbox.ts';

const SOUND = { fileStatus: 'SUCCESS', fileSyncingError: null, shouldRelinkGroup: false };
const SOON = { timeout: 60_000, interval: 100 };

let slack: SlackSandbox;
let mirror: MirroredSandbox;
let running: RunningCommand;
let pairId: string;

beforeAll(async () => {
  slack = await startSlackSandbox();
  mirror = await mirrorSandbox(
    { scale: { pairs: 8 } },
    {
      ENABLED_RESOURCES: PAIRS,
      SLACK_BOT_TOKEN: SANDBOX_SLACK.botToken,
      SLACK_CHANNEL: SANDBOX_SLACK.channel,
      SLACK_SIGNING_SECRET: SANDBOX_SLACK.signingSecret,
      SLACK_API_URL: slack.apiUrl,
    },
  );
  const { data } = mirror.sandbox;
  for (const { id } of data.records(PAIRS)) data.change(PAIRS, String(id), SOUND);
  pairId = String(data.records(PAIRS)[3]?.id);
  data.change(PAIRS, pairId, { fileStatus: 'FAILED', fileSyncingError: 'No space left.' });
  running = mirror.start('--port', '0');
});
afterAll(async () => {
  await mirror.close();
  await slack.close();
});

function theMessage(): SlackMessage {
  const [message, ...others] = slack.workspace.messages.filter(
    ({ thread_ts: thread, onlyFor }) => thread === undefined && onlyFor === undefined,
  );
  if (message === undefined || others.length > 0) throw new Error(`${others.length} messages more than one.`);
  return message;
}

const shown = () => JSON.stringify(theMessage().blocks);

/** As somebody does it on the page; answers what Slack was answered. */
async function click(action: string): Promise<void> {
  const { channel, ts } = theMessage();
  const [, value = ''] = new RegExp(`"value":"(${action} [^"]+)"`).exec(shown()) ?? [];
  const response = await fetch(`${slack.origin}/click`, {
    method: 'POST',
    body: new URLSearchParams({ channel, ts, actionId: action, blockId: 'b', value }),
    redirect: 'manual',
  });
  expect(response.headers.get('location')).toBe('/#latest');
}

describe('the Slack app of a live mirror', { timeout: 120_000 }, () => {
  it('shows a failed transfer with buttons, and who has acknowledged it within seconds of the click', async () => {
    await expect.poll(() => running.output.stdout, SOON).toContain('Callback URL');
    const [, origin] = /Callback URL[^:]*: (http:\/\/[^/]+)/.exec(running.output.stdout) ?? [];
    slack.workspace.requestUrl = `${origin}/slack/actions`;
    await expect.poll(() => slack.workspace.messages.length, SOON).toBe(1);
    expect(shown()).toContain('No space left.');

    await click('acknowledge');
    await expect.poll(shown, { timeout: 10_000, interval: 100 }).toContain('Acknowledged by');
    const { stdout } = await mirror.ops('incidents', '--json');
    expect(JSON.parse(stdout)).toMatchObject([
      { state: 'acknowledged', handled: { who: 'You', slackUserId: 'U0NEWCOMER' } },
    ]);

    await click('undo');
    await expect.poll(shown, { timeout: 10_000, interval: 100 }).toContain('Open again');
  });

  it('takes no click that Slack has not signed', async () => {
    const { requestUrl = '' } = slack.workspace;
    const statuses = [];
    for (const body of ['payload=%7B%7D', 'x'.repeat(1024 * 1024 + 1)]) {
      statuses.push((await fetch(requestUrl, { method: 'POST', body })).status);
    }
    expect(statuses).toEqual([401, 413]);
  });

  it('finds nothing wrong with itself, and prints the manifest of its app', async () => {
    const { stdout } = await mirror.ops('doctor', '--json');
    const checks: { check: string; outcome: string }[] = JSON.parse(stdout);
    expect(checks.filter(({ check }) => check.startsWith('slack'))).toMatchObject([
      { check: 'slack', outcome: 'pass' },
      { check: `slack channel ${SANDBOX_SLACK.channel}`, outcome: 'pass' },
      { check: 'slack buttons', outcome: 'pass' },
    ]);
    const manifest = await mirror.ops('slack-manifest', '--url', 'https://tunnel.example');
    expect(JSON.parse(manifest.stdout).settings.interactivity).toEqual({
      is_enabled: true,
      request_url: 'https://tunnel.example/slack/actions',
    });
  });

  it('turns the message green when the transfer has healed, and tells its thread', async () => {
    mirror.sandbox.data.change(PAIRS, pairId, SOUND);
    expect((await mirror.ops('sync')).code).toBe(0);

    await expect.poll(shown, SOON).toContain('File transfer fixed');
    await expect
      .poll(() => slack.workspace.messages.filter(({ thread_ts: thread }) => thread !== undefined), SOON)
      .toHaveLength(1);
  });
});
