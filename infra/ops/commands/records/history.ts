import { type Change, shortText } from '../../../../shared/records/history/changes.ts';
import { type HistoryEntry, readRecordHistory } from '../../../../shared/records/history/record-history.ts';
import type { RecordKey } from '../../../../shared/records/record.ts';
import { findNested, findResource } from '../../../../shared/resources/registry.ts';
import { timeText } from '../../../../shared/time-text.ts';
import { storesOf } from '../../targets/stores.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { print, printJson, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';

/** Of one version; `--json` has all of them. */
const MOST_CHANGES = 20;

export function history(ops: Ops) {
  const { terminal } = ops;
  return opsCommand(
    'history',
    'show the versions of a record, with what changed in each',
    'The version that is stored now comes first. Replaced versions are kept for as many days as the stage setting ' +
      'historyDays says (HISTORY_DAYS locally).',
  )
    .requiredOption('--resource <name>', 'the list that the record is in')
    .requiredOption('--id <id>', 'the id of the record')
    .option(
      '--parent <id>',
      'of a line item or comment, for example: the id of the record that it belongs to',
    )
    .option('--json', 'print JSON, with every version whole')
    .action(({ resource, id, parent: parentId, json = false, ...places }) => {
      const key = keyOf({ resource, id, ...(parentId !== undefined && { parentId }) });
      return ops.open(places)(async (target) => {
        const found = await readRecordHistory(key, storesOf(target).records);
        if (found === undefined) {
          throw new CommandFailedError(
            `There is no record ${id} in ${resource}${parentId === undefined ? '' : ` of ${parentId}`}.`,
            'Check the id: `npm run ops -- export` has those of a list. A record that was purged has no history.',
          );
        }
        if (json) {
          return printJson(terminal, { ...key, versions: found.entries.map(jsonOf) });
        }
        const [newest] = found.entries;
        for (const entry of found.entries) {
          print(terminal, textOf(entry, { isNewest: entry === newest, timeZone: target.timeZone }));
        }
        if (found.entries.length > 1) return;
        const isKept = target.historyDays > 0;
        tell(terminal, isKept ? 'No older version is kept.' : 'No history is kept here: historyDays is 0.');
      });
    });
}

/** Throws where the key cannot be one of a record. */
function keyOf(key: RecordKey): RecordKey {
  const { resource, parentId } = key;
  const nested = findNested(resource);
  const list = findResource(resource);
  if (nested === undefined && list === undefined) {
    throw new CommandFailedError(`There is no resource ${resource}.`, 'docs/resources.md lists them.');
  }
  const hasParent = nested !== undefined || list?.parent !== undefined;
  if (hasParent && parentId === undefined) {
    const parent = nested?.parent.name ?? list?.parent?.name;
    throw new UsageError(`Give --parent, the id of the record in ${parent} that it belongs to.`, 'history');
  }
  if (!hasParent && parentId !== undefined) {
    throw new UsageError(`The records of ${resource} have no --parent.`, 'history');
  }
  return key;
}

function jsonOf({ version, replacedAt, changes }: HistoryEntry) {
  const { readAt, updatedAt, deletedAt, data } = version;
  return {
    readAt,
    ...(replacedAt !== undefined && { replacedAt }),
    ...(updatedAt !== undefined && { updatedAt }),
    ...(deletedAt !== undefined && { deletedAt }),
    changes,
    data,
  };
}

function textOf(
  { version, replacedAt, changes }: HistoryEntry,
  { isNewest, timeZone }: { isNewest: boolean; timeZone: string },
): string {
  const time = (iso: string) => timeText(iso, timeZone);
  const { readAt, updatedAt, deletedAt } = version;
  const head = [
    isNewest ? 'now' : `until ${time(replacedAt ?? readAt)}`,
    `read ${time(readAt)}`,
    ...(updatedAt === undefined ? [] : [`updated at Autodesk ${time(updatedAt)}`]),
    ...(deletedAt === undefined ? [] : [`gone at Autodesk since ${time(deletedAt)}`]),
  ];
  const more = changes.length - MOST_CHANGES;
  return [
    head.join(', '),
    ...changes.slice(0, MOST_CHANGES).map((change) => `  ${changeLine(change)}`),
    ...(more > 0 ? [`  and ${more} more; --json has them`] : []),
  ].join('\n');
}

function changeLine({ path, before, after }: Change): string {
  return `${path}: ${shortText(before)} -> ${shortText(after)}`;
}
