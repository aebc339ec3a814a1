import type { Incident } from '../../../../shared/alerts/incidents/incident.ts';
import { listIncidents } from '../../../../shared/alerts/operator.ts';
import { RULE_WORDS } from '../../../../shared/alerts/rules/rule.ts';
import { timeText } from '../../../../shared/time-text.ts';
import { storesOf } from '../../target/stores.ts';
import type { Target } from '../../target/target.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { tableText } from '../../terminal/table-text.ts';
import { print, printJson, type Terminal, tell } from '../../terminal/terminal.ts';
import { defineCommand, UsageError } from '../command.ts';

export const incidents = defineCommand({
  name: 'incidents',
  summary: 'list incidents, or show the history of one',
  positionals: '[INCIDENT-ID]',
  details: 'Lists open incidents; with --all also those resolved in the last 30 days.',
  options: {
    all: { type: 'boolean', help: 'include resolved ones' },
    history: { type: 'string', value: 'PAIR', help: 'show the file transfer history of this pair instead' },
    json: { type: 'boolean', help: 'print JSON, with history' },
  },
  async run({ given, positionals: [id, ...more], terminal, open }) {
    if (more.length > 0) throw new UsageError('Give one incident id at a time.', 'incidents');
    if (given.history !== undefined && (id !== undefined || given.all)) {
      throw new UsageError(
        '--history is about a pair; use it without an incident id and without --all.',
        'incidents',
      );
    }
    const json = given.json ?? false;
    await open(async (target) => {
      if (given.history !== undefined) return showPair(given.history, target, terminal, json);
      const { incidents: store, clock } = storesOf(target);
      const listed = await listIncidents(store, clock.now());
      if (id !== undefined) return showOne(id, listed, target.timeZone, terminal, json);
      const shown = given.all ? listed : listed.filter(({ state }) => state !== 'resolved');
      if (json) return printJson(terminal, shown);
      if (shown.length === 0) return tell(terminal, 'No incidents.');
      print(
        terminal,
        tableText([
          ['INCIDENT', 'RULE', 'SUBJECT', 'STATE', 'SINCE'],
          ...shown.map((incident) => [
            incident.id,
            incident.finding.rule,
            subjectOf(incident),
            incident.state,
            timeText(incident.startedAt, target.timeZone),
          ]),
        ]),
      );
    });
  },
});

function subjectOf({ finding }: Incident): string {
  return finding.shownAs ?? finding.subject;
}

function showOne(
  id: string,
  listed: readonly Incident[],
  timeZone: string,
  terminal: Terminal,
  json: boolean,
): void {
  const incident = listed.find((candidate) => candidate.id === id);
  if (!incident) {
    throw new CommandFailedError(
      `There is no incident ${id} that is open or was resolved in the last 30 days.`,
      'List them with `npm run ops -- incidents --all`.',
    );
  }
  if (json) {
    printJson(terminal, incident);
    return;
  }
  const { finding, state, silencedUntil, told, history } = incident;
  const until =
    silencedUntil !== undefined && state === 'silenced' ? ` until ${timeText(silencedUntil, timeZone)}` : '';
  print(terminal, `${id}: ${finding.rule}, ${subjectOf(incident)}, ${state}${until}`);
  if (finding.error !== undefined) print(terminal, `Error: ${finding.error}`);
  if (state !== 'resolved') {
    print(terminal, `What to do: ${finding.remedy ?? RULE_WORDS[finding.rule].remedy}`);
  }
  for (const [channel, { kind, at }] of Object.entries(told)) {
    print(terminal, `Sent to ${channel}: ${kind}, ${timeText(at, timeZone)}`);
  }
  print(
    terminal,
    tableText([
      ['AT', 'WHO', 'WHAT'],
      ...history.map(({ at, who, what }) => [timeText(at, timeZone), who, what]),
    ]),
  );
}

async function showPair(pairId: string, target: Target, terminal: Terminal, json: boolean): Promise<void> {
  const history = await storesOf(target).fileStatuses.find(pairId);
  if (json) return printJson(terminal, history?.entries ?? []);
  if (history === undefined) {
    throw new CommandFailedError(
      `There is no history for the pair ${pairId}.`,
      'History starts the first time its files need attention.',
    );
  }
  print(
    terminal,
    tableText([
      ['AT', 'FILE STATUS', 'ERROR'],
      ...history.entries.map(({ at, fileStatus, error = '' }) => [
        timeText(at, target.timeZone),
        fileStatus,
        error,
      ]),
    ]),
  );
}
