import {
  IncomingWebhook,
  type IncomingWebhookDefaultArguments,
  IncomingWebhookHTTPError,
  IncomingWebhookRequestError,
} from '@slack/webhook';
import { isPrivate } from '../../addresses.ts';
import type { Clock } from '../../clock.ts';
import { retryAfterMs } from '../../waits.ts';
import { ChannelRefusedError, ChannelUnavailableError } from '../channels/notifier.ts';
import type { AlertMessage } from '../messages/message.ts';
import { slackMessage } from '../messages/slack-message.ts';

type Fetch = NonNullable<IncomingWebhookDefaultArguments['fetch']>;

interface WebhookOptions {
  fetch: Fetch;
  clock: Clock;
  /** The first wait before a server error is tried again; the second is twice as long. */
  firstRetryMs?: number;
}

// Three attempts of 3 s with their waits, a wait that Slack asked for, and the same again: SENDING_MS.
const TIMEOUT_MS = 3_000;
const RETRIES = 2;
const FIRST_RETRY_MS = 500;
/** Slack asks for one second as a rule; for longer, the next evaluation tries again. */
const LONGEST_WAIT_MS = 2_000;
const DEFAULT_WAIT_MS = 60_000;

const TOO_MANY_REQUESTS = 429;
const BAD_REQUEST = 400;

/** A Slack incoming webhook. */
export class SlackWebhook {
  readonly #address: string;
  readonly #options: WebhookOptions;

  constructor(address: string, options: WebhookOptions) {
    this.#address = checkedAddress(address);
    this.#options = options;
  }

  async send(message: AlertMessage): Promise<void> {
    const { text, blocks } = slackMessage(message);
    try {
      await this.#post({ text, blocks });
    } catch (error) {
      if (!(error instanceof IncomingWebhookHTTPError && error.statusCode === BAD_REQUEST)) throw error;
      // Whatever Slack dislikes in the blocks, the headline gets through.
      await this.#post({ text }).catch(refuseBadRequest);
    }
  }

  /** Posts once more after a short wait that Slack asked for. A 400 is left to the caller. */
  async #post(content: { text: string; blocks?: ReturnType<typeof slackMessage>['blocks'] }): Promise<void> {
    const waitMs = await this.#attempt(content);
    if (waitMs === undefined) return;
    if (waitMs > LONGEST_WAIT_MS) throw new ChannelUnavailableError('slack', 'too many messages', waitMs);
    await this.#options.clock.sleep(waitMs);
    const longerMs = await this.#attempt(content);
    if (longerMs !== undefined) throw new ChannelUnavailableError('slack', 'too many messages', longerMs);
  }

  /** Answers how long Slack wants us to wait, or undefined when it took the message. */
  async #attempt(content: {
    text: string;
    blocks?: ReturnType<typeof slackMessage>['blocks'];
  }): Promise<number | undefined> {
    let askedWaitMs = DEFAULT_WAIT_MS;
    // The webhook's errors do not carry headers.
    const observingFetch: Fetch = async (url, init) => {
      const response = await this.#options.fetch(url, init);
      if (response.status === TOO_MANY_REQUESTS) {
        askedWaitMs =
          retryAfterMs(response.headers.get('retry-after'), this.#options.clock.now()) ?? DEFAULT_WAIT_MS;
      }
      return response;
    };
    const webhook = new IncomingWebhook(this.#address, {
      fetch: observingFetch,
      timeout: TIMEOUT_MS,
      retryConfig: { retries: RETRIES, factor: 2, minTimeout: this.#options.firstRetryMs ?? FIRST_RETRY_MS },
    });
    try {
      const { text } = await webhook.send(content);
      if (text.trim() === 'ok') return undefined;
      // Whatever answers here, it is not Slack: a proxy, a portal, a page that was moved.
      throw new ChannelRefusedError('slack', 'The webhook URL returned 200, but not Slack\'s "ok".');
    } catch (error) {
      if (error instanceof IncomingWebhookHTTPError) {
        if (error.statusCode === TOO_MANY_REQUESTS) return askedWaitMs;
        if (error.statusCode === BAD_REQUEST) throw error;
        const reason = reasonOf(error);
        throw error.statusCode >= 500
          ? new ChannelUnavailableError('slack', reason)
          : new ChannelRefusedError('slack', reason);
      }
      if (error instanceof IncomingWebhookRequestError) {
        // The original error can hold the address, which is a secret.
        throw new ChannelUnavailableError('slack', `no response (${error.original.name})`);
      }
      throw error;
    }
  }
}

/** https, or http on this machine only: the address is a secret, and so is what is told. */
function checkedAddress(address: string): string {
  const url = URL.parse(address);
  if (url === null || !isPrivate(url)) {
    throw new ChannelRefusedError('slack', 'The webhook URL must use https (http works on loopback only).');
  }
  return url.href;
}

function refuseBadRequest(error: unknown): never {
  if (error instanceof IncomingWebhookHTTPError) throw new ChannelRefusedError('slack', reasonOf(error));
  throw error;
}

/** Slack answers with a short code, such as `channel_is_archived`. */
function reasonOf(error: IncomingWebhookHTTPError): string {
  const code = /^[a-z_]{1,60}$/.test(error.body.trim()) ? `: ${error.body.trim()}` : '';
  return `Slack returned ${error.statusCode}${code}`;
}
