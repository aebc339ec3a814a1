import { acknowledge } from '../../../../shared/alerts/operator.ts';
import { storesOf } from '../../target/stores.ts';
import { operatorName } from '../../terminal/operator-name.ts';
import { printJson, tell } from '../../terminal/terminal.ts';
import { defineCommand, UsageError } from '../command.ts';

export const ack = defineCommand({
  name: 'ack',
  summary: 'acknowledge an incident: no more reminders until it is resolved',
  positionals: 'INCIDENT-ID',
  options: {
    by: { type: 'string', value: 'NAME', help: 'who acknowledges it (default: your username)' },
    json: { type: 'boolean', help: 'print the incident as JSON' },
  },
  async run({ given, positionals: [id, ...more], terminal, open }) {
    if (id === undefined || more.length > 0) throw new UsageError('Give one incident id.', 'ack');
    await open(async (target) => {
      const { incidents, alertQueue, clock } = storesOf(target);
      const incident = await acknowledge(incidents, id, operatorName(given.by), clock.now());
      await alertQueue.send({ kind: 'evaluate' });
      if (given.json) printJson(terminal, incident);
      else tell(terminal, `${id} is ${incident.state}.`);
    });
  },
});
