import { beforeEach, expect, it } from 'vitest';
import { unsettledPairs } from '../../../shared/alerts/conditions/pairs.ts';
import { alertStores, recordStores } from '../../../shared/composition/stores.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { hashWith } from '../../../shared/privacy/treat-fields.ts';
import { embeddedTables } from '../../support/embedded-tables.ts';

const tables = embeddedTables();
const PAIR = { projectId: 'project-1', opportunityId: 'opportunity-1' };
let access: Awaited<ReturnType<typeof tables>>;
let records: ReturnType<typeof recordStores>['records'];
let namesOf: ReturnType<typeof recordStores>['namesOf'];

beforeEach(async () => {
  access = await tables();
  ({ records, namesOf } = recordStores(access));
});

async function store(resource: string, id: string, data: JsonObject) {
  await records.put({
    resource,
    id,
    scope: 'company',
    data,
    readAt: '2026-11-22T00:00:00.000Z',
    contentHash: 'hash',
    ...(typeof data.projectId === 'string' && { projectId: data.projectId }),
    attention: false,
  });
}

it('knows a pair by its project, its opportunity, the client, and when the first bids are due', async () => {
  await store('projects', 'project-1', {
    name: 'Riverside Clinic',
    number: '26-118',
    client: 'written by hand',
    bidsDueAt: '2026-12-04T22:00:00Z',
    dueAt: '2026-12-01T22:00:00Z',
  });
  await store('opportunities', 'opportunity-1', {
    name: 'Riverside Clinic, HVAC',
    client: { company: { name: 'Bay Builders' } },
    dueAt: '2026-11-30T22:00:00Z',
  });
  const projectId = 'project-1';
  await store('bid-packages', 'b1', { projectId, bidsDueAt: '2026-12-03T22:00:00Z' });
  await store('bid-packages', 'b2', { projectId, bidsDueAt: null });
  await store('bid-packages', 'b3', { projectId: 'project-2', bidsDueAt: '2026-11-01T22:00:00Z' });

  expect(await namesOf(PAIR)).toEqual({
    projectName: 'Riverside Clinic',
    projectNumber: '26-118',
    opportunityName: 'Riverside Clinic, HVAC',
    client: 'Bay Builders',
    bidsDueAt: '2026-12-03T22:00:00.000Z',
  });
});

it('takes the deadline of the company itself where nothing says when bids are due', async () => {
  await store('projects', 'project-1', {
    name: 'A',
    client: 'Port Authority',
    dueAt: '2026-12-02T00:00:00Z',
  });
  await store('opportunities', 'opportunity-1', { client: null, dueAt: '2026-12-01T00:00:00Z' });
  expect(await namesOf(PAIR)).toEqual({
    projectName: 'A',
    client: 'Port Authority',
    bidsDueAt: '2026-12-01T00:00:00.000Z',
  });
});

it('takes the name of a project from an invite to it where projects are not mirrored', async () => {
  await store('opportunity-project-pairs', 'p1', { projectId: 'project-1' });
  await store('invites', 'i1', { projectId: 'project-1', projectName: 'Riverside Clinic' });
  await store('invites', 'i2', { projectId: 'project-2', projectName: null });

  expect(await namesOf(PAIR)).toEqual({ projectName: 'Riverside Clinic' });
  expect(await namesOf({ projectId: 'project-2' })).toEqual({});
  expect(await namesOf({ projectId: 'project-3', opportunityId: 'unknown' })).toEqual({});
  expect(await namesOf({})).toEqual({});
});

it('knows no name and no date by its hash, so that the id is shown', async () => {
  const hash = hashWith('a secret');
  await store('projects', 'project-1', {
    name: hash('Riverside Clinic'),
    number: hash('26-118'),
    client: hash('Port Authority'),
    // To Date.parse a day in December.
    bidsDueAt: 'hash:aaaa-aaaaaaaaaaaaaa-12',
  });
  await store('opportunities', 'opportunity-1', {
    name: hash('HVAC'),
    client: { company: { name: hash('Bay Builders') } },
  });
  expect(await namesOf(PAIR)).toEqual({});
});

it('shows the id of a project whose name the pair itself has as a hash', async () => {
  const name = hashWith('a secret')('Riverside Clinic');
  await records.put({
    resource: 'opportunity-project-pairs',
    id: 'pair-1',
    scope: 'company',
    data: { fileStatus: 'FAILED', projectId: 'project-1', projectName: name, opportunityName: name },
    readAt: '2026-11-22T00:00:00.000Z',
    contentHash: 'hash',
    attention: true,
  });
  const { fileStatuses } = alertStores(access);
  const [pair] = await unsettledPairs([], records, fileStatuses, Date.parse('2026-11-23T00:00:00.000Z'));
  expect(pair).toMatchObject({ id: 'pair-1', fileStatus: 'FAILED', projectName: '', opportunityName: '' });
});
