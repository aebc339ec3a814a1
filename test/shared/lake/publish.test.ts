import { beforeEach, describe, expect, it } from 'vitest';
import { ExactNumber, type JsonObject } from '../../../shared/json.ts';
import { OutOfTimeError } from '../../../shared/lake/errors.ts';
import { publishTables, type TableGroup } from '../../../shared/lake/publish.ts';
import { contentHash } from '../../../shared/records/content-hash.ts';
import type { StoredRecord, StoredVersion } from '../../../shared/records/record.ts';
import { requireResource } from '../../../shared/resources/registry.ts';
import { InMemoryLake } from '../../support/in-memory/lake.ts';
import { readTable } from '../../support/lake/read-table.ts';
import { scanOf } from '../../support/lake/scan-of.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const READ_AT = '2026-11-22T08:00:00.000Z';

let clock: VirtualClock;
let lake: InMemoryLake;
let records: StoredRecord[];
let versions: StoredVersion[];
beforeEach(() => {
  clock = new VirtualClock();
  lake = new InMemoryLake();
  records = [];
  versions = [];
});

describe('publishing a list', () => {
  it('makes a row of each record, deleted ones too, with its fields as columns', async () => {
    records = [
      invite('a', {
        state: 'BIDDING',
        bidderCompany: { id: 'c', name: 'Halloran' },
        invitedAt: '2026-11-01T10:00:00.123Z',
        invitees: [{ email: 'ana@halloran.example' }],
      }),
      { ...invite('b', { state: 'UNDECIDED' }), deletedAt: READ_AT },
    ];
    expect(await publish('invites')).toEqual({ outcome: 'published', rows: 2 });

    const [a, b] = await rowsOf('invites');
    expect(a).toMatchObject({
      id: 'a',
      parent_id: null,
      project_id: 'p',
      updated_at: new Date('2026-11-20T00:00:00.000Z'),
      read_at: new Date(READ_AT),
      deleted_at: null,
      state: 'BIDDING',
      bidder_company: '{"id":"c","name":"Halloran"}',
      bidder_company_id: 'c',
      bidder_company_name: 'Halloran',
      invited_at: new Date('2026-11-01T10:00:00.123Z'),
      invitees: '[{"email":"ana@halloran.example"}]',
    });
    expect(JSON.parse(String(a?.data))).toEqual(records[0]?.data);
    expect(b).toMatchObject({ id: 'b', deleted_at: new Date(READ_AT), state: 'UNDECIDED' });
  });

  it('puts the elements of nested lists into tables of their own', async () => {
    records = [
      record('bids', 'a', { total: 5 }),
      { ...record('bid-line-items', 'x', { value: 'yes', unitCost: 2.5 }), parentId: 'a' },
    ];
    await publish('bids');
    expect(await rowsOf('bids')).toMatchObject([{ id: 'a', total: 5 }]);
    expect(await rowsOf('bid_line_items')).toMatchObject([
      { id: 'x', parent_id: 'a', value: 'yes', unit_cost: 2.5 },
    ]);
    expect(await rowsOf('bid_plugs')).toEqual([]);
  });

  it('gives a table without records all documented columns', async () => {
    await publish('invites');
    const columns = (await lake.current('invites'))?.columns.map(({ name }) => name);
    expect(columns).toEqual(expect.arrayContaining(['id', 'state', 'bidder_company_name', 'data']));
    expect(lake.filesOf('invites')).toHaveLength(1);
  });

  it('makes columns of fields that nobody has documented', async () => {
    records = [invite('a', {}), invite('b', { riskScore: 7, site: { gate: 'north', code: { inner: 1 } } })];
    await publish('invites');
    expect(await rowsOf('invites')).toMatchObject([
      { id: 'a' },
      {
        id: 'b',
        risk_score: 7,
        site: '{"gate":"north","code":{"inner":1}}',
        site_gate: 'north',
        site_code_inner: 1,
      },
    ]);
  });

  it('keeps as text a column whose values are of several kinds, and numbers that a double rounds', async () => {
    records = [
      invite('a', { riskScore: 7, invitedAt: 'tomorrow' }),
      invite('b', { riskScore: 'high', total: new ExactNumber('12345678901234567890.5') }),
      invite('c', { riskScore: [1], invitedAt: '2026-11-01T10:00:00Z' }),
    ];
    await publish('invites');
    expect(await rowsOf('invites')).toMatchObject([
      { risk_score: '7', invited_at: 'tomorrow' },
      { risk_score: 'high', total: '12345678901234567890.5' },
      { risk_score: '[1]', invited_at: '2026-11-01T10:00:00Z' },
    ]);
  });

  it('keeps columns, and texts that were something else, once there were such', async () => {
    records = [invite('a', { riskScore: 'high', gone: true })];
    await publish('invites');
    records = [invite('a', { riskScore: 7 })];
    await publish('invites');
    expect(await rowsOf('invites')).toMatchObject([{ risk_score: '7', gone: null }]);
  });

  it('lets no field take the name of a column of the mirror, or of another field', async () => {
    records = [
      invite('a', {
        deletedAt: 'x',
        data: 'y',
        bidder_company_name: 'z',
        bidderCompany: { name: 'Halloran' },
      }),
    ];
    await publish('invites');
    expect(await rowsOf('invites')).toMatchObject([{ deleted_at: null, bidder_company_name: 'Halloran' }]);
  });

  it('writes nothing when nothing has changed', async () => {
    records = [invite('a', {})];
    await publish('invites');
    const files = [...lake.files.keys()];
    const shown = await lake.current('invites');
    clock.jump(3_600_000);
    expect(await publish('invites')).toEqual({ outcome: 'unchanged', rows: 0 });
    expect([...lake.files.keys()]).toEqual(files);
    expect(await lake.current('invites')).toEqual(shown);
  });

  it('shows a publication only when all its files are written', async () => {
    records = [invite('a', {})];
    await publish('invites');
    records = [invite('a', { state: 'BIDDING' })];
    const written: (string | undefined)[] = [];
    const { write } = lake;
    lake.write = async (...args) => {
      written.push((await rowsOf('invites'))[0]?.state?.toString());
      return write.apply(lake, args);
    };
    await publish('invites');
    expect(written).toEqual([undefined]);
    expect(await rowsOf('invites')).toMatchObject([{ state: 'BIDDING' }]);
  });

  it('leaves what readers see as it is when the time is up, or a file cannot be written', async () => {
    records = [invite('a', {})];
    await publish('invites');
    const before = await lake.current('invites');
    records.push(invite('b', {}));
    await expect(publish('invites', { timeLeftMs: () => 0 })).rejects.toThrow(OutOfTimeError);
    lake.write = () => Promise.reject(new Error('No space left on device.'));
    await expect(publish('invites')).rejects.toThrow('No space left');
    expect(await lake.current('invites')).toEqual(before);
  });

  it('lets go of files a day after they were replaced', async () => {
    records = [invite('a', {})];
    await publish('invites');
    const [first = ''] = lake.files.keys();
    clock.jump(60_000);
    records = [invite('a', { state: 'BIDDING' })];
    await publish('invites');
    clock.jump(23 * 3_600_000);
    records = [invite('a', { state: 'WON' })];
    await publish('invites');
    expect(lake.files.has(first)).toBe(true);
    clock.jump(2 * 3_600_000);
    records = [invite('a', { state: 'LOST' })];
    await publish('invites');
    expect(lake.files.has(first)).toBe(false);
    expect(await rowsOf('invites')).toMatchObject([{ state: 'LOST' }]);
  });

  it('publishes the versions that were replaced as the history of the table', async () => {
    versions = [{ ...invite('a', { state: 'UNDECIDED' }), replacedAt: '2026-11-23T00:00:00.000Z' }];
    await publish('invites', {}, 'history');
    expect(await rowsOf('invites_history')).toMatchObject([
      { id: 'a', state: 'UNDECIDED', replaced_at: new Date('2026-11-23T00:00:00.000Z') },
    ]);
  });

  it('puts the lists of all accounts into one table', async () => {
    records = [
      { ...record('data-connector-jobs', 'a', {}), scope: 'one' },
      { ...record('data-connector-jobs', 'b', {}), scope: 'two' },
    ];
    await publish('data-connector-jobs', {}, 'records', ['one', 'two']);
    expect((await rowsOf('data_connector_jobs')).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('divides many rows into groups and files that hold all of them', async () => {
    const notes = 'x'.repeat(2_000);
    records = Array.from({ length: 25_000 }, (_, index) =>
      invite(`i${index}`, { notes: `${index} ${notes}` }),
    );
    await publish('invites');
    const rows = await rowsOf('invites');
    expect(rows.map(({ id }) => id)).toEqual(records.map(({ id }) => id));
  });
});

function publish(
  name: string,
  { timeLeftMs = () => Number.POSITIVE_INFINITY }: { timeLeftMs?: () => number } = {},
  kind: TableGroup['kind'] = 'records',
  scopes: string[] = ['company'],
) {
  let made = 0;
  const randomness = { fraction: () => 0.5, hex: () => String(made++) };
  const ports = { records: scanOf({ records, versions }), lake, clock, randomness, timeLeftMs };
  return publishTables({ kind, resource: requireResource(name), scopes }, ports);
}

function rowsOf(table: string) {
  return readTable(lake.filesOf(table));
}

function invite(id: string, data: JsonObject): StoredRecord {
  return record('invites', id, data);
}

function record(resource: string, id: string, data: JsonObject): StoredRecord {
  return {
    resource,
    id,
    scope: 'company',
    data: { id, ...data },
    updatedAt: '2026-11-20T00:00:00.000Z',
    readAt: READ_AT,
    projectId: 'p',
    contentHash: contentHash(JSON.stringify(data)),
  };
}
