import type { WebClient } from '@slack/web-api';
import * as z from 'zod';
import type { EditableChannel, Listener, PostedMessage } from '../channels/editable-channel.ts';
import { ChannelRefusedError } from '../channels/notifier.ts';
import type { Posting } from '../incidents/incident-store.ts';
import type { AlertMessage } from '../messages/message.ts';
import { type SlackMessage, slackMessage } from '../messages/slack-message.ts';
import type { RuleName } from '../rules/rule.ts';
import type { AlertRules } from '../rules/settings.ts';
import { failureOf, hasCode } from './slack-errors.ts';
import type { SlackSettings } from './slack-settings.ts';
import { createWebClient } from './web-client.ts';

interface AppOptions {
  rules: AlertRules;
  fetch: typeof fetch;
}

/** What names our messages in their metadata, where `find` looks. */
const EVENT_TYPE = 'buildingconnected_sync_alert';
const ours = z.object({ event_payload: z.object({ key: z.string() }) });
/** A clock that is ahead of Slack's must not hide what was just posted. */
const CLOCK_SKEW_SECONDS = 120;
/** Messages of the channel, or of the thread, that are looked through for one of ours. */
const LOOKED_THROUGH = 100;

/** Slack says so where nobody can change a message any more: https://docs.slack.dev/reference/methods/chat.update */
const GONE = [
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'is_inactive',
];
const THREAD_GONE = [...GONE, 'thread_not_found', 'cannot_reply_to_message'];
const BAD_BLOCKS = ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long'];

/** Slack's Web API with a bot token: https://docs.slack.dev/reference/methods */
export class SlackApp implements EditableChannel {
  readonly #client: WebClient;
  readonly #address: string;
  readonly #rules: AlertRules;
  #appId: string | undefined;

  constructor(
    { botToken, channel, apiUrl }: Extract<SlackSettings, { kind: 'app' }>,
    { rules, fetch }: AppOptions,
  ) {
    this.#client = createWebClient({ botToken, apiUrl, fetch });
    this.#address = channel;
    this.#rules = rules;
  }

  addressOf(rule: RuleName): string {
    return this.#rules[rule].slackChannel ?? this.#address;
  }

  async post(address: string, message: AlertMessage, key: string): Promise<PostedMessage> {
    const {
      channel = address,
      ts,
      message: posted,
    } = await this.#post({ channel: address }, message, key).catch((error: unknown) => {
      throw failureOf(error);
    });
    if (ts === undefined) {
      throw new ChannelRefusedError('slack', 'The response is not from Slack: it names no message.');
    }
    this.#appId = posted?.app_id ?? this.#appId;
    return { channel, ts };
  }

  async edit({ channel, ts }: PostedMessage, message: AlertMessage): Promise<'edited' | 'gone'> {
    try {
      await withBlocks(message, (content) => this.#client.chat.update({ channel, ts, ...content }));
      return 'edited';
    } catch (error) {
      if (hasCode(error, GONE)) return 'gone';
      throw failureOf(error);
    }
  }

  async reply({ channel, ts }: PostedMessage, message: AlertMessage, key: string): Promise<void> {
    try {
      await this.#post({ channel, thread_ts: ts }, message, key);
    } catch (error) {
      if (!hasCode(error, THREAD_GONE)) throw failureOf(error);
    }
  }

  async find({ key, channel, ts, at }: Posting): Promise<PostedMessage | undefined> {
    const oldest = String(Date.parse(at) / 1_000 - CLOCK_SKEW_SECONDS);
    const options = { channel, oldest, limit: LOOKED_THROUGH, include_all_metadata: true };
    try {
      const { messages = [] } =
        ts === undefined
          ? await this.#client.conversations.history(options)
          : await this.#client.conversations.replies({ ...options, ts });
      const found = messages.find(({ metadata }) => ours.safeParse(metadata).data?.event_payload.key === key);
      return found?.ts === undefined ? undefined : { channel, ts: found.ts };
    } catch (error) {
      return undefinedWhere(error);
    }
  }

  async tell({ channel, user }: Listener, text: string): Promise<void> {
    await this.#client.chat.postEphemeral({ channel, user, text }).catch(undefinedWhere);
  }

  async workspace(): Promise<{ teamId?: string; appId?: string }> {
    // The message stands already, whatever is answered here; the next one asks again.
    const identity = await this.#client.auth.test().catch(() => undefined);
    const appId = identity?.app_id ?? this.#appId;
    return {
      ...(identity?.team_id !== undefined && { teamId: identity.team_id }),
      ...(appId !== undefined && { appId }),
    };
  }

  #post(place: { channel: string; thread_ts?: string }, message: AlertMessage, key: string) {
    const metadata = { event_type: EVENT_TYPE, event_payload: { key } };
    return withBlocks(message, (content) =>
      this.#client.chat.postMessage({
        ...place,
        ...content,
        metadata,
        unfurl_links: false,
        unfurl_media: false,
      }),
    );
  }
}

/** Whatever Slack dislikes in the blocks, the headline gets through. */
async function withBlocks<Answer>(
  message: AlertMessage,
  send: (content: SlackMessage) => Promise<Answer>,
): Promise<Answer> {
  const content = slackMessage(message);
  try {
    return await send(content);
  } catch (error) {
    if (!hasCode(error, BAD_BLOCKS)) throw error;
    return send({ text: content.text, blocks: [] });
  }
}

/** For what only helps: a refusal is no news, and what passes by itself is tried again with the rest. */
function undefinedWhere(error: unknown): undefined {
  const failure = failureOf(error);
  if (!(failure instanceof ChannelRefusedError)) throw failure;
}
