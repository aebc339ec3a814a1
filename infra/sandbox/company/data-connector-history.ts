import { isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { CompanyMaker } from '../seed/company-maker.ts';
import { DAY_MS } from '../seed/days.ts';
import { uuidFrom } from '../seed/ids.ts';
import type { SeededRandomness } from '../seed/seeded-randomness.ts';
import { OUR_DOMAIN, PROJECT_PLACES } from '../seed/vocabulary.ts';

const SERVICE_GROUPS = ['admin', 'issues', 'cost', 'rfis', 'forms', 'schedule', 'submittalsacc'] as const;
const INTERVALS = ['ONE_TIME', 'DAY', 'WEEK', 'MONTH'] as const;

/** The requests of one account and the jobs that were run for them; every job has ended. */
export function makeDataConnectorHistory(
  maker: CompanyMaker,
  accountId: string,
  requestCount: number,
  jobCount: number,
): { requests: JsonObject[]; jobs: JsonObject[] } {
  const { randomness, nowMs } = maker;
  const requests = Array.from({ length: requestCount }, (_, index) => makeRequest(maker, accountId, index));
  const jobs: JsonObject[] = [];
  for (let index = 0; index < jobCount && requests.length > 0; index++) {
    const createdMs = nowMs - (jobCount - index) * DAY_MS - randomness.integer(DAY_MS);
    const finished = finishedJob(createdMs + 15 * 60_000, !randomness.chance(0.07));
    jobs.push({ ...queuedJob(randomness.pick(requests), createdMs, randomness), ...finished });
  }
  return { requests, jobs };
}

function makeRequest({ randomness, nowMs }: CompanyMaker, accountId: string, index: number): JsonObject {
  const createdMs = nowMs - (30 + randomness.integer(300)) * DAY_MS - randomness.integer(DAY_MS);
  const updatedMs = Math.min(createdMs + randomness.integer(60 * DAY_MS), nowMs - 60_000);
  const interval = INTERVALS[index % INTERVALS.length] ?? 'DAY';
  const projectIds = Array.from({ length: 1 + randomness.integer(3) }, () => uuidFrom(randomness));
  return {
    id: uuidFrom(randomness),
    description: `${PROJECT_PLACES[index % PROJECT_PLACES.length]} extract`,
    isActive: interval !== 'ONE_TIME' && !randomness.chance(0.15),
    accountId,
    projectId: null,
    // The documentation calls it an array and shows a text that holds one. Both occur.
    projectIdList: index % 3 === 0 ? JSON.stringify(projectIds) : projectIds,
    createdBy: 'LARKFIELD1',
    createdByEmail: `data@${OUR_DOMAIN}`,
    createdAt: isoTime(createdMs),
    updatedBy: 'LARKFIELD1',
    updatedAt: isoTime(updatedMs),
    scheduleInterval: interval,
    reoccuringInterval: interval === 'ONE_TIME' ? null : 1 + randomness.integer(2),
    effectiveFrom: isoTime(createdMs),
    effectiveTo: interval === 'ONE_TIME' ? null : isoTime(nowMs + 300 * DAY_MS),
    lastQueuedAt: randomness.chance(0.2) ? null : isoTime(updatedMs),
    serviceGroups: index % 5 === 0 ? ['all'] : ['admin', randomness.pick(SERVICE_GROUPS.slice(1))],
    callbackUrl: index % 4 === 3 ? null : `https://sync.${OUR_DOMAIN}/callbacks/data-connector`,
    sendEmail: randomness.chance(0.5),
    startDate: null,
    endDate: null,
    dateRange: randomness.pick(['PAST_7_DAYS', 'MONTH_TO_DATE', 'LAST_MONTH']),
    projectStatus: randomness.pick(['all', 'active']),
  };
}

/** A job as it stands when it was just queued for a request. */
export function queuedJob(request: JsonObject, createdMs: number, randomness: SeededRandomness): JsonObject {
  return {
    id: uuidFrom(randomness),
    requestId: request.id ?? null,
    accountId: request.accountId ?? null,
    projectId: null,
    projectIdList: request.projectIdList ?? null,
    createdBy: request.createdBy ?? null,
    createdByEmail: request.createdByEmail ?? null,
    createdAt: isoTime(createdMs),
    status: 'queued',
    completionStatus: null,
    startedAt: null,
    completedAt: null,
    sendEmail: request.sendEmail ?? true,
    progress: 0,
    lastDownloadedBy: null,
    lastDownloadedAt: null,
    startDate: null,
    endDate: null,
  };
}

/** The fields in which an ended job differs. A failed job is `complete` too. */
export function finishedJob(completedMs: number, success: boolean): JsonObject {
  return {
    status: 'complete',
    completionStatus: success ? 'success' : 'failed',
    startedAt: isoTime(completedMs - 10 * 60_000),
    completedAt: isoTime(completedMs),
    progress: 100,
  };
}
