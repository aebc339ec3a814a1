import { silence as silenceIncident } from '../../../../shared/alerts/operator.ts';
import { isoTime } from '../../../../shared/clock.ts';
import { timeText } from '../../../../shared/time-text.ts';
import { storesOf } from '../../target/stores.ts';
import { operatorName } from '../../terminal/operator-name.ts';
import { printJson, tell } from '../../terminal/terminal.ts';
import { defineCommand, UsageError } from '../command.ts';

const HOUR_MS = 3_600_000;
const USUAL_HOURS = 24;

export const silence = defineCommand({
  name: 'silence',
  summary: 'silence an incident for a while; you still hear when it is resolved',
  positionals: 'INCIDENT-ID',
  options: {
    hours: { type: 'string', value: 'N', help: `for this many hours (default ${USUAL_HOURS})` },
    until: { type: 'string', value: 'TIME', help: 'until this time instead, such as 2026-11-30T08:00:00Z' },
    by: { type: 'string', value: 'NAME', help: 'who silences it (default: your username)' },
    json: { type: 'boolean', help: 'print the incident as JSON' },
  },
  async run({ given, positionals: [id, ...more], terminal, open }) {
    if (id === undefined || more.length > 0) throw new UsageError('Give one incident id.', 'silence');
    const untilOf = readEnd(given.hours, given.until);
    await open(async (target) => {
      const { incidents, alertQueue, clock } = storesOf(target);
      const nowMs = clock.now();
      const untilMs = untilOf(nowMs);
      if (untilMs <= nowMs) throw new UsageError('--until must be in the future.', 'silence');
      const incident = await silenceIncident(incidents, id, operatorName(given.by), untilMs, nowMs);
      await alertQueue.send({ kind: 'evaluate' });
      if (given.json) printJson(terminal, incident);
      else tell(terminal, `${id} is silenced until ${timeText(isoTime(untilMs), target.timeZone)}.`);
    });
  },
});

/** When the silence ends, by the moment it starts. */
function readEnd(hoursGiven: string | undefined, until: string | undefined): (nowMs: number) => number {
  if (until !== undefined) {
    if (hoursGiven !== undefined) throw new UsageError('Use either --hours or --until.', 'silence');
    const moment = Date.parse(until);
    if (!/^\d{4}-\d{2}-\d{2}/.test(until) || Number.isNaN(moment)) {
      throw new UsageError(`--until ${until} is not a time such as 2026-11-30T08:00:00Z.`, 'silence');
    }
    return () => moment;
  }
  const hours = Number(hoursGiven ?? USUAL_HOURS);
  // A year and more is a mistake in typing; a rule is switched off in the settings.
  if (!(hours > 0 && hours <= 24 * 366)) {
    throw new UsageError('--hours must be more than 0 and at most a year.', 'silence');
  }
  return (nowMs) => nowMs + hours * HOUR_MS;
}
