import { readStatus } from '../../../status/status.ts';
import { print, printJson } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';
import { statusPorts } from './status-ports.ts';
import { statusText } from './status-text.ts';

export function showStatus(ops: Ops) {
  return opsCommand('status', 'show what is going on: runs, incidents, queues, the connection')
    .option('--json', 'print one JSON object')
    .action(({ json, ...places }) =>
      ops.open(places)(async (target) => {
        const status = await readStatus(statusPorts(target));
        if (json) printJson(ops.terminal, status);
        else print(ops.terminal, statusText(status, target.timeZone));
      }),
    );
}
