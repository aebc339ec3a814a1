import type { JsonObject } from '../../../shared/json.ts';
import { makeBidForms } from './bid-forms.ts';
import type { CompanyMaker } from './company-maker.ts';
import { makeDataConnectorHistory } from './data-connector-history.ts';
import { DAY_MS } from './days.ts';
import {
  makeCertificateAgencies,
  makeCertificateTypes,
  makeContacts,
  makeOffices,
  makeUsers,
} from './directory.ts';
import { idsFrom } from './ids.ts';
import { makeInvites } from './invites.ts';
import { makeOpportunities } from './opportunities.ts';
import { makePairs } from './pairs.ts';
import { type Home, makeBidPackageRows, makeProjectRows, makeTeamMembers } from './project-rows.ts';
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
  projects: JsonObject[];
  opportunities: JsonObject[];
  bidPackages: JsonObject[];
  teamMembers: JsonObject[];
  contacts: JsonObject[];
  users: JsonObject[];
  offices: JsonObject[];
  certificateTypes: JsonObject[];
  certificateAgencies: JsonObject[];
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
  const home: Home = {
    companyId: String(user.companyId),
    officeId: String(user.officeId),
    userId: String(user.id),
  };
  const pairs = makePairs(maker('pairs'), projects, scale.pairs, home.userId);
  const users = makeUsers(maker('users'), home, user);
  return {
    user,
    pairs,
    projects: makeProjectRows(maker('projects'), projects, pairs, home),
    opportunities: makeOpportunities(maker('opportunities'), pairs, projects, home),
    bidPackages: makeBidPackageRows(maker('bid-packages'), packages, home),
    teamMembers: makeTeamMembers(maker('team-members'), projects, users),
    contacts: makeContacts(maker('contacts')),
    users,
    offices: makeOffices(maker('offices'), home),
    certificateTypes: makeCertificateTypes(maker('certificate-types')),
    certificateAgencies: makeCertificateAgencies(maker('certificate-agencies')),
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
