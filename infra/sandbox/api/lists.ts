import type { JsonObject } from '../../../shared/json.ts';
import type { SandboxResource } from '../data/bidding-data.ts';
import { nestedField, timeFilter, valueFilter } from './filters.ts';
import type { Filter } from './list-pages.ts';

export type ListName = Exclude<SandboxResource, 'data-connector-requests' | 'data-connector-jobs'>;

interface List {
  version: 'v2' | 'v3';
  filters: string[];
  read: (query: URLSearchParams) => Filter[];
  /** Whether a record is shown at all; always where missing. */
  shows?: (record: JsonObject, query: URLSearchParams) => boolean;
  hasNoReadById?: true;
}

const byUpdate = (query: URLSearchParams) => timeFilter(query, 'updatedAt', 'exclusive');

/** The lists of BuildingConnected with their filters; several values in one where the documents show `*`. */
export const LISTS: Record<ListName, List> = {
  'opportunity-project-pairs': {
    version: 'v2',
    filters: ['projectId', 'opportunityId', 'updatedAt'],
    read: (query) => [
      ...byUpdate(query),
      ...valueFilter(query, 'projectId', (pair) => pair.projectId),
      ...valueFilter(query, 'opportunityId', (pair) => pair.opportunityId),
    ],
  },
  projects: {
    version: 'v3',
    filters: ['owningOfficeId', 'updatedAt'],
    read: (query) => [
      ...byUpdate(query),
      ...valueFilter(query, 'owningOfficeId', (project) => project.owningOfficeId),
    ],
    shows: (project, query) => query.get('includeClosed') === 'true' || project.state !== 'CLOSED',
  },
  'project-team-members': {
    version: 'v3',
    filters: ['projectId', 'updatedAt'],
    read: (query) => [...byUpdate(query), ...valueFilter(query, 'projectId', (member) => member.projectId)],
  },
  opportunities: { version: 'v2', filters: ['clientCompanyId', 'updatedAt'], read: byUpdate },
  'bid-packages': {
    version: 'v2',
    filters: ['projectId', 'state', 'updatedAt'],
    read: (query) => [
      ...byUpdate(query),
      ...valueFilter(query, 'projectId', (bidPackage) => bidPackage.projectId),
      ...valueFilter(query, 'state', (bidPackage) => bidPackage.state),
    ],
  },
  invites: {
    version: 'v2',
    filters: ['projectId', 'bidPackageId', 'bidderCompanyId', 'state', 'updatedAt', 'createdAt'],
    read: (query) => [
      ...byUpdate(query),
      ...timeFilter(query, 'createdAt', 'exclusive'),
      ...valueFilter(query, 'projectId', (invite) => invite.projectId),
      ...valueFilter(query, 'bidPackageId', (invite) => invite.bidPackageId),
      ...valueFilter(query, 'bidderCompanyId', (invite) => nestedField(invite, 'bidderCompany', 'id')),
      ...valueFilter(query, 'state', (invite) => invite.state),
    ],
  },
  bids: {
    version: 'v2',
    filters: ['projectId', 'bidPackageId', 'inviteId', 'bidderCompanyId', 'updatedAt'],
    read: (query) => [
      ...byUpdate(query),
      ...valueFilter(query, 'projectId', (bid) => bid.projectId),
      ...valueFilter(query, 'bidPackageId', (bid) => bid.bidPackageId),
      ...valueFilter(query, 'inviteId', (bid) => bid.inviteId),
      ...valueFilter(query, 'bidderCompanyId', (bid) => bid.bidderCompanyId),
    ],
  },
  'project-bid-forms': {
    version: 'v2',
    filters: ['projectId', 'updatedAt'],
    read: (query) => [...byUpdate(query), ...valueFilter(query, 'projectId', (form) => form.projectId)],
  },
  'scope-specific-bid-forms': {
    version: 'v2',
    filters: ['projectId', 'bidPackageId', 'updatedAt'],
    read: (query) => [
      ...byUpdate(query),
      ...valueFilter(query, 'projectId', (form) => form.projectId),
      ...valueFilter(query, 'bidPackageId', (form) => form.bidPackageId),
    ],
  },
  contacts: {
    version: 'v2',
    filters: ['companyId', 'officeId', 'updatedAt'],
    read: byUpdate,
    shows: (contact, query) => query.get('includeRemoved') === 'true' || contact.isRemoved !== true,
  },
  users: { version: 'v2', filters: ['officeId'], read: () => [] },
  offices: { version: 'v2', filters: ['updatedAt'], read: byUpdate },
  'certificate-types': certificates(),
  'certificate-agencies': certificates(),
};

function certificates(): List {
  return {
    version: 'v2',
    filters: ['updatedAt'],
    read: byUpdate,
    shows: (row, query) => query.get('includeDeleted') !== 'false' || row.isDeleted !== true,
    hasNoReadById: true,
  };
}

/** The list at `/{version}/{name}`, or undefined. */
export function listNamed(version: string, name: string): ListName | undefined {
  const found = isListName(name) ? name : undefined;
  return found !== undefined && LISTS[found].version === version ? found : undefined;
}

function isListName(name: string): name is ListName {
  return Object.hasOwn(LISTS, name);
}
