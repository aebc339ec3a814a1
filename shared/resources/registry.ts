import { COMPANY_SCOPE, type Resource, type Scope } from './resource.ts';

const BUILDINGCONNECTED = '/construction/buildingconnected/v2';
const BUILDINGCONNECTED_V3 = '/construction/buildingconnected/v3';
const DATA_CONNECTOR = '/data-connector/v1/accounts';

const opportunityProjectPairs: Resource = {
  name: 'opportunity-project-pairs',
  about: 'a received opportunity and the project made from it, with the state of their file transfer',
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED}/opportunity-project-pairs`,
  pagination: { style: 'cursor' },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
  // A failed transfer should be told within minutes, and a look is one call.
  everyMinutes: 5,
  attention: {
    needed: (pair) =>
      pair.fileStatus !== 'SUCCESS' || Boolean(pair.fileSyncingError) || pair.shouldRelinkGroup === true,
    // Whether `updatedAt` moves with `fileStatus` is documented nowhere.
    settled: () => false,
  },
};

const invites: Resource = {
  name: 'invites',
  about: 'invitations to bid, one for each company and bid package',
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED}/invites`,
  pagination: { style: 'cursor' },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
  totalsParameter: 'includeTotalResults',
};

const scopeSpecificBidForms: Resource = {
  name: 'scope-specific-bid-forms',
  about: 'bid forms, one for each bid package, with their line items',
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED}/scope-specific-bid-forms`,
  pagination: { style: 'cursor' },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
  nested: { name: 'scope-specific-bid-form-line-items', field: 'lineItems', segment: 'line-items' },
};

/** The list hides closed ones unless it is asked for them, and a sweep would take them for deleted. */
const projects: Resource = {
  name: 'projects',
  about: 'projects, closed ones included',
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED_V3}/projects`,
  query: { includeClosed: 'true' },
  pagination: { style: 'cursor' },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
};

/** Those behind an NDA have no `updatedAt`: only whole reads show them. */
const opportunities: Resource = {
  name: 'opportunities',
  about: 'opportunities of the bid board',
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED}/opportunities`,
  pagination: { style: 'cursor' },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: true,
};

const bidPackages: Resource = {
  name: 'bid-packages',
  about: 'the packages of work that a project is bid in',
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED}/bid-packages`,
  pagination: { style: 'cursor' },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
};

const projectTeamMembers: Resource = {
  name: 'project-team-members',
  about: 'who works on a project; an id is of the membership, not of the person',
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED_V3}/project-team-members`,
  pagination: { style: 'cursor' },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
};

/** Autodesk itself brings them up to date once a day. */
const contacts: Resource = {
  name: 'contacts',
  about: "what the company knows of other companies' offices",
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED}/contacts`,
  query: { includeRemoved: 'true' },
  pagination: { style: 'cursor' },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
  daily: true,
  removed: (contact) => contact.isRemoved === true,
};

/** The rows say nothing of when they were changed. */
const users: Resource = {
  name: 'users',
  about: "the company's own people",
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED}/users`,
  pagination: { style: 'cursor' },
  changes: { kind: 'none' },
  updatedAtMayBeNull: true,
  daily: true,
};

const offices: Resource = {
  name: 'offices',
  about: "the company's offices",
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED}/offices`,
  pagination: { style: 'cursor' },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
  daily: true,
};

const certificateTypes: Resource = certificateList(
  'certificate-types',
  'the kinds of certificates that bidders may have',
);
const certificateAgencies: Resource = certificateList('certificate-agencies', 'who issues certificates');

/** Neither list can be read by id. */
function certificateList(name: 'certificate-types' | 'certificate-agencies', about: string): Resource {
  return {
    name,
    about,
    api: 'buildingconnected',
    scope: 'company',
    path: () => `${BUILDINGCONNECTED}/${name}`,
    query: { includeDeleted: 'true' },
    pagination: { style: 'cursor' },
    changes: { kind: 'updated-at-filter' },
    updatedAtMayBeNull: false,
    daily: true,
    removed: (row) => row.isDeleted === true,
  };
}

export const dataConnectorRequests: Resource = {
  name: 'data-connector-requests',
  about: 'Data Connector requests of the signed-in user in one account',
  api: 'data-connector',
  scope: 'account',
  path: (accountId) => `${DATA_CONNECTOR}/${encodeURIComponent(accountId)}/requests`,
  pagination: { style: 'offset', sort: { sortFields: 'createdAt' } },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
};

export const dataConnectorJobs: Resource = {
  name: 'data-connector-jobs',
  about: 'jobs that Data Connector ran for those requests',
  api: 'data-connector',
  scope: 'account',
  path: (accountId) => `${DATA_CONNECTOR}/${encodeURIComponent(accountId)}/jobs`,
  pagination: { style: 'offset', sort: { sort: 'asc' }, newestFirst: { sort: 'desc' } },
  changes: { kind: 'newest-first' },
  updatedAtMayBeNull: true,
  attention: {
    needed: (job) => job.status !== 'complete' || job.completionStatus !== 'success',
    settled: (job) => job.status === 'complete',
  },
};

/** In the order in which a first load asks for them: what alerts need comes first. */
export const RESOURCES: readonly Resource[] = [
  opportunityProjectPairs,
  projects,
  opportunities,
  invites,
  bidPackages,
  scopeSpecificBidForms,
  projectTeamMembers,
  contacts,
  users,
  offices,
  certificateTypes,
  certificateAgencies,
  dataConnectorRequests,
  dataConnectorJobs,
];

export const RESOURCE_NAMES: readonly string[] = RESOURCES.map((resource) => resource.name);

/** The resource of that name, or undefined. */
export function findResource(name: string): Resource | undefined {
  return RESOURCES.find((resource) => resource.name === name);
}

/** The lists to read: one for each resource of the company, one for each account of the others. */
export function scopesOf(resource: Resource, accountIds: readonly string[]): Scope[] {
  return resource.scope === 'company' ? [COMPANY_SCOPE] : [...accountIds];
}

/** The resource whose records hold the nested list of that name, or undefined. */
export function parentOf(nestedName: string): Resource | undefined {
  return RESOURCES.find((resource) => resource.nested?.name === nestedName);
}
