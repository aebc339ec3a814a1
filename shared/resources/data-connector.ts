import type { Resource } from './resource.ts';

const DATA_CONNECTOR = '/data-connector/v1/accounts';

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
  reads: ['status', 'completionStatus', 'completedAt', 'requestId'],
};
