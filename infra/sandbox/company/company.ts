import type { JsonObject } from '../../../shared/json.ts';
import { makeBidForms } from './bid-forms.ts';
import type { CompanyMaker } from './company-maker.ts';
import { makeDataConnectorHistory } from './data-connector-history.ts';
import { DAY_MS } from './days.ts';
import { idsFrom } from './ids.ts';
import { makeInvites } from './invites.ts';
import { makePairs } from './pairs.ts';
import { makeBidPackages, makeProjects } from './projects.ts';
import { seededRandomness } from './seeded-randomness.ts';
import { FIRST_NAMES, LAST_NAMES, OUR_DOMAIN } from './vocabulary.ts';

/** How many records of each kind the company has; requests and jobs count for each account. */
export interface CompanyScale {
  projects: number;
  pairs: number;
  invites: number;
  forms: number;
  requests: number;
  jobs: number;
}

export interface Company {
  user: JsonObject;
  pairs: JsonObject[];
  invites: JsonObject[];
  /** Forms without their `lineItems`. */
  forms: JsonObject[];
  lineItems: Map<string, JsonObject[]>;
  requests: JsonObject[];
  jobs: JsonObject[];
}

/** The company of a seed: equal arguments give equal records. */
export function makeCompany(
  seed: string,
  scale: CompanyScale,
  accountIds: readonly string[],
  nowMs: number,
): Company {
  const maker = (part: string): CompanyMaker => {
    const randomness = seededRandomness(`${seed}/${part}`);
    return { randomness, ids: idsFrom(randomness), nowMs };
  };
  const base = maker('company');
  const user = makeUser(base);
  const projects = makeProjects(base, scale.projects);
  const packages = makeBidPackages(base, projects, packageCount(scale));
  const { forms, lineItems } = makeBidForms(maker('forms'), packages.slice(0, scale.forms), String(user.id));
  const histories = accountIds.map((accountId) =>
    makeDataConnectorHistory(maker(`account/${accountId}`), accountId, scale.requests, scale.jobs),
  );
  return {
    user,
    pairs: makePairs(maker('pairs'), projects, scale.pairs, String(user.id)),
    invites: makeInvites(maker('invites'), packages, scale.invites),
    forms,
    lineItems,
    requests: histories.flatMap((history) => history.requests),
    jobs: histories.flatMap((history) => history.jobs),
  };
}

function makeUser({ randomness, ids, nowMs }: CompanyMaker): JsonObject {
  const firstName = randomness.pick(FIRST_NAMES);
  const lastName = randomness.pick(LAST_NAMES);
  return {
    id: ids.at(nowMs - 900 * DAY_MS),
    firstName,
    lastName,
    email: `${firstName}.${lastName}@${OUR_DOMAIN}`.toLowerCase().replace("'", ''),
    title: 'Preconstruction Manager',
    companyId: ids.at(nowMs - 1500 * DAY_MS),
    officeId: ids.at(nowMs - 1500 * DAY_MS),
    bidBoardPermissions: { viewAll: true },
  };
}

/** Enough packages for one form each and for about a dozen bidders each. */
function packageCount(scale: CompanyScale): number {
  return Math.max(scale.projects * 3, scale.forms, Math.ceil(scale.invites / 12), 1);
}
