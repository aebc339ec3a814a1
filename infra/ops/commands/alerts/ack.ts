import { acknowledge } from '../../../../shared/alerts/operator.ts';
import { storesOf } from '../../targets/stores.ts';
import { operatorName } from '../../terminal/operator-name.ts';
import { printJson, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';

export function ack(ops: Ops) {
  return opsCommand('ack', 'acknowledge an incident: no more reminders until it is resolved')
    .argument('<incident-id>')
    .option('--by <name>', 'who acknowledges it (default: your username)')
    .option('--json', 'print the incident as JSON')
    .action((id, given) =>
      ops.open(given)(async (target) => {
        const { incidents, alertQueue, clock } = storesOf(target);
        const incident = await acknowledge(incidents, id, { name: operatorName(given.by) }, clock.now());
        await alertQueue.send({ kind: 'evaluate' });
        if (given.json) printJson(ops.terminal, incident);
        else tell(ops.terminal, `${id} is ${incident.state}.`);
      }),
    );
}
