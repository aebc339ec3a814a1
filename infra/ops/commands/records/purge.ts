import { InvalidArgumentError } from '@commander-js/extra-typings';
import {
  type HistoryPurgePorts,
  type PurgePorts,
  purgeDeleted,
  purgeHistory,
  purgeMoment,
} from '../../../../shared/records/purge.ts';
import type { RecordStore } from '../../../../shared/records/record-store.ts';
import { enabledLists } from '../../../../shared/sync/runs/resume-stalled.ts';
import { storesOf } from '../../targets/stores.ts';
import { tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';

export function purge(ops: Ops) {
  return opsCommand(
    'purge',
    'permanently remove records deleted at Autodesk long ago, and old versions',
    'This happens every day on its own, by the stage settings purgeDeletedAfterDays and historyDays ' +
      '(PURGE_DELETED_AFTER_DAYS and HISTORY_DAYS locally); use this to remove more, or sooner. Line items go with ' +
      'their form, and the history of a record goes with it.',
  )
    .option('--older-than-days <n>', 'deleted more than this many days ago (default: the setting)', daysOf)
    .option('--dry-run', 'only count them')
    .action(({ olderThanDays, dryRun, ...places }) =>
      ops.open(places)(async (target) => {
        const { records, clock } = storesOf(target);
        const deletedBefore = purgeMoment(olderThanDays ?? target.purgeDeletedAfterDays, clock);
        const replacedBefore = purgeMoment(target.historyDays, clock);
        const ports = {
          records: dryRun ? counting(records) : records,
          timeLeftMs: () => Number.POSITIVE_INFINITY,
        };
        const outcome = dryRun ? 'to be removed' : 'removed';
        for (const list of enabledLists({
          resources: target.enabledResources,
          accountIds: target.accountIds,
        })) {
          const deleted = await purgeDeleted(list, deletedBefore, ports);
          const replaced = await purgeHistory(list, replacedBefore, ports);
          tell(
            ops.terminal,
            `${list.resource} (${list.scope}): ${deleted.removed} ${outcome}${
              replaced.removed === 0 ? '' : `; replaced versions: ${replaced.removed}`
            }`,
          );
        }
      }),
    );
}

/** Finds what would be removed, and removes nothing. */
function counting(records: RecordStore): (PurgePorts & HistoryPurgePorts)['records'] {
  return {
    deletedBefore: (...of) => records.deletedBefore(...of),
    purge: async () => {},
    replacedBefore: (...of) => records.replacedBefore(...of),
    forget: async () => {},
  };
}

function daysOf(text: string): number {
  const days = text.trim() === '' ? Number.NaN : Number(text);
  if (days >= 0 && Number.isFinite(days)) return days;
  throw new InvalidArgumentError('It must be a number, 0 or more.');
}
