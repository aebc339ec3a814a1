import { userInfo } from 'node:os';
import { silence as silenceIncident } from '../../../shared/alerts/operator.ts';
import { isoTime } from '../../../shared/clock.ts';
import { defineCommand, UsageError } from '../command.ts';
import { storesOf } from '../stores.ts';
import { tell } from '../terminal.ts';

const HOUR_MS = 3_600_000;
const USUAL_HOURS = 24;

export const silence = defineCommand({
  name: 'silence',
  summary: 'say nothing more about an incident for a while, except that it is over',
  positionals: 'INCIDENT-ID',
  options: {
    hours: { type: 'string', value: 'N', help: `for so many hours (default ${USUAL_HOURS})` },
    by: { type: 'string', value: 'NAME', help: 'who silences it (default: your user name)' },
  },
  async run({ given, positionals: [id, ...more], terminal, open }) {
    if (id === undefined || more.length > 0) throw new UsageError('Name one incident.', 'silence');
    const hours = Number(given.hours ?? USUAL_HOURS);
    if (!(hours > 0 && Number.isFinite(hours))) {
      throw new UsageError('--hours must be a number above 0.', 'silence');
    }
    await open(async (workplace) => {
      const { incidents, alertQueue, clock } = storesOf(workplace);
      const until = clock.now() + hours * HOUR_MS;
      await silenceIncident(incidents, id, given.by ?? userInfo().username, until, clock.now());
      await alertQueue.send({ kind: 'evaluate' });
      tell(terminal, `${id} is silenced until ${isoTime(until)}.`);
    });
  },
});
