import { describe, expect, it } from 'vitest';
import { buildTestMessage } from '../../../shared/alerts/messages/message.ts';
import { alertRules } from '../../../shared/alerts/rules/settings.ts';
import { SlackNotifier } from '../../../shared/alerts/slack/slack-notifier.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

type Answer = { status?: number; body?: object | string; retryAfter?: string } | Error;

const MESSAGE = buildTestMessage({ stage: 'test', timeZone: 'UTC' }, '2026-11-22T08:00:00.000Z');
const POSTED = { channel: 'C1', ts: '1764000000.000100' };
const TOKEN = 'xoxb-s3cret';

/** An app before a Slack that answers in this order; the last answer stands. */
async function appWith(answers: readonly Answer[], apiUrl?: string) {
  const calls: { url: string; authorization: string | null; form: Record<string, string> }[] = [];
  const notifier = new SlackNotifier({
    settings: async () => ({ kind: 'app', botToken: TOKEN, channel: 'C1', ...(apiUrl && { apiUrl }) }),
    rules: alertRules.parse({ connection: { slackChannel: 'C2' } }),
    clock: new VirtualClock(),
    fetch: async (url, init) => {
      calls.push({
        url: String(url),
        authorization: new Headers(init?.headers).get('authorization'),
        form: Object.fromEntries(new URLSearchParams(String(init?.body))),
      });
      const answer = answers[Math.min(calls.length, answers.length) - 1] ?? {};
      if (answer instanceof Error) throw answer;
      const { status = 200, body = { ok: true, ...POSTED }, retryAfter } = answer;
      return new Response(typeof body === 'string' ? body : JSON.stringify(body), {
        status,
        headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
      });
    },
  });
  const app = await notifier.editable();
  if (app === undefined) throw new Error('There is no app.');
  return { app, calls };
}

describe('the Slack app', () => {
  it('posts text, blocks and a key to find the message by, with the token in the header alone', async () => {
    const { app, calls } = await appWith([{}]);

    expect(await app.post('C1', MESSAGE, 'key-1')).toEqual(POSTED);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      url: 'https://slack.com/api/chat.postMessage',
      authorization: `Bearer ${TOKEN}`,
      form: { channel: 'C1', text: MESSAGE.headline },
    });
    expect(JSON.parse(calls[0]?.form.blocks ?? '')).not.toHaveLength(0);
    expect(JSON.parse(calls[0]?.form.metadata ?? '')).toEqual({
      event_type: 'buildingconnected_sync_alert',
      event_payload: { key: 'key-1' },
    });
    expect(JSON.stringify(calls[0]?.form)).not.toContain(TOKEN);
  });

  it.each(['http://127.0.0.1:9/api/', 'http://127.0.0.1:9/api'])(
    'speaks to a stand-in at %s',
    async (apiUrl) => {
      const { app, calls } = await appWith([{}], apiUrl);
      await app.edit(POSTED, MESSAGE);

      expect(calls).toMatchObject([{ url: 'http://127.0.0.1:9/api/chat.update', form: POSTED }]);
    },
  );

  it('tells a rule in the channel of its own', async () => {
    const { app } = await appWith([{}]);
    expect([app.addressOf('connection'), app.addressOf('stale')]).toEqual(['C2', 'C1']);
  });

  it('replies in the thread of a message', async () => {
    const { app, calls } = await appWith([{}]);
    await app.reply(POSTED, MESSAGE, 'key-2');

    expect(calls).toMatchObject([
      { url: 'https://slack.com/api/chat.postMessage', form: { channel: 'C1', thread_ts: POSTED.ts } },
    ]);
  });

  it('says nothing in a thread that is gone', async () => {
    const { app } = await appWith([{ body: { ok: false, error: 'thread_not_found' } }]);
    await expect(app.reply(POSTED, MESSAGE, 'key')).resolves.toBeUndefined();
  });

  it('finds what it posted by its key', async () => {
    const messages = [
      { ts: '2.0', metadata: { event_type: 'x', event_payload: { key: 'other' } } },
      { ts: '1.0', metadata: { event_type: 'x', event_payload: { key: 'mine' } } },
      { ts: '0.5' },
    ];
    const { app, calls } = await appWith([{ body: { ok: true, messages } }]);
    const posting = { key: 'mine', channel: 'C1', tells: [], at: '2026-11-22T08:00:00.000Z' };

    expect(await app.find(posting)).toEqual({ channel: 'C1', ts: '1.0' });
    expect(await app.find({ ...posting, key: 'unknown' })).toBeUndefined();
    expect(await app.find({ ...posting, ts: '1.0' })).toBeDefined();
    expect(calls.map(({ url }) => url)).toEqual([
      'https://slack.com/api/conversations.history',
      'https://slack.com/api/conversations.history',
      'https://slack.com/api/conversations.replies',
    ]);
  });

  it.each(['missing_scope', 'channel_not_found'])(
    'finds nothing where it may not look (%s)',
    async (error) => {
      const { app } = await appWith([{ body: { ok: false, error } }]);
      const posting = { key: 'mine', channel: 'C1', tells: [], at: '2026-11-22T08:00:00.000Z' };
      expect(await app.find(posting)).toBeUndefined();
    },
  );

  it('knows whose app it is', async () => {
    const { app } = await appWith([{ body: { ok: true, team_id: 'T1', app_id: 'A1' } }]);
    expect(await app.workspace()).toEqual({ teamId: 'T1', appId: 'A1' });
  });

  it.each([
    ['a server error', { status: 503 }, 'CHANNEL_UNAVAILABLE'],
    ['a broken connection', new TypeError('fetch failed'), 'CHANNEL_UNAVAILABLE'],
    ['a fault of its own', { body: { ok: false, error: 'internal_error' } }, 'CHANNEL_UNAVAILABLE'],
    ['a 429 without a wait', { status: 429 }, 'CHANNEL_UNAVAILABLE'],
    ['a token that was revoked', { body: { ok: false, error: 'token_revoked' } }, 'CHANNEL_REFUSED'],
    ['a channel that is not there', { body: { ok: false, error: 'channel_not_found' } }, 'CHANNEL_REFUSED'],
    ['a page', { body: '<html>Sign in</html>' }, 'CHANNEL_REFUSED'],
    ['an answer that names no message', { body: { ok: true } }, 'CHANNEL_REFUSED'],
    ['a 404', { status: 404 }, 'CHANNEL_REFUSED'],
  ] as const)('posts once, whatever comes of it: %s', async (_what, answer, code) => {
    const { app, calls } = await appWith([answer]);

    await expect(app.post('C1', MESSAGE, 'key')).rejects.toMatchObject({ code });
    expect(calls).toHaveLength(1);
  });

  it.each([
    ['120', 120_000],
    ['86400', 900_000],
  ])('hands on the wait that a 429 asks for (%s s)', async (retryAfter, retryAfterMs) => {
    const { app } = await appWith([{ status: 429, retryAfter }]);
    await expect(app.edit(POSTED, MESSAGE)).rejects.toMatchObject({
      code: 'CHANNEL_UNAVAILABLE',
      retryAfterMs,
    });
  });

  it('keeps token and address out of its errors', async () => {
    for (const answer of [{ status: 500, body: TOKEN }, new TypeError(`no ${TOKEN}`)]) {
      const { app } = await appWith([answer]);
      const error: unknown = await app.post('C1', MESSAGE, 'key').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(String(error)).not.toContain('s3cret');
    }
  });
});
