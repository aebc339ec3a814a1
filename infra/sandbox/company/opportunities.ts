import { isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { CompanyMaker } from '../seed/company-maker.ts';
import { DAY_MS } from '../seed/days.ts';
import { CLIENTS, TRADES } from '../seed/vocabulary.ts';
import type { Home } from './project-rows.ts';
import type { Project } from './projects.ts';

/** Of so many opportunities one has no project yet. */
const UNPAIRED_EVERY = 4;

/**
 * The opportunities of the pairs, and some that became no project. A few are masked by an NDA nobody has signed:
 * their `updatedAt` is null, so that no list of changes ever shows them.
 */
export function makeOpportunities(
  maker: CompanyMaker,
  pairs: readonly JsonObject[],
  projects: readonly Project[],
  home: Home,
): JsonObject[] {
  const { ids, nowMs, randomness } = maker;
  const nameOf = new Map(projects.map(({ id, name }) => [id, name]));
  const paired = pairs.map((pair) => ({
    id: String(pair.opportunityId),
    name: nameOf.get(String(pair.projectId)) ?? 'Untitled',
    createdMs: Date.parse(String(pair.createdAt)) - 3 * DAY_MS,
  }));
  const others = Array.from({ length: Math.ceil(pairs.length / UNPAIRED_EVERY) }, () => {
    const createdMs = nowMs - (3 + randomness.integer(200)) * DAY_MS;
    return { id: ids.at(createdMs), name: `${randomness.pick(TRADES)} opportunity`, createdMs };
  });
  return [...paired, ...others].map((opportunity, index) => opportunityRow(maker, opportunity, index, home));
}

function opportunityRow(
  { randomness, nowMs }: CompanyMaker,
  { id, name, createdMs }: { id: string; name: string; createdMs: number },
  index: number,
  home: Home,
): JsonObject {
  const isMasked = index % 29 === 28;
  const updatedMs = Math.min(createdMs + randomness.integer(40 * DAY_MS), nowMs - 60_000);
  const client = CLIENTS[index % CLIENTS.length] ?? null;
  return {
    id,
    name,
    number: index % 3 === 1 ? null : `OPP-${index + 1}`,
    client: {
      company: { id: isMasked ? null : home.companyId, name: isMasked ? null : client },
      lead: null,
      office: null,
    },
    competitors: [],
    customTags: [],
    createdAt: isoTime(createdMs),
    updatedAt: isMasked ? null : isoTime(Math.max(updatedMs, createdMs)),
    defaultCurrency: 'USD',
    source: randomness.pick(['BUILDINGCONNECTED', 'MANUAL', 'EMAIL']),
    isNdaRequired: isMasked,
    outcome: { state: randomness.pick(['UNKNOWN', 'WON', 'LOST']), otherReason: null },
    requestType: randomness.pick(['PROPOSAL', 'BUDGET']),
    submissionState: randomness.pick(['UNDECIDED', 'WILL_SUBMIT', 'SUBMITTED', 'DECLINED']),
    workflowBucket: isMasked ? null : 'ACCEPTED_ACTIVE_ORPHAN',
    isParent: false,
    parentId: null,
    groupChildren: [],
    bid: null,
    members: [{ viewedAt: null, userId: home.userId, type: 'ASSIGNEE' }],
    dueAt: index % 4 === 0 ? null : isoTime(nowMs + (randomness.integer(60) - 20) * DAY_MS),
    tradeName: randomness.pick(TRADES),
    priority: 'UNKNOWN',
    marketSector: 'NONE',
    isArchived: index % 13 === 6,
    owningOfficeId: home.officeId,
    isSealedBidding: false,
    clientValues: null,
  };
}
