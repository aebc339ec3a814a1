import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { type SlackSandbox, startSlackSandbox } from '../../../infra/sandbox/slack/slack-sandbox.ts';
import { SANDBOX_SLACK } from '../../../infra/sandbox/slack/workspace.ts';
import { isFromSlack } from '../../../shared/alerts/clicks/slack-signature.ts';
import { slackMessage } from '../../../shared/alerts/messages/slack-message.ts';
import { EXAMPLE_FINDINGS, exampleAnnouncement, exampleMessage } from '../../support/alerts/examples.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function start(stateFile?: string): Promise<SlackSandbox> {
  const slack = await startSlackSandbox(stateFile === undefined ? {} : { stateFile });
  open.push(slack);
  return slack;
}

const { channel, botToken, signingSecret } = SANDBOX_SLACK;

async function call(
  { apiUrl }: SlackSandbox,
  method: string,
  fields: Record<string, string>,
  token: string = botToken,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${apiUrl}${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams(fields),
  });
  return (await response.json()) as Record<string, unknown>;
}

const { text: headline, blocks } = slackMessage(
  exampleMessage([exampleAnnouncement(EXAMPLE_FINDINGS['file-sync-failed'])]),
);
const MESSAGE = { text: headline, blocks: JSON.stringify(blocks) };

describe("the stand-in for Slack's Web API", () => {
  it('keeps what is posted, changed and replied', async () => {
    const slack = await start();
    const { ts } = await call(slack, 'chat.postMessage', { channel, ...MESSAGE });
    await call(slack, 'chat.update', { channel, ts: String(ts), text: 'changed' });
    await call(slack, 'chat.postMessage', { channel, thread_ts: String(ts), text: 'reply' });

    expect(slack.workspace.messages).toMatchObject([
      { ts, text: 'changed', blocks: [], isEdited: true },
      { thread_ts: ts, text: 'reply' },
    ]);
    expect(await call(slack, 'conversations.history', { channel })).toMatchObject({ messages: [{ ts }] });
    const replies = await call(slack, 'conversations.replies', { channel, ts: String(ts) });
    expect(replies.messages).toHaveLength(2);
  });

  it.each([
    ['chat.postMessage', { channel: 'C0OTHER', text: 'x' }, 'channel_not_found'],
    ['chat.postMessage', { channel, text: '' }, 'no_text'],
    ['chat.postMessage', { channel, text: 'x', blocks: '[{"type":"video"}]' }, 'invalid_blocks'],
    [
      'chat.postMessage',
      { channel, text: 'x', blocks: JSON.stringify(Array(51).fill({ type: 'divider' })) },
      'invalid_blocks',
    ],
    ['chat.update', { channel, ts: '1.0', text: 'x' }, 'message_not_found'],
    ['chat.delete', { channel }, 'unknown_method'],
  ])('answers %s %j with %s', async (method, fields, error) => {
    expect(await call(await start(), method, fields)).toEqual({ ok: false, error });
  });

  it('wants the token of its app', async () => {
    expect(await call(await start(), 'auth.test', {}, 'xoxb-other')).toEqual({
      ok: false,
      error: 'invalid_auth',
    });
  });

  it('keeps its messages in a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slack-'));
    const stateFile = join(folder, 'slack.json');
    const slack = await start(stateFile);
    await call(slack, 'chat.postMessage', { channel, text: 'kept' });
    await slack.close();
    open.splice(0);

    expect((await start(stateFile)).workspace.messages).toMatchObject([{ text: 'kept' }]);
    await rm(folder, { recursive: true });
  });
});

describe('the page of the channel', () => {
  it('shows messages and never more than text of what comes from outside', async () => {
    const slack = await start();
    await call(slack, 'chat.postMessage', { channel, ...MESSAGE });
    await call(slack, 'chat.postMessage', {
      channel,
      text: '&lt;script&gt;alert(1)&lt;/script&gt; <script>',
    });
    const page = await (await fetch(slack.pageUrl)).text();

    expect(page).toContain('File transfer failed');
    expect(page.match(/<script[^>]*>/g)).toEqual(['<script src="/page.js" defer>']);
  });

  it('reports a click, signed as Slack does', async () => {
    const requests: { headers: Record<string, unknown>; body: string }[] = [];
    const server = createServer(async (request, response) => {
      requests.push({ headers: request.headers, body: await text(request) });
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push({ close: async () => server.close() });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no port.');
    const slack = await start();
    slack.workspace.requestUrl = `http://127.0.0.1:${address.port}/slack/actions`;
    const { ts } = await call(slack, 'chat.postMessage', { channel, ...MESSAGE });
    const response = await fetch(`${slack.origin}/click`, {
      method: 'POST',
      body: new URLSearchParams({
        channel,
        ts: String(ts),
        actionId: 'acknowledge',
        blockId: 'i1',
        value: 'acknowledge i1',
      }),
      redirect: 'manual',
    });

    expect(response.headers.get('location')).toBe('/#latest');
    const [{ headers, body } = { headers: {}, body: '' }] = requests;
    const signed = {
      timestamp: String(headers['x-slack-request-timestamp']),
      signature: String(headers['x-slack-signature']),
      body: Buffer.from(body),
    };
    expect(isFromSlack(signed, signingSecret, Date.now())).toBe(true);
    expect(JSON.parse(new URLSearchParams(body).get('payload') ?? '')).toMatchObject({
      type: 'block_actions',
      channel: { id: channel },
      actions: [{ action_id: 'acknowledge', value: 'acknowledge i1' }],
    });
  });

  it('says that nobody takes clicks where nobody does', async () => {
    const slack = await start();
    const { ts } = await call(slack, 'chat.postMessage', { channel, ...MESSAGE });
    const response = await fetch(`${slack.origin}/click`, {
      method: 'POST',
      body: new URLSearchParams({ channel, ts: String(ts), value: 'acknowledge i1' }),
    });
    expect(await response.text()).toContain('Nobody takes clicks now');
  });
});
