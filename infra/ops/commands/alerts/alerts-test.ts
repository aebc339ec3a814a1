import { Option } from '@commander-js/extra-typings';
import { readWebhookUrl } from '../../../../shared/alerts/channels/slack-secret.ts';
import { sendTestAlert } from '../../../../shared/alerts/operator.ts';
import { alertRules, CHANNELS } from '../../../../shared/alerts/rules/settings.ts';
import { notifiersOf } from '../../../../shared/composition/alert.ts';
import { readLiveSettings, readSandboxSettings } from '../../../local/data/environment.ts';
import { type Stores, storesOf } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';
import { tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';

export function alertsTest(ops: Ops) {
  return opsCommand('alerts-test', 'send a test alert to Slack and by email')
    .addOption(new Option('--channel <name>', 'only this channel (default: all)').choices(CHANNELS))
    .action((given) =>
      ops.open(given)(async (target) => {
        const channels = given.channel === undefined ? CHANNELS : [given.channel];
        const outcomes = await sendTestAlert(channels, portsOf(target, storesOf(target)));
        for (const [channel, outcome] of Object.entries(outcomes)) {
          tell(ops.terminal, `${channel}: ${outcome}`);
          if (outcome !== 'delivered' && outcome !== 'not-configured') ops.exitCode = 1;
        }
      }),
    );
}

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
    namesOf: async () => ({}),
    rules: alertRules.parse({}),
    clock,
    log,
    metrics,
    stage: where.kind === 'aws' ? where.stage : where.origin,
    timeZone,
  };
}
