import { describe, expect, it } from 'vitest';
import { ChannelRefusedError } from '../../../shared/alerts/channels/notifier.ts';
import { buildTestMessage } from '../../../shared/alerts/messages/message.ts';
import { alertRules } from '../../../shared/alerts/rules/settings.ts';
import { SlackNotifier } from '../../../shared/alerts/slack/slack-notifier.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

type Answer = { status: number; body?: string; retryAfter?: string } | Error;

const MESSAGE = buildTestMessage({ stage: 'test', timeZone: 'UTC' }, '2026-11-22T08:00:00.000Z');
const ADDRESS = 'https://hooks.slack.example/services/T1/B1/secret';

/** A Slack that answers in this order; the last answer stands. */
function slackWith(answers: readonly Answer[], address: string | undefined = ADDRESS) {
  const posts: { url: string; body: { text: string; blocks?: unknown[] } }[] = [];
  const clock = new VirtualClock();
  const notifier = new SlackNotifier({
    settings: async () => ({ kind: 'webhook', webhookUrl: address }),
    rules: alertRules.parse({}),
    clock,
    firstRetryMs: 1,
    fetch: async (url, init) => {
      posts.push({ url: String(url), body: JSON.parse(String(init?.body)) });
      const answer = answers[Math.min(posts.length, answers.length) - 1] ?? { status: 200 };
      if (answer instanceof Error) throw answer;
      return new Response(answer.body ?? 'ok', {
        status: answer.status,
        headers: answer.retryAfter === undefined ? {} : { 'Retry-After': answer.retryAfter },
      });
    },
  });
  return { notifier, posts, clock };
}

describe('the Slack notifier', () => {
  it('posts text and blocks to the address of the webhook', async () => {
    const { notifier, posts } = slackWith([{ status: 200 }]);
    await notifier.send(MESSAGE);

    expect(posts).toHaveLength(1);
    expect(posts[0]?.url).toBe(ADDRESS);
    expect(posts[0]?.body.text).toBe(MESSAGE.headline);
    expect(posts[0]?.body.blocks).not.toHaveLength(0);
  });

  it.each(['', 'invalid_payload', '<html>Sign in</html>', '{"ok":true}'])(
    'has not delivered what is answered with 200 and %j',
    async (body) => {
      const { notifier } = slackWith([{ status: 200, body }]);
      await expect(notifier.send(MESSAGE)).rejects.toThrow(ChannelRefusedError);
    },
  );

  it.each([
    ['a server error', { status: 503 }],
    ['a broken connection', new TypeError('fetch failed')],
  ])('tries again after %s', async (_what, failure) => {
    const { notifier, posts } = slackWith([failure, failure, { status: 200 }]);
    await notifier.send(MESSAGE);

    expect(posts).toHaveLength(3);
  });

  it('is unavailable when that does not help', async () => {
    const { notifier, posts } = slackWith([{ status: 503 }]);

    await expect(notifier.send(MESSAGE)).rejects.toMatchObject({ code: 'CHANNEL_UNAVAILABLE' });
    expect(posts).toHaveLength(3);
  });

  it('waits as long as a 429 asks, then sends', async () => {
    const { notifier, posts, clock } = slackWith([{ status: 429, retryAfter: '1' }, { status: 200 }]);
    const startMs = clock.now();
    await notifier.send(MESSAGE);

    expect(posts).toHaveLength(2);
    expect(clock.now() - startMs).toBe(1_000);
  });

  it.each([
    ['120', 120_000],
    ['9999999999', 900_000],
    ['-1', 60_000],
    ['soon', 60_000],
    [undefined, 60_000],
  ])('leaves a longer wait (Retry-After %s) to the next evaluations', async (retryAfter, retryAfterMs) => {
    const { notifier, posts } = slackWith([{ status: 429, ...(retryAfter && { retryAfter }) }]);

    await expect(notifier.send(MESSAGE)).rejects.toMatchObject({ code: 'CHANNEL_UNAVAILABLE', retryAfterMs });
    expect(posts).toHaveLength(1);
  });

  it.each([
    [403, 'invalid_token'],
    [403, 'action_prohibited'],
    [404, 'no_service'],
    [404, 'channel_not_found'],
    [410, 'channel_is_archived'],
  ])('is refused by %i %s, at once', async (status, body) => {
    const { notifier, posts } = slackWith([{ status, body }]);

    await expect(notifier.send(MESSAGE)).rejects.toMatchObject({
      code: 'CHANNEL_REFUSED',
      reason: `Slack returned ${status}: ${body}`,
    });
    expect(posts).toHaveLength(1);
  });

  it('gets the headline through when Slack does not take the blocks', async () => {
    const { notifier, posts } = slackWith([{ status: 400, body: 'invalid_blocks' }, { status: 200 }]);
    await notifier.send(MESSAGE);

    expect(posts[1]?.body).toEqual({ text: MESSAGE.headline });
  });

  it('is refused when Slack does not take that either', async () => {
    const { notifier } = slackWith([{ status: 400, body: 'invalid_payload' }]);

    await expect(notifier.send(MESSAGE)).rejects.toMatchObject({ code: 'CHANNEL_REFUSED' });
  });

  it.each([
    'http://hooks.slack.example/x',
    'ftp://127.0.0.1/x',
    'http://127.0.0.1.evil.example/',
    'nonsense',
    '',
  ])('never posts to %j', async (address) => {
    const { notifier, posts } = slackWith([{ status: 200 }], address);

    await expect(notifier.send(MESSAGE)).rejects.toMatchObject({ code: 'CHANNEL_REFUSED' });
    expect(posts).toEqual([]);
  });

  it.each(['http://127.0.0.1:3000/hook', 'http://localhost:3000/hook', 'http://[::1]:3000/hook'])(
    'posts to %s, on this machine',
    async (address) => {
      const { notifier, posts } = slackWith([{ status: 200 }], address);
      await notifier.send(MESSAGE);

      expect(posts).toHaveLength(1);
    },
  );

  it.each([{ status: 503 }, { status: 404, body: ADDRESS }, new TypeError(`cannot reach ${ADDRESS}`)])(
    'keeps the address out of its errors',
    async (failure) => {
      const { notifier } = slackWith([failure]);
      const error: unknown = await notifier.send(MESSAGE).catch((thrown) => thrown);

      expect(error).toBeInstanceOf(Error);
      expect(String(error)).not.toContain('secret');
    },
  );

  it('is not configured without an address', async () => {
    const notifier = new SlackNotifier({
      settings: async () => undefined,
      rules: alertRules.parse({}),
      clock: new VirtualClock(),
      fetch: globalThis.fetch,
    });

    expect(await notifier.isConfigured()).toBe(false);
  });
});
