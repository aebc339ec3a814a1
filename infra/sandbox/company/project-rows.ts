import { isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { CompanyMaker } from '../seed/company-maker.ts';
import { DAY_MS } from '../seed/days.ts';
import { CLIENTS } from '../seed/vocabulary.ts';
import type { BidPackage, Project } from './projects.ts';

/** Whom the rows belong to. */
export interface Home {
  companyId: string;
  officeId: string;
  userId: string;
}

/** Projects as v3 sends them. Some are closed, which the list hides unless it is asked for them. */
export function makeProjectRows(
  maker: CompanyMaker,
  projects: readonly Project[],
  pairs: readonly JsonObject[],
  home: Home,
): JsonObject[] {
  const { randomness, nowMs } = maker;
  const pairOf = new Map(pairs.map((pair) => [pair.projectId, pair]));
  return projects.map((project, index) => {
    const pair = pairOf.get(project.id);
    const publishedMs = project.createdMs + DAY_MS;
    const isClosed = index % 6 === 5;
    const isDraft = index % 9 === 7;
    const dueMs = Math.max(publishedMs + 30 * DAY_MS, nowMs + (randomness.integer(40) - 10) * DAY_MS);
    const updatedMs = Math.min(publishedMs + randomness.integer(60 * DAY_MS), nowMs - 60_000);
    return {
      id: project.id,
      name: project.name,
      number: `${new Date(project.createdMs).getUTCFullYear() % 100}-${String(index + 101)}`,
      company: { id: home.companyId, name: 'Larkfield Builders' },
      client: CLIENTS[index % CLIENTS.length] ?? null,
      description: null,
      value: (1 + randomness.integer(400)) * 25_000,
      projectSize: 1_000 * (1 + randomness.integer(200)),
      projectSizeUnits: 'SQUARE_FEET',
      awarded: isClosed ? randomness.pick(['WON', 'LOST']) : 'UNKNOWN',
      isBiddingSealed: index % 11 === 4,
      state: isClosed ? 'CLOSED' : isDraft ? 'DRAFT' : 'PUBLISHED',
      isNdaRequired: false,
      isPublic: false,
      createdAt: isoTime(project.createdMs),
      updatedAt: isoTime(updatedMs),
      publishedAt: isDraft ? null : isoTime(publishedMs),
      // Many people leave the due dates empty.
      bidsDueAt: index % 4 === 3 ? null : isoTime(dueMs),
      dueAt: index % 3 === 2 ? null : isoTime(dueMs + 5 * DAY_MS),
      closedAt: isClosed ? isoTime(updatedMs) : null,
      location: { country: 'US', state: 'OR', city: 'Portland', precisionLevel: null },
      isTemplate: false,
      createdBy: home.userId,
      defaultCurrency: 'USD',
      owningOfficeId: home.officeId,
      currentAccLinkedProjectId: null,
      opportunityProjectPair:
        pair === undefined ? null : { id: pair.id ?? null, opportunityId: pair.opportunityId ?? null },
    };
  });
}

/** Bid packages; some have a due date of their own, most follow their project's. */
export function makeBidPackageRows(
  { randomness, nowMs }: CompanyMaker,
  packages: readonly BidPackage[],
  home: Home,
): JsonObject[] {
  return packages.map((bidPackage, index) => {
    const updatedMs = Math.min(bidPackage.createdMs + randomness.integer(30 * DAY_MS), nowMs - 60_000);
    const hasOwnDate = index % 5 === 1;
    return {
      id: bidPackage.id,
      projectId: bidPackage.project.id,
      name: bidPackage.name,
      leadUserId: home.userId,
      number: String(index + 1),
      keywords: [bidPackage.name],
      estimatedCost: index % 3 === 0 ? null : (1 + randomness.integer(90)) * 10_000,
      instructions: null,
      state: index % 8 === 6 ? 'DRAFT' : 'PUBLISHED',
      createdAt: isoTime(bidPackage.createdMs),
      updatedAt: isoTime(Math.max(updatedMs, bidPackage.createdMs)),
      publishedAt: isoTime(bidPackage.createdMs + DAY_MS),
      bidsDueAt: hasOwnDate ? isoTime(nowMs + (randomness.integer(30) - 5) * DAY_MS) : null,
      useProjectBidsDueAt: !hasOwnDate,
      bidAdminUnsealed: false,
      bidAdminUnsealedAt: null,
      currentAccLinkedProjectId: null,
      awardedLeveledTotal: null,
      awardedCompany: null,
      awardedBidId: null,
      bidFormId: null,
    };
  });
}

/** Who works on a project: its lead and one or two more. */
export function makeTeamMembers(
  { randomness, ids, nowMs }: CompanyMaker,
  projects: readonly Project[],
  users: readonly JsonObject[],
): JsonObject[] {
  return projects.flatMap((project, index) =>
    Array.from({ length: 2 + (index % 2) }, (_, place) => {
      const createdMs = project.createdMs + place * 60_000;
      return {
        id: ids.at(createdMs),
        user: users[(index + place) % users.length] ?? null,
        projectId: project.id,
        currentAccLinkedProjectId: null,
        createdBy: users[0]?.id ?? null,
        isProjectLead: place === 0,
        privileges: null,
        createdAt: isoTime(createdMs),
        updatedAt: isoTime(Math.min(createdMs + randomness.integer(20 * DAY_MS), nowMs - 60_000)),
        firstViewedAt: null,
        ndaSignedAt: null,
        ndaSignedIpAddress: null,
        notificationPreferences: 'ALL',
        subscribedBidPackages: [],
      };
    }),
  );
}
