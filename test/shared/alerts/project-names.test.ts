import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDynalite } from '../../../infra/local/engines/dynalite.ts';
import { createTables } from '../../../infra/local/engines/tables.ts';
import { createProjectNames } from '../../../shared/alerts/conditions/project-names.ts';
import { systemClock } from '../../../shared/clock.ts';
import { Table } from '../../../shared/dynamodb/table.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import { DynamoRecordStore } from '../../../shared/records/dynamo-record-store.ts';

let dynalite: Awaited<ReturnType<typeof startDynalite>>;
let client: DynamoDBClient;
let records: DynamoRecordStore;
let projectName: (projectId: string) => Promise<string | undefined>;

beforeAll(async () => {
  dynalite = await startDynalite();
  client = new DynamoDBClient({
    endpoint: dynalite.endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await createTables(client, { records: 'Records', state: 'State' });
  const table = new Table({ client, tableName: 'Records', clock: systemClock, usage: new Usage() });
  records = new DynamoRecordStore(table);
  projectName = createProjectNames(table, records);
});
afterAll(async () => {
  client.destroy();
  await dynalite.stop();
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
