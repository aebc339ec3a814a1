import type { Clock } from '../../clock.ts';
import type { EditableChannel } from '../channels/editable-channel.ts';
import { ChannelRefusedError, type Notifier } from '../channels/notifier.ts';
import type { AlertMessage } from '../messages/message.ts';
import type { AlertRules } from '../rules/settings.ts';
import type { SlackSettings } from './slack-settings.ts';

export interface SlackOptions {
  /** How Slack is told now; undefined where it is not. Asked before every send. */
  settings: () => Promise<SlackSettings | undefined>;
  /** They may name a channel for a rule, which counts for an app. */
  rules: AlertRules;
  fetch: typeof fetch;
  clock: Clock;
  /** The first wait before a webhook that failed is tried again; the second is twice as long. */
  firstRetryMs?: number;
}

/**
 * Tells alerts on Slack, as an app or through an incoming webhook. Most evaluations have nothing to tell, so
 * Slack's clients are loaded by the first that has.
 */
export class SlackNotifier implements Notifier {
  readonly channel = 'slack';
  readonly #options: SlackOptions;

  constructor(options: SlackOptions) {
    this.#options = options;
  }

  async isConfigured(): Promise<boolean> {
    return (await this.#options.settings()) !== undefined;
  }

  async send(message: AlertMessage): Promise<void> {
    const settings = await this.#options.settings();
    if (settings?.kind !== 'webhook') {
      throw new ChannelRefusedError('slack', 'There is no webhook URL any more.');
    }
    const { SlackWebhook } = await import('./slack-webhook.ts');
    await new SlackWebhook(settings.webhookUrl, this.#options).send(message);
  }

  async editable(): Promise<EditableChannel | undefined> {
    const settings = await this.#options.settings();
    if (settings?.kind !== 'app') return undefined;
    const { SlackApp } = await import('./slack-app.ts');
    return new SlackApp(settings, this.#options);
  }
}
