import { childList, companyList } from './company-list.ts';
import type { NestedList, ParentList, Resource } from './resource.ts';

/** Ids in one filter: of 24 characters each, so that an address stays short. */
const PARENTS_AT_ONCE = 50;

export const bidPackages: Resource = {
  ...companyList('bid-packages'),
  about: 'the packages of work that a project is bid in',
};

export const invites: Resource = {
  ...companyList('invites'),
  about: 'invitations to bid, one for each company and bid package',
  totalsParameter: 'includeTotalResults',
};

/** The line items of a form or bid, under a name of their own. */
function lineItems(name: string) {
  return { name, field: 'lineItems', segment: 'line-items' } satisfies NestedList;
}

export const scopeSpecificBidForms: Resource = {
  ...companyList('scope-specific-bid-forms'),
  about: 'bid forms, one for each bid package, with their line items',
  nested: [{ ...lineItems('scope-specific-bid-form-line-items'), parentIdAlias: 'formId' }],
};

export const projectBidForms: Resource = {
  ...companyList('project-bid-forms'),
  about: 'bid forms of whole projects, with their line items',
  nested: [{ ...lineItems('project-bid-form-line-items'), parentIdAlias: 'formId' }],
};

export const bids: Resource = {
  ...companyList('bids'),
  about: 'bids on invites, every revision, with their line items and plugs',
  nested: [
    {
      ...lineItems('bid-line-items'),
      // The lump sum that nearly every simple bid has comes without an id.
      identity: ['type', 'section', 'description', 'code', 'unit'],
    },
    { name: 'bid-plugs', field: 'plugs', segment: 'plugs', sortKey: 'plug' },
  ],
};

/** A row for each bid of the package that has any; it has no id but its bid's. */
export const bidPackageHighlights: Resource = marksOfBids('highlights');
export const bidPackageNotes: Resource = marksOfBids('notes');

function marksOfBids(segment: 'highlights' | 'notes'): Resource {
  const name = `bid-package-${segment}`;
  const parent: ParentList = { name: 'bid-packages', by: { kind: 'path', segment } };
  return {
    ...childList(name, `the ${segment} in the bids on a package, a row for each bid`, 'bid-packages', parent),
    idField: 'bidId',
    inRow: { field: segment, of: 'bids', segment },
  };
}

/** Neither list takes a request for everything. */
export const bidPackageActivities: Resource = childList(
  'bid-package-activities',
  'what happened to a package',
  'bid-package-activities',
  { name: 'bid-packages', by: { kind: 'filter', field: 'bidPackageId', atOnce: PARENTS_AT_ONCE } },
);
export const inviteNotes: Resource = childList(
  'invite-notes',
  'notes on the invites of a project',
  'invite-notes',
  { name: 'projects', by: { kind: 'filter', field: 'projectId', atOnce: PARENTS_AT_ONCE } },
);
