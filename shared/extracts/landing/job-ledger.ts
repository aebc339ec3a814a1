import type { Clock } from '../../clock.ts';
import type { FailureReport } from '../../errors.ts';
import { hasGivenUp, type LandingStore } from './landing.ts';

/** Autodesk runs so many jobs of an account within 24 hours, those that people started in its page included:
 * https://aps.autodesk.com/blog/specific-limit-jobs-data-connector-api */
const JOBS_A_DAY = 24;
const DAY_MS = 86_400_000;

/** What Data Connector has done for an account, and what became of it. */
export interface JobLedger {
  accountId: string;
  /** Started within the last 24 hours, as of the last run of the jobs; null before the first. */
  jobsLastDay: number | null;
  jobLimit: number;
  /** Of what has not expired. */
  landed: { jobs: number; files: number; bytes: number; lastAt: string | null };
  /** Jobs whose files are being landed or are tried again by themselves. */
  waiting: number;
  /** Those that have failed at least once. `givenUp`: people are told, and it is tried once a day. */
  failed: { requestId: string; jobId: string; attempts: number; givenUp: boolean; error: FailureReport }[];
}

export async function readJobLedger(
  accountId: string,
  { landings, clock }: { landings: Pick<LandingStore, 'open' | 'ended' | 'look'>; clock: Clock },
): Promise<JobLedger> {
  const [open, ended, look] = await Promise.all([
    landings.open(accountId),
    landings.ended(accountId),
    landings.look(accountId),
  ]);
  const landed = ended.filter(({ outcome }) => outcome === 'landed');
  const files = landed.flatMap((landing) => landing.files);
  const sinceMs = clock.now() - DAY_MS;
  return {
    accountId,
    jobsLastDay: look?.createdAt.filter((at) => Date.parse(at) > sinceMs).length ?? null,
    jobLimit: JOBS_A_DAY,
    landed: {
      jobs: landed.length,
      files: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      lastAt:
        landed
          .map(({ at }) => at)
          .sort()
          .at(-1) ?? null,
    },
    waiting: open.length,
    failed: open.flatMap(({ requestId, jobId, attempts, error }) =>
      error === undefined ? [] : [{ requestId, jobId, attempts, givenUp: hasGivenUp({ attempts }), error }],
    ),
  };
}
