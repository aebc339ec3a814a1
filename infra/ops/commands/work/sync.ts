import { isoTime } from '../../../../shared/clock.ts';
import { requestRun } from '../../../../shared/sync/runs/request-run.ts';
import { enabledLists } from '../../../../shared/sync/runs/resume-stalled.ts';
import type { PendingRun } from '../../../../shared/sync/state/run.ts';
import { storesOf } from '../../target/stores.ts';
import type { Target } from '../../target/target.ts';
import { tell } from '../../terminal/terminal.ts';
import { defineCommand, UsageError } from '../command.ts';

export const sync = defineCommand({
  name: 'sync',
  summary: 'request a sync now',
  details:
    'Returns once the sync is requested; `status` shows its progress. A resource that is already syncing is synced\n' +
    'again afterward. Locally, the work happens while `npm start` runs, or with the next `npm start -- --once`.',
  options: {
    resource: { type: 'string', value: 'NAME', help: 'only this resource (default: all enabled ones)' },
    full: { type: 'boolean', help: 'read everything and find what was deleted' },
    since: {
      type: 'string',
      value: 'TIME',
      help: 'read what changed since this time, such as 2026-11-01T00:00:00Z',
    },
    'accept-deletions': {
      type: 'boolean',
      help: 'with --full: mark records deleted even where the guard against mass deletion would stop',
    },
  },
  async run({ given, terminal, open }) {
    const request = wishOf(given);
    await open(async (target) => {
      const stores = storesOf(target);
      for (const { resource, scope } of listsWanted(given.resource, target)) {
        const state = await requestRun({ ...request, resource, scope }, stores);
        const outcome = state.pending
          ? 'queued after the active run'
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
    throw new UsageError('--since cannot be combined with --full, which reads everything.', 'sync');
  if (acceptDeletions && !full) throw new UsageError('--accept-deletions requires --full.', 'sync');
  if (full) return { mode: 'full', ...(acceptDeletions && { acceptDeletions }) };
  if (since === undefined) return { mode: 'incremental' };
  const moment = Date.parse(since);
  if (!/^\d{4}-\d{2}-\d{2}/.test(since) || Number.isNaN(moment)) {
    throw new UsageError(`--since ${since} is not a time such as 2026-11-01T00:00:00Z.`, 'sync');
  }
  return { mode: 'incremental', since: isoTime(moment) };
}

function listsWanted(name: string | undefined, { enabledResources, accountIds }: Target) {
  if (name !== undefined && !enabledResources.includes(name)) {
    throw new UsageError(
      `There is no enabled resource ${name}. Enabled: ${enabledResources.join(', ')}.`,
      'sync',
    );
  }
  return enabledLists({ resources: name === undefined ? enabledResources : [name], accountIds });
}
