import { COMPANY_SCOPE, type Resource, type Scope } from './resource.ts';

const BUILDINGCONNECTED = '/construction/buildingconnected/v2';
const DATA_CONNECTOR = '/data-connector/v1/accounts';

/** Pairs of a received opportunity and the project made from it, with the state of their file transfer. */
const opportunityProjectPairs: Resource = {
  name: 'opportunity-project-pairs',
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED}/opportunity-project-pairs`,
  pagination: { style: 'cursor' },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
  attention: {
    needed: (pair) =>
      pair.fileStatus !== 'SUCCESS' || Boolean(pair.fileSyncingError) || pair.shouldRelinkGroup === true,
    // Whether `updatedAt` moves with `fileStatus` is documented nowhere.
    settled: () => false,
  },
};

/** Invitations to bid on a bid package, one for each company and package. */
const invites: Resource = {
  name: 'invites',
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED}/invites`,
  pagination: { style: 'cursor' },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
  totalsParameter: 'includeTotalResults',
};

/** Bid forms of one bid package each; their line items are records of their own. */
const scopeSpecificBidForms: Resource = {
  name: 'scope-specific-bid-forms',
  api: 'buildingconnected',
  scope: 'company',
  path: () => `${BUILDINGCONNECTED}/scope-specific-bid-forms`,
  pagination: { style: 'cursor' },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
  nested: { name: 'scope-specific-bid-form-line-items', field: 'lineItems', segment: 'line-items' },
};

/** Data Connector requests of the signed-in user in one account. */
export const dataConnectorRequests: Resource = {
  name: 'data-connector-requests',
  api: 'data-connector',
  scope: 'account',
  path: (accountId) => `${DATA_CONNECTOR}/${encodeURIComponent(accountId)}/requests`,
  pagination: { style: 'offset', sort: { sortFields: 'createdAt' } },
  changes: { kind: 'updated-at-filter' },
  updatedAtMayBeNull: false,
};

/** Jobs that Data Connector ran for those requests. */
export const dataConnectorJobs: Resource = {
  name: 'data-connector-jobs',
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

export const RESOURCES: readonly Resource[] = [
  opportunityProjectPairs,
  invites,
  scopeSpecificBidForms,
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
