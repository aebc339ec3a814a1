import { readStatus } from '../../../status/status.ts';
import { print, printJson } from '../../terminal/terminal.ts';
import { defineCommand } from '../command.ts';
import { statusPorts } from './status-ports.ts';
import { statusText } from './status-text.ts';

export const showStatus = defineCommand({
  name: 'status',
  summary: 'show what is going on: runs, incidents, queues, the connection',
  options: { json: { type: 'boolean', help: 'print one JSON object' } },
  async run({ given, terminal, open }) {
    await open(async (target) => {
      const status = await readStatus(statusPorts(target));
      if (given.json) printJson(terminal, status);
      else print(terminal, statusText(status, target.timeZone));
    });
  },
});
