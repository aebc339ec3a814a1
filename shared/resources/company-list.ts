import type { Resource } from './resource.ts';

const BUILDINGCONNECTED = '/construction/buildingconnected';

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
