import { readWebhookUrl } from '../../../../shared/alerts/channels/slack-secret.ts';
import { sendTestAlert } from '../../../../shared/alerts/operator.ts';
import { alertRules, CHANNELS } from '../../../../shared/alerts/rules/settings.ts';
import { notifiersOf } from '../../../../shared/composition/alert.ts';
import { readLiveSettings, readSandboxSettings } from '../../../local/data/environment.ts';
import { type Stores, storesOf } from '../../target/stores.ts';
import type { Target } from '../../target/target.ts';
import { tell } from '../../terminal/terminal.ts';
import { defineCommand, UsageError } from '../command.ts';

export const alertsTest = defineCommand({
  name: 'alerts-test',
  summary: 'send a test alert to Slack and by email',
  options: {
    channel: { type: 'string', value: CHANNELS.join('|'), help: 'only this channel (default: all)' },
  },
  async run({ given, terminal, open }) {
    const only = CHANNELS.find((channel) => channel === given.channel);
    if (given.channel !== undefined && !only) {
      throw new UsageError(`There is no channel ${given.channel}.`, 'alerts-test');
    }
    return open(async (target) => {
      const stores = storesOf(target);
      const outcomes = await sendTestAlert(only ? [only] : CHANNELS, portsOf(target, stores));
      for (const [channel, outcome] of Object.entries(outcomes)) tell(terminal, `${channel}: ${outcome}`);
      const isFine = Object.values(outcomes).every(
        (outcome) => outcome === 'delivered' || outcome === 'not-configured',
      );
      return isFine ? 0 : 1;
    });
  },
});

function portsOf(
  { where, sns, alertsTopicArn, timeZone }: Target,
  { incidents, clock, log, metrics }: Stores,
) {
  const slackWebhookUrl = async () => {
    if (where.kind === 'aws') return readWebhookUrl(where.secrets, where.outputs.SlackSecretArn);
    const settings = where.origin === 'sandbox' ? await readSandboxSettings() : await readLiveSettings();
    return settings.SLACK_WEBHOOK_URL;
  };
  return {
    incidents,
    notifiers: notifiersOf({ slackWebhookUrl, sns, alertsTopicArn, clock }),
    projectName: async () => undefined,
    rules: alertRules.parse({}),
    clock,
    log,
    metrics,
    stage: where.kind === 'aws' ? where.stage : where.origin,
    timeZone,
  };
}
