import { readdir, readFile } from 'node:fs/promises';
import type { Bid, Invite, OpportunityProjectPair } from 'buildingconnected-sync/types';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/json.ts';
import { listNamesOf, RESOURCES, scopesOf } from '../../shared/resources/registry.ts';
import { RECORD_SCHEMAS } from '../../shared/resources/schemas/schemas.ts';
import { startConnected } from '../infra/sandbox/sandboxes.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url);

function schemaOf(list: string) {
  const found = RECORD_SCHEMAS[list];
  if (found === undefined) throw new TypeError(`There is no schema for ${list}.`);
  return found.schema;
}

function rowsIn(text: string): JsonObject[] {
  const page = parseJson(text);
  return isJsonObject(page) && Array.isArray(page.results) ? page.results.filter(isJsonObject) : [];
}

it('there is a schema for the records of every list, and for those of every list in records', () => {
  expect(Object.keys(RECORD_SCHEMAS).sort()).toEqual(RESOURCES.flatMap(listNamesOf).sort());
});

it.each((await readdir(FIXTURES)).map((file) => file.replace('.json', '')))(
  'the documented record of %s fits',
  async (list) => {
    const rows = rowsIn(await readFile(new URL(`${list}.json`, FIXTURES), 'utf8'));
    expectToFit(list, rows);
  },
);

describe('what Autodesk adds', () => {
  const invite = { id: 'i1', state: 'UNDECIDED' };

  it.each([
    ['a field', { ...invite, addedLater: { deep: [1, null] } }],
    ['a field of a company', { ...invite, bidderCompany: { id: 'c1', addedLater: true } }],
    ['a value', { ...invite, state: 'ON_HOLD' }],
  ])('is let through: %s', (_case, record) => {
    expect(schemaOf('invites').parse(record)).toEqual(record);
  });

  it.each([
    ['no id', { state: 'UNDECIDED' }],
    ['a number for a text', { ...invite, projectName: 7 }],
  ])('is not taken for another shape: %s', (_case, record) => {
    expect(schemaOf('invites').safeParse(record).success).toBe(false);
  });
});

it('what the sandbox answers fits, list by list', async () => {
  const { sandbox, client } = await startConnected({ scale: { invites: 200 } });
  for (const resource of RESOURCES.filter(({ parent }) => parent === undefined)) {
    const [scope = ''] = scopesOf(resource, sandbox.accountIds);
    const { text } = await client.get(resource.path(scope), resource.query);
    expectToFit(resource.name, rowsIn(text));
  }
});

it.each([
  ['opportunity-comments', 'opportunities'],
  ['project-costs', 'projects'],
  ['bid-package-activities', 'bid-packages'],
  ['invite-notes', 'projects'],
] as const)('what the sandbox has of %s fits', async (list, parents) => {
  const { sandbox } = await startConnected({ scale: { invites: 200 } });
  const ids = sandbox.data.records(parents).map(({ id }) => String(id));
  expectToFit(
    list,
    ids.flatMap((id) => sandbox.data.elements(list, id)),
  );
});

function expectToFit(list: string, rows: readonly JsonObject[]): void {
  expect([list, rows.length > 0]).toEqual([list, true]);
  for (const row of rows) expect([list, schemaOf(list).safeParse(row).error]).toEqual([list, undefined]);
}

it('types say what a consumer can rely on', () => {
  expectTypeOf<Invite['id']>().toEqualTypeOf<string>();
  expectTypeOf<NonNullable<OpportunityProjectPair['fileSyncingError']>>().toEqualTypeOf<string>();
  expectTypeOf<NonNullable<Bid['total']>>().toEqualTypeOf<number>();
});
