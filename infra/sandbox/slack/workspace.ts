import * as z from 'zod';
import type { Clock } from '../../../shared/clock.ts';

/** The app that is installed in the stand-in's workspace, with its one channel. */
export const SANDBOX_SLACK = {
  botToken: 'xoxb-sandbox',
  signingSecret: 'sandbox-signing-secret',
  teamId: 'T0SANDBOX',
  appId: 'A0SANDBOX',
  botUserId: 'U0SANDBOX',
  channel: 'C0SANDBOX',
  channelName: 'bid-alerts',
} as const;

/** Who clicks on the page. */
export const SANDBOX_PERSON = { id: 'U0NEWCOMER', name: 'You' } as const;

/** More than anybody scrolls back. */
const KEPT_MESSAGES = 200;

/** Blocks as they were sent; the page draws the few kinds that it knows. */
const block = z.looseObject({ type: z.string() });
export type Block = z.infer<typeof block>;

const message = z.object({
  channel: z.string(),
  /** Seconds with six decimals, as Slack names messages. */
  ts: z.string(),
  /** Set in a reply: the message above it. */
  thread_ts: z.string().exactOptional(),
  /** Set in a message for one person only. */
  onlyFor: z.string().exactOptional(),
  text: z.string(),
  blocks: z.array(block),
  key: z.string().exactOptional(),
  isEdited: z.boolean(),
});
export type SlackMessage = z.infer<typeof message>;

export const slackStateSchema = z.object({ messages: z.array(message) });
export type SlackState = z.infer<typeof slackStateSchema>;

export interface Content {
  text: string;
  blocks: Block[];
}

/** What stands in the channels of a workspace. */
export class SlackWorkspace {
  readonly #clock: Clock;
  readonly #messages: SlackMessage[];
  /** Channels that the bot is a member of. */
  readonly channels = new Set<string>([SANDBOX_SLACK.channel]);
  /** Where clicks are reported: the address of our own endpoint, while there is one. */
  requestUrl: string | undefined;
  #lastTs = 0;
  #isChanged = false;

  constructor(clock: Clock, saved?: SlackState) {
    this.#clock = clock;
    this.#messages = saved?.messages ?? [];
  }

  /** The oldest first, replies and messages for one person among them. */
  get messages(): readonly SlackMessage[] {
    return this.#messages;
  }

  find(channel: string, ts: string): SlackMessage | undefined {
    return this.#messages.find((known) => known.channel === channel && known.ts === ts);
  }

  post(
    channel: string,
    content: Content,
    more: Pick<SlackMessage, 'thread_ts' | 'onlyFor' | 'key'> = {},
  ): SlackMessage {
    const posted: SlackMessage = { channel, ts: this.#nextTs(), ...content, ...more, isEdited: false };
    this.#messages.push(posted);
    this.#messages.splice(0, Math.max(0, this.#messages.length - KEPT_MESSAGES));
    this.#isChanged = true;
    return posted;
  }

  /** Undefined where there is no such message. */
  update(channel: string, ts: string, content: Content): SlackMessage | undefined {
    const known = this.find(channel, ts);
    if (known === undefined) return undefined;
    Object.assign(known, content, { isEdited: true });
    this.#isChanged = true;
    return known;
  }

  /** As a person does it. */
  delete(channel: string, ts: string): void {
    const index = this.#messages.findIndex((known) => known.channel === channel && known.ts === ts);
    if (index >= 0) this.#messages.splice(index, 1);
    this.#isChanged = true;
  }

  /** Whether anything has changed since this was asked last. */
  isChanged(): boolean {
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    return isChanged;
  }

  state(): SlackState {
    return { messages: this.#messages };
  }

  #nextTs(): string {
    this.#lastTs = Math.max(this.#clock.now() * 1_000, this.#lastTs + 1);
    return (this.#lastTs / 1_000_000).toFixed(6);
  }
}
