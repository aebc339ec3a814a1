import type { LandingStore } from '../../../shared/extracts/landing/landing.ts';
import { dataConnectorJobs } from '../../../shared/resources/data-connector.ts';
import type { RunReader } from '../../../shared/sync/state/run.ts';

/** How far the files of jobs are landed. `mark`: a text that is another one whenever something was landed. */
export interface LandingProgress {
  isIdle: boolean;
  mark: string;
}

/**
 * Idle is when the last complete run of the jobs was looked at and every landing that was opened has been tried: what
 * has failed is tried again later, and nobody waits for that.
 */
export async function viewLandings({
  accountIds,
  landings,
  runs,
}: {
  accountIds: readonly string[];
  landings: Pick<LandingStore, 'open' | 'look'>;
  runs: Pick<RunReader, 'read'>;
}): Promise<LandingProgress> {
  const accounts = await Promise.all(
    accountIds.map(async (accountId) => {
      const [{ lastRun }, look, open] = await Promise.all([
        runs.read(dataConnectorJobs.name, accountId),
        landings.look(accountId),
        landings.open(accountId),
      ]);
      const isLookedAt = lastRun?.status !== 'complete' || look?.runId === lastRun.id;
      const untried = open.filter(({ attempts, lease }) => attempts === 0 || lease !== undefined);
      return {
        isIdle: isLookedAt && untried.length === 0,
        mark: open.map(({ jobId, rev }) => `${jobId}/${rev}`),
      };
    }),
  );
  return {
    isIdle: accounts.every(({ isIdle }) => isIdle),
    mark: accounts.flatMap(({ mark }) => mark).join(' '),
  };
}
