import { userInfo } from 'node:os';
import { acknowledge } from '../../../shared/alerts/operator.ts';
import { defineCommand, UsageError } from '../command.ts';
import { storesOf } from '../stores.ts';
import { tell } from '../terminal.ts';

export const ack = defineCommand({
  name: 'ack',
  summary: 'take an incident: no more reminders until it is over',
  positionals: 'INCIDENT-ID',
  options: { by: { type: 'string', value: 'NAME', help: 'who takes it (default: your user name)' } },
  async run({ given, positionals: [id, ...more], terminal, open }) {
    if (id === undefined || more.length > 0) throw new UsageError('Name one incident.', 'ack');
    await open(async (workplace) => {
      const { incidents, alertQueue, clock } = storesOf(workplace);
      const { state } = await acknowledge(incidents, id, given.by ?? userInfo().username, clock.now());
      await alertQueue.send({ kind: 'evaluate' });
      tell(terminal, `${id} is ${state}.`);
    });
  },
});
