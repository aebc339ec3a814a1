import {
  bidPackageActivities,
  bidPackageHighlights,
  bidPackageNotes,
  bidPackages,
  bids,
  inviteNotes,
  invites,
  projectBidForms,
  scopeSpecificBidForms,
} from './bidding.ts';
import { dataConnectorJobs, dataConnectorRequests } from './data-connector.ts';
import { certificateAgencies, certificateTypes, contacts, offices, users } from './directory.ts';
import { opportunities, opportunityComments, opportunityProjectPairs } from './opportunities.ts';
import { projectCosts, projects, projectTeamMembers } from './projects.ts';
import { COMPANY_SCOPE, type NestedList, type Resource, type Scope } from './resource.ts';

/** In the order in which a first load asks for them: what alerts need comes first. */
export const RESOURCES: readonly Resource[] = [
  opportunityProjectPairs,
  projects,
  opportunities,
  invites,
  bidPackages,
  bids,
  scopeSpecificBidForms,
  projectBidForms,
  projectTeamMembers,
  contacts,
  users,
  offices,
  certificateTypes,
  certificateAgencies,
  opportunityComments,
  projectCosts,
  bidPackageNotes,
  bidPackageHighlights,
  bidPackageActivities,
  inviteNotes,
  dataConnectorRequests,
  dataConnectorJobs,
];

export const RESOURCE_NAMES: readonly string[] = RESOURCES.map((resource) => resource.name);

const BY_NAME = new Map(RESOURCES.map((resource) => [resource.name, resource]));

/** The resource of that name, or undefined. */
export function findResource(name: string): Resource | undefined {
  return BY_NAME.get(name);
}

/** The resource of that name. Throws when this version does not know it. */
export function requireResource(name: string): Resource {
  const resource = findResource(name);
  if (resource === undefined) throw new TypeError(`There is no resource ${name}.`);
  return resource;
}

/** The lists to read: one for each resource of the company, one for each account of the others. */
export function scopesOf(resource: Resource, accountIds: readonly string[]): Scope[] {
  return resource.scope === 'company' ? [COMPANY_SCOPE] : [...accountIds];
}

/** The lists that are mirrored unless somebody chooses others: all but those that cost calls for each of their parents. */
export const USUAL_RESOURCE_NAMES: readonly string[] = RESOURCES.filter(
  ({ parent }) => parent === undefined,
).map(({ name }) => name);

/** The lists that have a resource for their parent. */
export function childrenOf(name: string): Resource[] {
  return RESOURCES.filter(({ parent }) => parent?.name === name);
}

/** Why lists cannot be mirrored without others, a sentence each; none where all is well. */
export function missingParents(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const parent = findResource(name)?.parent?.name;
    return parent === undefined || names.includes(parent) ? [] : [`${name} needs ${parent} as well`];
  });
}

/** The names under which the records of a resource are kept: its own, and those of the lists inside them. */
export function listNamesOf({ name, nested = [] }: Resource): string[] {
  return [name, ...nested.map((list) => list.name)];
}

/** The nested list of that name with the resource whose records hold it, or undefined. */
export function findNested(name: string): { parent: Resource; list: NestedList } | undefined {
  return NESTED_BY_NAME.get(name);
}

const NESTED_BY_NAME = new Map(
  RESOURCES.flatMap((parent) => (parent.nested ?? []).map((list) => [list.name, { parent, list }] as const)),
);
