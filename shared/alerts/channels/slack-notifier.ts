import type { AlertMessage } from '../messages/message.ts';
import type { Notifier } from './notifier.ts';
import type { SlackOptions } from './slack-webhook.ts';

/** Tells alerts through a Slack incoming webhook. */
export class SlackNotifier implements Notifier {
  readonly channel = 'slack';
  readonly #options: SlackOptions;

  constructor(options: SlackOptions) {
    this.#options = options;
  }

  async isConfigured(): Promise<boolean> {
    return (await this.#options.webhookUrl()) !== undefined;
  }

  async send(message: AlertMessage): Promise<void> {
    // Most evaluations have nothing to tell, so Slack's client is loaded by the first that has.
    const { SlackWebhook } = await import('./slack-webhook.ts');
    await new SlackWebhook(this.#options).send(message);
  }
}
