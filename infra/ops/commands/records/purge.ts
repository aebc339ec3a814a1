import { purgeDeleted, purgeMoment } from '../../../../shared/records/purge.ts';
import { enabledLists } from '../../../../shared/sync/runs/resume-stalled.ts';
import { storesOf } from '../../target/stores.ts';
import { tell } from '../../terminal/terminal.ts';
import { defineCommand, UsageError } from '../command.ts';

export const purge = defineCommand({
  name: 'purge',
  summary: 'permanently remove records deleted at Autodesk long ago',
  details:
    'This happens every day on its own, by the stage setting purgeDeletedAfterDays (PURGE_DELETED_AFTER_DAYS\n' +
    'locally); use this to remove more, or sooner. Line items go with their form.',
  options: {
    'older-than-days': {
      type: 'string',
      value: 'N',
      help: 'deleted more than this many days ago (default: the setting)',
    },
    'dry-run': { type: 'boolean', help: 'only count them' },
  },
  async run({ given, terminal, open }) {
    const wanted = given['older-than-days'];
    const wantedDays = wanted === undefined ? undefined : daysOf(wanted);
    await open(async (target) => {
      const { records, clock } = storesOf(target);
      const dryRun = given['dry-run'] ?? false;
      const moment = purgeMoment(wantedDays ?? target.purgeDeletedAfterDays, clock);
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
        tell(terminal, `${list.resource} (${list.scope}): ${removed} ${outcome}`);
      }
    });
  },
});

function daysOf(text: string): number {
  const days = text.trim() === '' ? Number.NaN : Number(text);
  if (days >= 0 && Number.isFinite(days)) return days;
  throw new UsageError('--older-than-days must be a number, 0 or more.', 'purge');
}
