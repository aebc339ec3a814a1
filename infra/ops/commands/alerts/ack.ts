import { acknowledge } from '../../../../shared/alerts/operator.ts';
import { type Ops, opsCommand } from '../command.ts';
import { changeIncident } from './change-incident.ts';

export function ack(ops: Ops) {
  return opsCommand('ack', 'acknowledge an incident: no more reminders until it is resolved')
    .argument('<incident-id>')
    .option('--by <name>', 'who acknowledges it (default: your username)')
    .option('--json', 'print the incident as JSON')
    .action((id, given) =>
      ops.open(given)((target) =>
        changeIncident(target, ops.terminal, given, (incidents, by, nowMs) =>
          acknowledge(incidents, id, by, nowMs),
        ),
      ),
    );
}
