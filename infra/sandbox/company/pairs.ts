import { isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { CompanyMaker } from '../seed/company-maker.ts';
import { DAY_MS } from '../seed/days.ts';
import { SYNC_ERRORS } from '../seed/vocabulary.ts';
import type { Project } from './projects.ts';

/** Pairs of a received opportunity and the project made from it. Most are done, some are under way, a few failed. */
export function makePairs(
  maker: CompanyMaker,
  projects: Project[],
  count: number,
  userId: string,
): JsonObject[] {
  const { randomness, ids, nowMs } = maker;
  return Array.from({ length: count }, (_, index) => {
    const project = projects[index % projects.length] ?? randomness.pick(projects);
    const createdMs = project.createdMs + randomness.integer(5 * DAY_MS);
    const updatedMs = Math.min(createdMs + randomness.integer(30 * DAY_MS), nowMs - 60_000);
    return {
      id: ids.at(createdMs),
      createdBy: userId,
      createdAt: isoTime(createdMs),
      updatedAt: isoTime(updatedMs),
      opportunityId: ids.at(createdMs - 3 * DAY_MS),
      projectId: project.id,
      ...fileTransfer(index, maker),
      shouldRelinkGroup: index % 23 === 11,
    };
  });
}

/** The states come round by index, so that even a small company has each of them. */
function fileTransfer(index: number, { randomness }: CompanyMaker): JsonObject {
  if (index % 17 === 3) return { fileSyncingError: randomness.pick(SYNC_ERRORS), fileStatus: 'FAILED' };
  // An error can stand beside any status: the documentation does not tie the two.
  if (index % 41 === 21) return { fileSyncingError: randomness.pick(SYNC_ERRORS), fileStatus: 'SUCCESS' };
  if (index % 19 === 7) return { fileSyncingError: null, fileStatus: 'IN_PROGRESS' };
  if (index % 19 === 13) return { fileSyncingError: null, fileStatus: 'QUEUED' };
  return { fileSyncingError: null, fileStatus: 'SUCCESS' };
}
