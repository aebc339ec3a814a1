import { companyList } from './company-list.ts';
import type { NestedList, Resource } from './resource.ts';

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
