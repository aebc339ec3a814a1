import type { JsonObject } from '../../../shared/json.ts';
import type { CompanyMaker } from '../seed/company-maker.ts';
import { DAY_MS } from '../seed/days.ts';
import { idsFrom } from '../seed/ids.ts';
import { seededRandomness } from '../seed/seeded-randomness.ts';
import { FIRST_NAMES, LAST_NAMES, OUR_DOMAIN } from '../seed/vocabulary.ts';
import { makeBidForms, makeProjectBidForms } from './bid-forms.ts';
import { makeBids } from './bids.ts';
import { makeActivities, makeComments, makeCosts, makeInviteNotes } from './child-lists.ts';
import { makeDataConnectorHistory } from './data-connector-history.ts';
import {
  makeCertificateAgencies,
  makeCertificateTypes,
  makeContacts,
  makeOffices,
  makeUsers,
} from './directory.ts';
import type { ElementList, Elements } from './elements.ts';
import { makeInvites } from './invites.ts';
import { makeOpportunities } from './opportunities.ts';
import { makePairs } from './pairs.ts';
import { type Home, makeBidPackageRows, makeProjectRows, makeTeamMembers } from './project-rows.ts';
import { makeBidPackages, makeProjects } from './projects.ts';

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
  /** Forms and bids without the lists inside them. */
  forms: JsonObject[];
  projectForms: JsonObject[];
  bids: JsonObject[];
  elements: Record<ElementList, Elements>;
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
  const opportunities = makeOpportunities(maker('opportunities'), pairs, projects, home);
  const invites = makeInvites(maker('invites'), packages, scale.invites);
  const bids = makeBids(maker('bids'), invites, home.userId);
  const projectForms = makeProjectBidForms(maker('project-forms'), projects, home.userId);
  return {
    user,
    pairs,
    projects: makeProjectRows(maker('projects'), projects, pairs, home),
    opportunities,
    bidPackages: makeBidPackageRows(maker('bid-packages'), packages, home),
    teamMembers: makeTeamMembers(maker('team-members'), projects, users),
    contacts: makeContacts(maker('contacts')),
    users,
    offices: makeOffices(maker('offices'), home),
    certificateTypes: makeCertificateTypes(maker('certificate-types')),
    certificateAgencies: makeCertificateAgencies(maker('certificate-agencies')),
    invites,
    forms,
    projectForms: projectForms.forms,
    bids: bids.rows,
    elements: {
      'scope-specific-bid-form-line-items': lineItems,
      'project-bid-form-line-items': projectForms.lineItems,
      'bid-line-items': bids.lineItems,
      'bid-plugs': bids.plugs,
      'bid-highlights': bids.highlights,
      'bid-notes': bids.notes,
      'opportunity-comments': makeComments(maker('comments'), opportunities, home.userId),
      'project-costs': makeCosts(maker('costs'), projects),
      'bid-package-activities': makeActivities(maker('activities'), bids.rows),
      'invite-notes': makeInviteNotes(maker('invite-notes'), invites, home.userId),
    },
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
