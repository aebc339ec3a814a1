import { COMPANY_SCOPE, type Resource, type Scope } from './resource.ts';

const BUILDINGCONNECTED = '/construction/buildingconnected';
const DATA_CONNECTOR = '/data-connector/v1/accounts';

/** What most lists of a company have in common; what an entry says after it goes before. */
function companyList(name: string, version: 'v2' | 'v3' = 'v2') {
  return {
    name,
    api: 'buildingconnected',
    scope: 'company',
    path: () => `${BUILDINGCONNECTED}/${version}/${name}`,
    pagination: { style: 'cursor' },
    changes: { kind: 'updated-at-filter' },
    updatedAtMayBeNull: false,
  } satisfies Omit<Resource, 'about'>;
}

const opportunityProjectPairs: Resource = {
  ...companyList('opportunity-project-pairs'),
  about: 'a received opportunity and the project made from it, with the state of their file transfer',
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
  ...companyList('invites'),
  about: 'invitations to bid, one for each company and bid package',
  totalsParameter: 'includeTotalResults',
};

const scopeSpecificBidForms: Resource = {
  ...companyList('scope-specific-bid-forms'),
  about: 'bid forms, one for each bid package, with their line items',
  nested: { name: 'scope-specific-bid-form-line-items', field: 'lineItems', segment: 'line-items' },
};

/** The list hides closed ones unless it is asked for them, and a sweep would take them for deleted. */
const projects: Resource = {
  ...companyList('projects', 'v3'),
  about: 'projects, closed ones included',
  query: { includeClosed: 'true' },
};

/** Those behind an NDA have no `updatedAt`: only whole reads show them. */
const opportunities: Resource = {
  ...companyList('opportunities'),
  about: 'opportunities of the bid board',
  updatedAtMayBeNull: true,
};

const bidPackages: Resource = {
  ...companyList('bid-packages'),
  about: 'the packages of work that a project is bid in',
};

const projectTeamMembers: Resource = {
  ...companyList('project-team-members', 'v3'),
  about: 'who works on a project; an id is of the membership, not of the person',
};

/** Autodesk itself brings them up to date once a day. */
const contacts: Resource = {
  ...companyList('contacts'),
  about: "what the company knows of other companies' offices",
  query: { includeRemoved: 'true' },
  daily: true,
  removed: (contact) => contact.isRemoved === true,
};

/** The rows say nothing of when they were changed. */
const users: Resource = {
  ...companyList('users'),
  about: "the company's own people",
  changes: { kind: 'none' },
  updatedAtMayBeNull: true,
  daily: true,
};

const offices: Resource = {
  ...companyList('offices'),
  about: "the company's offices",
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
    ...companyList(name),
    about,
    query: { includeDeleted: 'true' },
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
