import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { silence as silenceIncident } from '../../../../shared/alerts/operator.ts';
import { isoTime } from '../../../../shared/clock.ts';
import { timeText } from '../../../../shared/time-text.ts';
import { storesOf } from '../../targets/stores.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';
import { changeIncident } from './change-incident.ts';

const HOUR_MS = 3_600_000;
const USUAL_HOURS = 24;

export function silence(ops: Ops) {
  return opsCommand('silence', 'silence an incident for a while; you still hear when it is resolved')
    .argument('<incident-id>')
    .option('--hours <n>', 'for this many hours', hoursOf, USUAL_HOURS)
    .addOption(
      new Option('--until <time>', 'until this time instead, such as 2026-11-30T08:00:00Z')
        .argParser(momentOf)
        .conflicts('hours'),
    )
    .option('--by <name>', 'who silences it (default: your username)')
    .option('--json', 'print the incident as JSON')
    .action((id, given) =>
      ops.open(given)(async (target) => {
        const nowMs = storesOf(target).clock.now();
        const untilMs = given.until ?? nowMs + given.hours * HOUR_MS;
        if (untilMs <= nowMs) throw new UsageError('--until must be in the future.', 'silence');
        await changeIncident(
          target,
          ops.terminal,
          given,
          (incidents, by) => silenceIncident(incidents, id, by, untilMs, nowMs),
          () => `${id} is silenced until ${timeText(isoTime(untilMs), target.timeZone)}.`,
        );
      }),
    );
}

/** Milliseconds since 1970. */
function momentOf(text: string): number {
  const moment = Date.parse(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(moment)) return moment;
  throw new InvalidArgumentError('It must be a time such as 2026-11-30T08:00:00Z.');
}

function hoursOf(text: string): number {
  const hours = Number(text);
  // A year and more is a mistake in typing; a rule is switched off in the settings.
  if (hours > 0 && hours <= 24 * 366) return hours;
  throw new InvalidArgumentError('It must be more than 0 and at most a year.');
}
