import { describe, expect, it } from 'vitest';
import type { AutodeskApi, Page } from '../../../shared/autodesk/client/api.ts';
import type { Json } from '../../../shared/json.ts';
import type { FieldPolicy } from '../../../shared/privacy/field-policy.ts';
import { withTreatment } from '../../../shared/privacy/treated-api.ts';
import { requireResource } from '../../../shared/resources/registry.ts';
import { read, sourceFiles } from '../../architecture/source-files.ts';

const readAt = '2026-11-01T00:00:00.000Z';
const next = { cursor: 'c' };

/** Answers everything with the same records. */
function apiWith(records: Json[]): AutodeskApi {
  const page = async (): Promise<Page> => ({ records, next, total: 7, readAt, serverDate: readAt });
  const [record = null] = records;
  return {
    list: page,
    nested: page,
    read: async (_resource, _scope, id) =>
      id === 'gone' ? { kind: 'absent', readAt } : { kind: 'found', record, readAt },
  };
}

const treated = (records: Json[], policy: FieldPolicy, secret = async () => 's'.repeat(43)) =>
  withTreatment(apiWith(records), { policy, secret });
const scope = 'company';
const invites = requireResource('invites');
const bids = requireResource('bids');

describe('what is read of Autodesk', () => {
  const record = { id: '1', invitees: [{ email: 'ana@example.com', phoneNumber: '555' }] };
  const policy = { invites: { email: 'hash', phoneNumber: 'drop' } } as const;

  it('is treated in pages, and the page is as it was otherwise', async () => {
    const page = await treated([record, 'not a record'], policy).list({ resource: invites, scope, limit: 2 });
    expect(page).toEqual({
      records: [{ id: '1', invitees: [{ email: expect.stringMatching(/^hash:/) }] }, 'not a record'],
      next,
      total: 7,
      readAt,
      serverDate: readAt,
    });
  });

  it('is treated the same when it is read by its id', async () => {
    const api = treated([record], policy);
    const { records } = await api.list({ resource: invites, scope, limit: 1 });
    expect(await api.read(invites, scope, '1')).toEqual({ kind: 'found', record: records[0], readAt });
    expect(await api.read(invites, scope, 'gone')).toEqual({ kind: 'absent', readAt });
  });

  it('is asked for below its parent where it has one', async () => {
    const asked: (string | undefined)[] = [];
    const api = apiWith([record]);
    const spied: AutodeskApi = {
      ...api,
      async read(resource, of, id, parentId) {
        asked.push(parentId);
        return api.read(resource, of, id, parentId);
      },
    };
    const comments = requireResource('opportunity-comments');
    const secret = async () => 's'.repeat(43);
    await withTreatment(spied, { policy, secret }).read(comments, scope, 'c1', 'o1');
    expect(asked).toEqual(['o1']);
  });

  it('has the same hash in every list', async () => {
    const api = treated([{ email: 'ana@example.com' }], {
      users: { email: 'hash' },
      invites: { email: 'hash' },
    });
    const of = async (name: string) =>
      (await api.list({ resource: requireResource(name), scope, limit: 1 })).records;
    expect(await of('users')).toEqual(await of('invites'));
  });

  it('is left alone in lists that have no entry', async () => {
    const api = treated([record], { users: { email: 'drop' } });
    expect((await api.list({ resource: invites, scope, limit: 1 })).records).toEqual([record]);
  });

  it('is treated by the entry of its record where a list in it goes on at a path of its own', async () => {
    const [list] = bids.nested ?? [];
    if (list === undefined) throw new Error('Bids have no list.');
    const item = { id: 'i', value: 5, note: 'Ana', results: { value: 6 } };
    const fields = { 'lineItems.results.value': 'drop', note: 'hash' } as const;
    const api = treated([item], { bids: fields });
    const { records } = await api.nested({ resource: bids, list, scope, id: '1', limit: 1 });
    expect(records).toEqual([{ id: 'i', note: expect.stringMatching(/^hash:/), results: { value: 6 } }]);
    const whole = treated([{ id: '1', lineItems: { results: [item] } }], { bids: fields });
    expect(await whole.read(bids, scope, '1')).toMatchObject({ record: { lineItems: { results: records } } });
  });

  it('is treated by the entry of the list in whose row it stands, though it is read at the path of a bid', async () => {
    const list = { name: 'bid-package-notes', field: 'notes', segment: 'notes' };
    const api = treated([{ text: 'Ana', by: 'Ben' }], {
      bids: { text: 'drop' },
      'bid-package-notes': { 'notes.results.by': 'drop' },
    });
    const { records } = await api.nested({ resource: bids, list, scope, id: '1', limit: 1 });
    expect(records).toEqual([{ text: 'Ana' }]);
  });

  it('is not answered at all while the secret is missing', async () => {
    const missing = () => Promise.reject(new Error('no secret'));
    await expect(
      treated([record], policy, missing).list({ resource: invites, scope, limit: 1 }),
    ).rejects.toThrow('no secret');
    const dropping = treated([record], { invites: { email: 'drop' } }, missing);
    expect(await dropping.read(invites, scope, '1')).toMatchObject({ kind: 'found' });
  });

  it('is read through a client of its own nowhere but to see who signs in', () => {
    const making = sourceFiles().filter((file) => read(file).includes('new AutodeskClient('));
    expect(making).toEqual(['shared/composition/autodesk.ts', 'infra/ops/commands/setup/authorize.ts']);
  });
});
