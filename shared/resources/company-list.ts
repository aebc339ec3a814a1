import type { ParentList, Resource } from './resource.ts';

const BUILDINGCONNECTED = '/construction/buildingconnected';

/** What lists that belong to a parent have in common: below `path`, or asked for by a filter. */
export function childList(name: string, about: string, path: string, parent: ParentList): Resource {
  return {
    ...companyList(name),
    about,
    path: () => `${BUILDINGCONNECTED}/v2/${path}`,
    changes: { kind: 'of-parent' },
    updatedAtMayBeNull: true,
    parent,
  };
}

/** What most lists of a company have in common; what an entry says after it goes before. */
export function companyList(name: string, version: 'v2' | 'v3' = 'v2') {
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
