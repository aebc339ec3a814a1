import { companyList } from './company-list.ts';
import type { Resource } from './resource.ts';

/** Autodesk itself brings them up to date once a day. */
export const contacts: Resource = {
  ...companyList('contacts'),
  about: "what the company knows of other companies' offices",
  query: { includeRemoved: 'true' },
  daily: true,
  removed: (contact) => contact.isRemoved === true,
  reads: ['isRemoved'],
};

/** The rows say nothing of when they were changed. */
export const users: Resource = {
  ...companyList('users'),
  about: "the company's own people",
  changes: { kind: 'none' },
  updatedAtMayBeNull: true,
  daily: true,
};

export const offices: Resource = {
  ...companyList('offices'),
  about: "the company's offices",
  daily: true,
};

export const certificateTypes: Resource = certificateList(
  'certificate-types',
  'the kinds of certificates that bidders may have',
);
export const certificateAgencies: Resource = certificateList(
  'certificate-agencies',
  'who issues certificates',
);

/** Neither list can be read by id. */
function certificateList(name: 'certificate-types' | 'certificate-agencies', about: string): Resource {
  return {
    ...companyList(name),
    about,
    query: { includeDeleted: 'true' },
    daily: true,
    removed: (row) => row.isDeleted === true,
    reads: ['isDeleted'],
  };
}
