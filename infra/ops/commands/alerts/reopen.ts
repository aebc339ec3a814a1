import { reopen as reopenIncident } from '../../../../shared/alerts/operator.ts';
import { storesOf } from '../../targets/stores.ts';
import { operatorName } from '../../terminal/operator-name.ts';
import { printJson, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';

export function reopen(ops: Ops) {
  return opsCommand('reopen', 'undo that an incident was acknowledged or silenced')
    .argument('<incident-id>')
    .option('--by <name>', 'who does it (default: your username)')
    .option('--json', 'print the incident as JSON')
    .action((id, given) =>
      ops.open(given)(async (target) => {
        const { incidents, alertQueue, clock } = storesOf(target);
        const by = { name: operatorName(given.by) };
        const incident = await reopenIncident(incidents, id, by, clock.now());
        await alertQueue.send({ kind: 'evaluate' });
        if (given.json) printJson(ops.terminal, incident);
        else tell(ops.terminal, `${id} is ${incident.state}.`);
      }),
    );
}
