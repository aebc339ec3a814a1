import { Argument } from '@commander-js/extra-typings';
import type { AutodeskApi } from '../../../../shared/autodesk/client/api.ts';
import { reportFailure, SyncError } from '../../../../shared/errors.ts';
import type { QuarantinedRecord } from '../../../../shared/records/quarantine.ts';
import { listNamesOf, requireResource } from '../../../../shared/resources/registry.ts';
import { enabledLists } from '../../../../shared/sync/runs/resume-stalled.ts';
import { autodeskClientOf, readAutodeskSettings } from '../../targets/autodesk-access.ts';
import { type Stores, storesOf } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { tableText } from '../../terminal/table-text.ts';
import { print, printJson, type Terminal, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';
import { type RetryOutcome, retryQuarantined } from './retry-quarantined.ts';

const ACTIONS = ['list', 'show', 'retry', 'remove'] as const;

export function quarantine(ops: Ops) {
  const { terminal } = ops;
  return opsCommand(
    'quarantine',
    'list, show, retry or remove records that could not be stored',
    'Use list, show KEY, retry [KEY] or remove KEY. A retry reads the record from Autodesk again (a line item ' +
      'with its whole form), or checks the stored copy when Autodesk is unavailable. Exits with 1 if anything is ' +
      'still refused. A record corrected at Autodesk leaves the list on its own with the next sync.',
  )
    .addArgument(new Argument('[action]', 'what to do').choices(ACTIONS).default('list' as const))
    .argument('[key]', 'of the record, as the list shows it')
    .option('--resource <name>', 'only this resource')
    .option('--json', 'print JSON')
    .action((action, key, { resource, json = false, ...places }) => {
      if (action === 'list' && key !== undefined) {
        throw new UsageError('Use list, show KEY, retry [KEY] or remove KEY.', 'quarantine');
      }
      if ((action === 'show' || action === 'remove') && key === undefined) {
        throw new UsageError(`Give the KEY of the record to ${action}.`, 'quarantine');
      }
      return ops.open(places)(async (target) => {
        const stores = storesOf(target);
        const entries = await entriesOf(target, stores, { resource, key });
        switch (action) {
          case 'list':
            listEntries(entries, terminal, json);
            break;
          case 'show':
            await showEntries(entries, stores, terminal, json);
            break;
          case 'retry': {
            const api = entries.length === 0 ? undefined : await autodeskOf(target, terminal);
            const outcomes = await retryQuarantined(entries, api, stores, target.treatment);
            ops.exitCode = tellOutcomes(outcomes, terminal, json);
            break;
          }
          case 'remove':
            for (const entry of entries) {
              await stores.quarantine.remove(entry.resource, entry.scope, entry.key);
              tell(terminal, `${entry.resource} ${entry.key}: removed`);
            }
        }
      });
    });
}

/** Throws where a key was named that is not there. */
async function entriesOf(
  { enabledResources, accountIds }: Target,
  { quarantine: store }: Stores,
  only: { resource: string | undefined; key: string | undefined },
): Promise<QuarantinedRecord[]> {
  const entries: QuarantinedRecord[] = [];
  for (const { resource, scope } of enabledLists({ resources: enabledResources, accountIds })) {
    for (const name of listNamesOf(requireResource(resource))) {
      if (only.resource === undefined || only.resource === name) {
        entries.push(...(await store.list(name, scope)));
      }
    }
  }
  if (only.key === undefined) return entries;
  const found = entries.filter(({ key }) => key === only.key);
  if (found.length > 0) return found;
  throw new CommandFailedError(
    `No record ${only.key} is quarantined.`,
    'List them with `npm run ops -- quarantine`.',
  );
}

function listEntries(entries: readonly QuarantinedRecord[], terminal: Terminal, json: boolean): void {
  if (json) printJson(terminal, entries);
  else if (entries.length === 0) tell(terminal, 'No quarantined records.');
  else {
    print(
      terminal,
      tableText([
        ['RESOURCE', 'SCOPE', 'KEY', 'READ', 'RUN', 'REASON'],
        ...entries.map(({ resource, scope, key, readAt, runId, message }) => [
          resource,
          scope,
          key,
          readAt,
          runId,
          message,
        ]),
      ]),
    );
  }
}

/** The payload as it was kept; with `json` inside what is known of it. */
async function showEntries(
  entries: readonly QuarantinedRecord[],
  { quarantine: store }: Stores,
  terminal: Terminal,
  json: boolean,
): Promise<void> {
  const shown = [];
  for (const entry of entries) {
    const payload = (await store.payload(entry.resource, entry.scope, entry.key)) ?? null;
    shown.push(json ? { ...entry, payload } : payload);
  }
  if (json) printJson(terminal, shown);
  else for (const payload of shown) printJson(terminal, payload);
}

/** Undefined, and the reason told, where Autodesk cannot be asked. */
async function autodeskOf(target: Target, terminal: Terminal): Promise<AutodeskApi | undefined> {
  try {
    const client = autodeskClientOf(target, await readAutodeskSettings(target));
    await client.signedInUser();
    return client;
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    tell(
      terminal,
      `Checking the stored copies because Autodesk is unavailable: ${reportFailure(error).message}`,
    );
    return undefined;
  }
}

function tellOutcomes(outcomes: readonly RetryOutcome[], terminal: Terminal, json: boolean): number {
  const refused = outcomes.filter(({ outcome }) => outcome === 'refused').length;
  if (json) printJson(terminal, outcomes);
  else {
    for (const { resource, key, outcome, from, message } of outcomes) {
      const judged = from === 'autodesk' ? 'from Autodesk' : 'from the stored copy';
      const why = message === undefined ? '' : `: ${message}`;
      print(terminal, `${resource} ${key}: ${outcome}, ${judged}${why}`);
    }
    tell(terminal, `${outcomes.length - refused} stored, ${refused} still refused.`);
  }
  return refused === 0 ? 0 : 1;
}
