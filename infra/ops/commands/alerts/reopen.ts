import { reopen as reopenIncident } from '../../../../shared/alerts/operator.ts';
import { type Ops, opsCommand } from '../command.ts';
import { changeIncident } from './change-incident.ts';

export function reopen(ops: Ops) {
  return opsCommand('reopen', 'undo that an incident was acknowledged or silenced')
    .argument('<incident-id>')
    .option('--by <name>', 'who does it (default: your username)')
    .option('--json', 'print the incident as JSON')
    .action((id, given) =>
      ops.open(given)((target) =>
        changeIncident(target, ops.terminal, given, (incidents, by, nowMs) =>
          reopenIncident(incidents, id, by, nowMs),
        ),
      ),
    );
}
