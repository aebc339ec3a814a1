import { type Names, shownName } from '../../../../shared/alerts/conditions/names.ts';
import type { Incident } from '../../../../shared/alerts/incidents/incident.ts';
import { listIncidents } from '../../../../shared/alerts/operator.ts';
import { RULE_WORDS } from '../../../../shared/alerts/rules/rule.ts';
import { mapConcurrently } from '../../../../shared/concurrency.ts';
import { timeText } from '../../../../shared/time-text.ts';
import { type Stores, storesOf } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { tableText } from '../../terminal/table-text.ts';
import { print, printJson, type Terminal, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';

export function incidents(ops: Ops) {
  const { terminal } = ops;
  return opsCommand(
    'incidents',
    'list incidents, or show the history of one',
    'Lists open incidents; with --all also those resolved in the last 30 days.',
  )
    .argument('[incident-id]')
    .option('--all', 'include resolved ones')
    .option('--history <pair>', 'show the file transfer history of this pair instead')
    .option('--json', 'print JSON, with history')
    .action((id, { history, all, json = false, ...places }) => {
      if (history !== undefined && (id !== undefined || all)) {
        throw new UsageError(
          '--history is about a pair; use it without an incident id and without --all.',
          'incidents',
        );
      }
      return ops.open(places)(async (target) => {
        if (history !== undefined) return showPair(history, target, terminal, json);
        const stores = storesOf(target);
        const listed = await listIncidents(stores.incidents, stores.clock.now());
        if (id !== undefined)
          return showOne(await named(find(id, listed), stores), target.timeZone, terminal, json);
        const standing = all ? listed : listed.filter(({ state }) => state !== 'resolved');
        const shown = await mapConcurrently(standing, LOOKUPS_AT_A_TIME, (incident) =>
          named(incident, stores),
        );
        if (json) return printJson(terminal, shown);
        if (shown.length === 0) return tell(terminal, 'No incidents.');
        print(
          terminal,
          tableText([
            ['INCIDENT', 'RULE', 'ABOUT', 'BIDS DUE', 'STATE', 'SINCE'],
            ...shown.map((incident) => [
              incident.id,
              incident.finding.rule,
              shownName(incident.finding, incident.names),
              incident.names.bidsDueAt === undefined
                ? ''
                : timeText(incident.names.bidsDueAt, target.timeZone),
              incident.state,
              timeText(incident.startedAt, target.timeZone),
            ]),
          ]),
        );
      });
    });
}

const LOOKUPS_AT_A_TIME = 10;

/** With what people know it by. */
interface NamedIncident extends Incident {
  names: Names;
}

async function named(incident: Incident, { namesOf }: Pick<Stores, 'namesOf'>): Promise<NamedIncident> {
  return { ...incident, names: await namesOf(incident.finding) };
}

function find(id: string, listed: readonly Incident[]): Incident {
  const incident = listed.find((candidate) => candidate.id === id);
  if (incident) return incident;
  throw new CommandFailedError(
    `There is no incident ${id} that is open or was resolved in the last 30 days.`,
    'List them with `npm run ops -- incidents --all`.',
  );
}

function showOne(incident: NamedIncident, timeZone: string, terminal: Terminal, json: boolean): void {
  if (json) {
    printJson(terminal, incident);
    return;
  }
  const { id, finding, state, silencedUntil, told, history, names } = incident;
  const until =
    silencedUntil !== undefined && state === 'silenced' ? ` until ${timeText(silencedUntil, timeZone)}` : '';
  print(terminal, `${id}: ${finding.rule}, ${finding.shownAs ?? finding.subject}, ${state}${until}`);
  const project = finding.projectName ?? names.projectName;
  if (project !== undefined) print(terminal, `Project: ${project}`);
  if (names.projectNumber !== undefined) print(terminal, `Project number: ${names.projectNumber}`);
  if (names.opportunityName !== undefined) print(terminal, `Opportunity: ${names.opportunityName}`);
  if (names.client !== undefined) print(terminal, `Client: ${names.client}`);
  if (names.bidsDueAt !== undefined) print(terminal, `Bids due: ${timeText(names.bidsDueAt, timeZone)}`);
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
