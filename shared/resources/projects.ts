import { childList, companyList } from './company-list.ts';
import type { Resource } from './resource.ts';

/** The list hides closed ones unless it is asked for them, and a sweep would take them for deleted. */
export const projects: Resource = {
  ...companyList('projects', 'v3'),
  about: 'projects, closed ones included',
  query: { includeClosed: 'true' },
};

export const projectTeamMembers: Resource = {
  ...companyList('project-team-members', 'v3'),
  about: 'who works on a project; an id is of the membership, not of the person',
};

/** They have no dates. The path is of version 2, though projects are of version 3. */
export const projectCosts: Resource = childList(
  'project-costs',
  'costs that a project adds to its bids',
  'projects',
  { name: 'projects', by: { kind: 'path', segment: 'costs' } },
);
