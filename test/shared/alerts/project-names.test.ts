import { beforeAll, expect, it } from 'vitest';
import { recordStores } from '../../../shared/composition/stores.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { embeddedTables } from '../../support/embedded-tables.ts';

const tables = embeddedTables();
let records: ReturnType<typeof recordStores>['records'];
let projectName: ReturnType<typeof recordStores>['projectName'];

beforeAll(async () => {
  ({ records, projectName } = recordStores(await tables()));
});

async function store(resource: string, id: string, projectId: string, data: JsonObject) {
  await records.put({
    resource,
    id,
    scope: 'company',
    data,
    readAt: '2026-11-22T00:00:00.000Z',
    contentHash: 'hash',
    projectId,
    attention: false,
  });
}

it('takes the name of a project from an invite to it', async () => {
  await store('opportunity-project-pairs', 'p1', 'project-1', {});
  await store('invites', 'i1', 'project-1', { projectName: 'Riverside Clinic' });
  await store('invites', 'i2', 'project-2', { projectName: null });

  expect(await projectName('project-1')).toBe('Riverside Clinic');
  expect(await projectName('project-2')).toBeUndefined();
  expect(await projectName('project-3')).toBeUndefined();
});
