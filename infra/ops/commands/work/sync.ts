import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { isoTime } from '../../../../shared/clock.ts';
import { requestRun } from '../../../../shared/sync/runs/request-run.ts';
import { enabledLists, listsToAsk } from '../../../../shared/sync/runs/resume-stalled.ts';
import type { PendingRun } from '../../../../shared/sync/state/run.ts';
import { storesOf } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';
import { tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';

export function sync(ops: Ops) {
  return opsCommand(
    'sync',
    'request a sync now',
    'Returns once the sync is requested; `status` shows its progress. A resource that is already syncing is synced ' +
      'again afterward. Locally, the work happens while `npm start` runs, or with the next `npm start -- --once`.',
  )
    .option('--resource <name>', 'only this resource (default: all enabled ones; those with parents follow)')
    .option('--full', 'read everything and find what was deleted', false)
    .addOption(
      new Option('--since <time>', 'read what changed since this time, such as 2026-11-01T00:00:00Z')
        .argParser(timeOf)
        .conflicts('full'),
    )
    .option(
      '--accept-deletions',
      'with --full: mark records deleted even where the guard against mass deletion would stop',
      false,
    )
    .action(({ resource: only, full, since, acceptDeletions, ...places }) => {
      const request = requestOf(full, since, acceptDeletions);
      return ops.open(places)(async (target) => {
        const stores = storesOf(target);
        for (const { resource, scope } of listsWanted(only, target)) {
          const state = await requestRun({ ...request, resource, scope }, stores);
          const outcome = state.pending
            ? 'queued after the active run'
            : `run ${state.activeRun?.id ?? 'ended'}`;
          tell(ops.terminal, `${resource} (${scope}): ${outcome}`);
        }
      });
    });
}

function requestOf(full: boolean, since: string | undefined, acceptDeletions: boolean): PendingRun {
  if (acceptDeletions && !full) throw new UsageError('--accept-deletions requires --full.', 'sync');
  if (full) return { mode: 'full', ...(acceptDeletions && { acceptDeletions }) };
  return { mode: 'incremental', ...(since !== undefined && { since }) };
}

/** ISO 8601. */
function timeOf(text: string): string {
  const moment = Date.parse(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(moment)) return isoTime(moment);
  throw new InvalidArgumentError('It must be a time such as 2026-11-01T00:00:00Z.');
}

function listsWanted(name: string | undefined, { enabledResources, accountIds }: Target) {
  if (name !== undefined && !enabledResources.includes(name)) {
    throw new UsageError(
      `There is no enabled resource ${name}. Enabled: ${enabledResources.join(', ')}.`,
      'sync',
    );
  }
  return name === undefined
    ? listsToAsk({ resources: enabledResources, accountIds }, 'full')
    : enabledLists({ resources: [name], accountIds });
}
