import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenMirror, openMirror } from '../../../infra/local/open-mirror.ts';
import { retryQuarantined } from '../../../infra/ops/commands/records/retry-quarantined.ts';
import { openPlace } from '../../../infra/ops/run-ops.ts';
import { type Stores, storesOf } from '../../../infra/ops/targets/stores.ts';
import type { Sandbox } from '../../../infra/sandbox/sandbox.ts';
import type { Json } from '../../../shared/json.ts';
import { hashWith } from '../../../shared/privacy/treat-fields.ts';
import { ops } from './captured-terminal.ts';

const FORMS = 'scope-specific-bid-forms';
const ITEMS = 'scope-specific-bid-form-line-items';

const secret = async () => 's'.repeat(43);

let dataDir: string;
let open: OpenMirror;
let sandbox: Sandbox;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'quarantine-'));
  open = await openMirror({ live: false, dataDir });
  if (open.sandbox === undefined) throw new Error('There is no sandbox.');
  sandbox = open.sandbox;
  await open.mirror.connection.get();
});
afterAll(async () => {
  await open.close();
  await rm(dataDir, { recursive: true });
});

it('reads the record again from Autodesk, where it was corrected', async () => {
  const id = anId('invites');
  await atStores(({ quarantine }) =>
    quarantine.add({ ...anEntry, resource: 'invites', key: id, reason: 'TOO_DEEP' }, { id, x: 'as it was' }),
  );

  const { exitCode, out } = await retry();

  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toEqual([
    { resource: 'invites', scope: 'company', key: id, outcome: 'stored', from: 'autodesk' },
  ]);
  expect(await atStores(({ records }) => records.get({ resource: 'invites', id }))).toMatchObject({
    data: sandbox.data.record('invites', id),
  });
});

it('stores a line item with the whole of its form, however many pages its list has', async () => {
  const parentId = aLongForm();
  const key = `${parentId}.an-item`;
  await atStores(({ quarantine }) =>
    quarantine.add({ ...anEntry, resource: ITEMS, key, parentId, reason: 'TOO_LARGE' }, { id: 'an-item' }),
  );

  const { exitCode } = await retry();

  expect(exitCode).toBe(0);
  const stored = await atStores(async ({ records }) => {
    const ids: string[] = [];
    for await (const { id } of records.elements({ resource: ITEMS, parentId })) ids.push(id);
    return ids;
  });
  expect(stored).toEqual(
    sandbox.data.elements('scope-specific-bid-form-line-items', parentId).map(({ id }) => id),
  );
  expect(stored).toHaveLength(250);
  expect(await atStores(({ quarantine }) => quarantine.list(ITEMS, 'company'))).toEqual([]);
});

it('treats what was kept before its fields were to be dropped or hashed', async () => {
  const treatment = {
    policy: {
      'opportunity-comments': { userName: 'hash', content: 'drop' },
      contacts: { officePhone: 'hash', company: 'drop' },
    },
    secret,
  } as const;
  const comment = {
    ...anEntry,
    resource: 'opportunity-comments',
    key: 'o2.c1',
    parentId: 'o2',
    reason: 'REFUSED_BY_STORE',
  } as const;
  const contact = { ...anEntry, resource: 'contacts', key: 'k1', reason: 'TOO_LARGE' } as const;
  const deep = { ...anEntry, resource: 'contacts', key: 'k2', reason: 'TOO_DEEP' } as const;
  const levels = (depth: number): Json => (depth === 0 ? null : { deeper: levels(depth - 1) });
  await atStores(async (stores) => {
    await stores.quarantine.add(comment, { id: 'c1', userName: 'Ana Ruiz', content: 'call Ana Ruiz' });
    await stores.quarantine.add(contact, {
      id: 'k1',
      officePhone: '555-0100',
      company: { name: 'Ana Ruiz' },
    });
    await stores.quarantine.add(deep, {
      id: 'k2',
      officePhone: '555-0100',
      company: 'Ana Ruiz',
      levels: levels(40),
    });

    const outcomes = await retryQuarantined([comment, contact, deep], undefined, stores, treatment);

    expect(outcomes.map(({ key, outcome }) => [key, outcome])).toEqual([
      ['o2.c1', 'stored'],
      ['k1', 'stored'],
      ['k2', 'refused'],
    ]);
    const hash = hashWith(await secret());
    expect(
      (await stores.records.get({ resource: comment.resource, parentId: 'o2', id: 'c1' }))?.data,
    ).toEqual({ id: 'c1', userName: hash('Ana Ruiz') });
    expect((await stores.records.get({ resource: 'contacts', id: 'k1' }))?.data).toEqual({
      id: 'k1',
      officePhone: hash('555-0100'),
    });
    expect(await stores.quarantine.payload('contacts', 'company', 'k2')).toEqual({
      id: 'k2',
      officePhone: hash('555-0100'),
      levels: levels(40),
    });
    await stores.quarantine.remove('contacts', 'company', 'k2');
  });
});

it('judges a record of a list that has parents by what was kept of it', async () => {
  const resource = 'opportunity-comments';
  const kept = { ...anEntry, resource, key: 'o1.c1', parentId: 'o1', reason: 'REFUSED_BY_STORE' } as const;
  const strange = { ...anEntry, resource, key: 'c2', reason: 'NO_PARENT' } as const;
  await atStores(async (stores) => {
    await stores.quarantine.add(kept, { id: 'c1', content: 'kept' });
    await stores.quarantine.add(strange, { id: 'c2' });

    expect(await retryQuarantined([kept, strange], undefined, stores, { policy: {}, secret })).toMatchObject([
      { key: 'o1.c1', outcome: 'stored', from: 'kept' },
      { key: 'c2', outcome: 'refused', message: expect.stringContaining('belongs to none') },
    ]);
    expect((await stores.quarantine.list(resource, 'company')).map(({ key }) => key)).toEqual(['c2']);
    expect(await stores.records.get({ resource, parentId: 'o1', id: 'c1' })).toMatchObject({
      data: { content: 'kept' },
    });
  });
});

it('tells of each record what came of it, and fails where one is still refused', async () => {
  const id = anId('invites');
  await atStores(async ({ quarantine }) => {
    await quarantine.add({ ...anEntry, resource: 'invites', key: id, reason: 'TOO_DEEP' }, { id });
    await quarantine.add(
      { ...anEntry, resource: ITEMS, key: 'no-such-form.i', parentId: 'no-such-form', reason: 'NUMBER' },
      { id: 'i' },
    );
  });

  const { exitCode, out } = await retry();

  expect(exitCode).toBe(1);
  expect(JSON.parse(out)).toMatchObject([
    { key: id, outcome: 'stored' },
    { key: 'no-such-form.i', outcome: 'refused', message: expect.stringContaining('no-such-form') },
  ]);
  const left = await atStores(({ quarantine }) => quarantine.list(ITEMS, 'company'));
  expect(left.map(({ key }) => key)).toEqual(['no-such-form.i']);
  expect(await ops(['quarantine', 'remove', 'no-such-form.i', '--data-dir', dataDir])).toMatchObject({
    exitCode: 0,
  });
});

it('judges what was kept while Autodesk is unavailable', async () => {
  const { exitCode } = await retryAfter(async ({ quarantine }) => {
    const entry = { ...anEntry, reason: 'NO_ID' as const };
    await quarantine.add({ ...entry, resource: 'invites', key: 'kept' }, { id: 'kept' });
  });

  expect(exitCode).toBe(0);
  expect(await atStores(({ records }) => records.get({ resource: 'invites', id: 'kept' }))).toMatchObject({
    data: { id: 'kept' },
  });
});

const anEntry = {
  scope: 'company',
  message: 'it was refused',
  readAt: '2026-01-01T00:00:00.000Z',
  runId: 'r1',
};

const retry = () => ops(['quarantine', 'retry', '--json', '--data-dir', dataDir]);

async function retryAfter(prepare: (stores: Stores) => Promise<void>) {
  sandbox.authorization.revokeConsent();
  await atStores(prepare);
  return retry();
}

function atStores<Result>(work: (stores: Stores) => Promise<Result>): Promise<Result> {
  return openPlace({ dataDir })((target) => work(storesOf(target)));
}

function anId(resource: 'invites'): string {
  const [entry] = sandbox.data.collection(resource).entries;
  if (entry === undefined) throw new Error(`The sandbox has no ${resource}.`);
  return entry.id;
}

/** A form with more line items than any answer holds. */
function aLongForm(): string {
  const [entry] = sandbox.data.collection(FORMS).entries;
  if (entry === undefined) throw new Error('The sandbox has no forms.');
  const items = Array.from({ length: 250 }, (_, index) => ({
    id: `item-${index}`,
    description: `Item ${index}`,
  }));
  sandbox.data.putElements('scope-specific-bid-form-line-items', entry.id, items);
  return entry.id;
}
