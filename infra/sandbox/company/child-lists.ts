import { isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { CompanyMaker } from '../seed/company-maker.ts';
import { DAY_MS } from '../seed/days.ts';
import type { Elements } from './elements.ts';
import type { Project } from './projects.ts';

/** What people wrote about every third opportunity. */
export function makeComments(
  { randomness, ids, nowMs }: CompanyMaker,
  opportunities: readonly JsonObject[],
  userId: string,
): Elements {
  const comments: Elements = new Map();
  for (const [index, { id, createdAt }] of opportunities.entries()) {
    if (index % 3 !== 0) continue;
    const createdMs = Math.min(Date.parse(String(createdAt)) + DAY_MS, nowMs - DAY_MS);
    comments.set(
      String(id),
      Array.from({ length: 1 + randomness.integer(3) }, (_, place) => ({
        id: ids.at(createdMs),
        opportunityId: String(id),
        createdAt: isoTime(createdMs + place * 60_000),
        createdBy: userId,
        updatedAt: isoTime(createdMs + place * 60_000),
        content: `<p>${randomness.pick(['Walked the site.', 'Ask for the soil report.', 'Client likes our price.'])}</p>`,
        userName: 'Ana Ruiz',
      })),
    );
  }
  return comments;
}

/** Costs that every project adds to its bids; they have no dates. */
export function makeCosts({ randomness, ids }: CompanyMaker, projects: readonly Project[]): Elements {
  return new Map(
    projects.map(({ id, createdMs }) => [
      id,
      [
        {
          id: ids.at(createdMs),
          name: 'Permit',
          section: null,
          code: 'P1',
          calculationType: 'PERCENTAGE',
          calculation: { percent: (1 + randomness.integer(30)) / 1_000 },
        },
        {
          id: ids.at(createdMs),
          name: 'Site office',
          section: 'General conditions',
          code: null,
          calculationType: 'LUMP_SUM',
          calculation: { amount: 5_000 + 500 * randomness.integer(40) },
        },
      ],
    ]),
  );
}

/** What happened to a package: an entry for each bid on it. */
export function makeActivities({ ids }: CompanyMaker, bids: readonly JsonObject[]): Elements {
  const activities: Elements = new Map();
  for (const bid of bids) {
    const bidPackageId = String(bid.bidPackageId);
    const createdAt = String(bid.createdAt);
    const activity = {
      id: ids.at(Date.parse(createdAt)),
      action: 'BID_SUBMITTED',
      data: { total: bid.total ?? null, currency: 'USD', bidId: bid.id ?? null },
      projectId: bid.projectId ?? null,
      bidPackageId,
      inviteId: bid.inviteId ?? null,
      currentAccLinkedProjectId: null,
      createdAt,
      createdBy: { id: bid.createdBy ?? null },
    };
    activities.set(bidPackageId, [...(activities.get(bidPackageId) ?? []), activity]);
  }
  return activities;
}

/** Notes on every eighth invite, kept by its project. */
export function makeInviteNotes(
  { ids }: CompanyMaker,
  invites: readonly JsonObject[],
  userId: string,
): Elements {
  const notes: Elements = new Map();
  for (const invite of invites.filter((_, index) => index % 8 === 5)) {
    const projectId = String(invite.projectId);
    const createdAt = String(invite.updatedAt);
    const note = {
      id: ids.at(Date.parse(createdAt)),
      projectId,
      bidPackageId: invite.bidPackageId ?? null,
      inviteId: invite.id ?? null,
      currentAccLinkedProjectId: null,
      bidderCompany: null,
      createdAt,
      createdBy: { id: userId },
      note: 'Called; the bid will be a day late.',
    };
    notes.set(projectId, [...(notes.get(projectId) ?? []), note]);
  }
  return notes;
}
