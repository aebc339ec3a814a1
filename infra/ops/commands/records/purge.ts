import { InvalidArgumentError } from '@commander-js/extra-typings';
import { purgeDeleted, purgeMoment } from '../../../../shared/records/purge.ts';
import { enabledLists } from '../../../../shared/sync/runs/resume-stalled.ts';
import { storesOf } from '../../targets/stores.ts';
import { tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';

export function purge(ops: Ops) {
  return opsCommand(
    'purge',
    'permanently remove records deleted at Autodesk long ago',
    'This happens every day on its own, by the stage setting purgeDeletedAfterDays (PURGE_DELETED_AFTER_DAYS ' +
      'locally); use this to remove more, or sooner. Line items go with their form.',
  )
    .option('--older-than-days <n>', 'deleted more than this many days ago (default: the setting)', daysOf)
    .option('--dry-run', 'only count them')
    .action(({ olderThanDays, dryRun, ...places }) =>
      ops.open(places)(async (target) => {
        const { records, clock } = storesOf(target);
        const moment = purgeMoment(olderThanDays ?? target.purgeDeletedAfterDays, clock);
        for (const list of enabledLists({
          resources: target.enabledResources,
          accountIds: target.accountIds,
        })) {
          const { removed } = await purgeDeleted(list, moment, {
            records: dryRun
              ? { deletedBefore: (...of) => records.deletedBefore(...of), purge: async () => {} }
              : records,
            timeLeftMs: () => Number.POSITIVE_INFINITY,
          });
          const outcome = dryRun ? 'to be removed' : 'removed';
          tell(ops.terminal, `${list.resource} (${list.scope}): ${removed} ${outcome}`);
        }
      }),
    );
}

function daysOf(text: string): number {
  const days = text.trim() === '' ? Number.NaN : Number(text);
  if (days >= 0 && Number.isFinite(days)) return days;
  throw new InvalidArgumentError('It must be a number, 0 or more.');
}
