import { isoTime } from '../../../../shared/clock.ts';
import { requestRun } from '../../../../shared/sync/runs/request-run.ts';
import { enabledLists } from '../../../../shared/sync/runs/resume-stalled.ts';
import type { PendingRun } from '../../../../shared/sync/state/run.ts';
import { tell } from '../../terminal/terminal.ts';
import { storesOf } from '../../workplace/stores.ts';
import type { Workplace } from '../../workplace/workplace.ts';
import { defineCommand, UsageError } from '../command.ts';

export const sync = defineCommand({
  name: 'sync',
  summary: 'ask for a sync now',
  details:
    'Returns once it is asked for; `status` shows how it goes. A resource that is being synced is synced once more\n' +
    'afterwards. Locally the work is done while `npm start` runs, or by the next `npm start -- --once`.',
  options: {
    resource: { type: 'string', value: 'NAME', help: 'only this resource (default: every enabled one)' },
    full: { type: 'boolean', help: 'read everything and find what was deleted' },
    since: {
      type: 'string',
      value: 'TIME',
      help: 'read what changed since then, such as 2026-11-01T00:00:00Z',
    },
    'accept-deletions': {
      type: 'boolean',
      help: 'with --full: delete even where the guard against mass deletion would stop',
    },
  },
  async run({ given, terminal, open }) {
    const wish = wishOf(given);
    await open(async (workplace) => {
      const stores = storesOf(workplace);
      for (const { resource, scope } of listsWanted(given.resource, workplace)) {
        const state = await requestRun({ ...wish, resource, scope }, stores);
        const outcome = state.pending
          ? 'follows the run that is active'
          : `run ${state.activeRun?.id ?? 'ended'}`;
        tell(terminal, `${resource} (${scope}): ${outcome}`);
      }
    });
  },
});

function wishOf(given: {
  full?: boolean | undefined;
  since?: string | undefined;
  'accept-deletions'?: boolean | undefined;
}): PendingRun {
  const { full = false, since, 'accept-deletions': acceptDeletions = false } = given;
  if (full && since !== undefined)
    throw new UsageError('--since goes without --full, which reads everything.', 'sync');
  if (acceptDeletions && !full) throw new UsageError('--accept-deletions goes with --full only.', 'sync');
  if (full) return { mode: 'full', ...(acceptDeletions && { acceptDeletions }) };
  if (since === undefined) return { mode: 'incremental' };
  const moment = Date.parse(since);
  if (!/^\d{4}-\d{2}-\d{2}/.test(since) || Number.isNaN(moment)) {
    throw new UsageError(`--since ${since} is not a time such as 2026-11-01T00:00:00Z.`, 'sync');
  }
  return { mode: 'incremental', since: isoTime(moment) };
}

function listsWanted(name: string | undefined, { enabledResources, accountIds }: Workplace) {
  if (name !== undefined && !enabledResources.includes(name)) {
    throw new UsageError(
      `There is no enabled resource ${name}. Enabled are: ${enabledResources.join(', ')}.`,
      'sync',
    );
  }
  return enabledLists({ resources: name === undefined ? enabledResources : [name], accountIds });
}
