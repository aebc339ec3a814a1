import { Option } from '@commander-js/extra-typings';
import { sendTestAlert } from '../../../../shared/alerts/operator.ts';
import { CHANNELS } from '../../../../shared/alerts/rules/settings.ts';
import { notifiersOf } from '../../../../shared/composition/alert.ts';
import { slackAccessOf } from '../../targets/slack-access.ts';
import { type Stores, storesOf } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';
import { tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';

export function alertsTest(ops: Ops) {
  return opsCommand(
    'alerts-test',
    'send a test alert to Slack and by email',
    'With a Slack app, the message shows one incident through its whole life: open, acknowledged, resolved.',
  )
    .addOption(new Option('--channel <name>', 'only this channel (default: all)').choices(CHANNELS))
    .action((given) =>
      ops.open(given)(async (target) => {
        const channels = given.channel === undefined ? CHANNELS : [given.channel];
        const outcomes = await sendTestAlert(channels, await portsOf(target, storesOf(target)));
        for (const [channel, outcome] of Object.entries(outcomes)) {
          tell(ops.terminal, `${channel}: ${outcome}`);
          if (outcome !== 'delivered' && outcome !== 'not-configured') ops.exitCode = 1;
        }
      }),
    );
}

async function portsOf(target: Target, { incidents, clock, log, metrics }: Stores) {
  const { where, sns, alertsTopicArn, ses, timeZone } = target;
  const { settings, rules } = await slackAccessOf(target);
  return {
    incidents,
    notifiers: notifiersOf({ slack: async () => settings, rules, sns, alertsTopicArn, ses, clock }),
    namesOf: async () => ({}),
    rules,
    clock,
    log,
    metrics,
    stage: where.kind === 'aws' ? where.stage : where.origin,
    timeZone,
  };
}
