import { isoTime } from '../../../shared/clock.ts';
import { findResource } from '../../../shared/resources/registry.ts';
import { enabledLists } from '../../../shared/sync/tick.ts';
import { defineCommand, UsageError } from '../command.ts';
import { storesOf } from '../stores.ts';
import { tell } from '../terminal.ts';

const DAY_MS = 86_400_000;
/** Invites hold personal data: what is gone at Autodesk is not kept for longer without a reason. */
const PURGE_DELETED_AFTER_DAYS = 365;

export const purge = defineCommand({
  name: 'purge',
  summary: 'remove for good what was deleted at Autodesk long ago',
  options: {
    'older-than-days': {
      type: 'string',
      value: 'N',
      help: `deleted more than so many days ago (default ${PURGE_DELETED_AFTER_DAYS})`,
    },
    'dry-run': { type: 'boolean', help: 'only count' },
  },
  async run({ given, terminal, open }) {
    const days = Number(given['older-than-days'] ?? PURGE_DELETED_AFTER_DAYS);
    if (!(days >= 0 && Number.isFinite(days))) {
      throw new UsageError('--older-than-days must be a number, 0 or more.', 'purge');
    }
    await open(async (workplace) => {
      const { records, clock } = storesOf(workplace);
      const moment = isoTime(clock.now() - days * DAY_MS);
      const lists = enabledLists({
        resources: workplace.enabledResources,
        accountIds: workplace.accountIds,
      });
      const withLineItems = lists.flatMap(({ resource, scope }) => {
        const nested = findResource(resource)?.nested;
        return [{ resource, scope }, ...(nested ? [{ resource: nested.name, scope }] : [])];
      });
      for (const { resource, scope } of withLineItems) {
        let purged = 0;
        for await (const key of records.deletedBefore(resource, scope, moment)) {
          if (!given['dry-run']) await records.purge(key);
          purged += 1;
        }
        tell(terminal, `${resource} (${scope}): ${purged} ${given['dry-run'] ? 'to be removed' : 'removed'}`);
      }
    });
  },
});
