import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDbEngine } from '../../../infra/query/duckdb-engine.ts';
import {
  BadStatementError,
  NothingPublishedError,
  ReadOnlyError,
} from '../../../infra/query/query-engine.ts';
import { FolderLake } from '../../../shared/lake/folder-lake.ts';
import { companyRecords, lakeOf } from './company-lake.ts';

const never = new AbortController().signal;

let lake: Awaited<ReturnType<typeof lakeOf>>;
beforeAll(async () => {
  lake = await lakeOf(companyRecords(), ['bids', 'invites']);
});
afterAll(() => lake.remove());

async function rowsOf(sql: string) {
  const { columns, rows } = await lake.engine.ask(sql, never);
  return { columns, rows: await Array.fromAsync(rows) };
}

describe('DuckDB over a folder', () => {
  it('answers with columns, rows, and when the oldest table asked was read', async () => {
    const { columns, rows, asOf } = await lake.engine.ask(
      "SELECT i.id, invited_at, revision, total, i.deleted_at IS NULL AS live FROM invites i JOIN bids b ON b.invite_id = i.id WHERE b.id = 'b-second'",
      never,
    );
    expect(columns).toEqual([
      { name: 'id', kind: 'text' },
      { name: 'invited_at', kind: 'timestamp' },
      { name: 'revision', kind: 'number' },
      { name: 'total', kind: 'number' },
      { name: 'live', kind: 'boolean' },
    ]);
    expect(await Array.fromAsync(rows)).toEqual([['i-quoted', '2026-11-10T10:00:00.000Z', 1, 1_000.5, true]]);
    const tables = await lake.engine.tables();
    const [oldest] = tables
      .filter(({ name }) => ['bids', 'invites'].includes(name))
      .map((table) => table.asOf)
      .sort();
    expect(asOf).toBe(oldest);
  });

  it('keeps numbers that a double would round as texts, and tells other kinds of values', async () => {
    const { rows } = await rowsOf(
      "SELECT 9007199254740993 AS big, 0.1 AS decimal, 'NaN'::DOUBLE AS nan, DATE '2026-11-01' AS day, [1, 2] AS list, NULL AS nothing",
    );
    expect(rows).toEqual([['9007199254740993', 0.1, 'NaN', '2026-11-01', '[1,2]', null]]);
  });

  it('knows the functions of Athena by their names there', async () => {
    const { rows } = await rowsOf(
      `SELECT date_diff('hour', TIMESTAMP '2026-11-01 00:59:00', TIMESTAMP '2026-11-01 02:00:00'),
        json_extract_scalar(data, '$.bidderCompany.name'), from_iso8601_timestamp('2026-11-01T10:00:00Z'),
        approx_distinct(id)
       FROM invites WHERE id = 'i-quoted' GROUP BY data`,
    );
    expect(rows).toEqual([[1, "O'Hara & Sons", '2026-11-01T10:00:00.000Z', 1]]);
  });

  it('tells its tables and their columns', async () => {
    expect((await rowsOf('SHOW TABLES')).rows.map(([name]) => name)).toEqual(
      (await lake.engine.tables()).map(({ name }) => name),
    );
    expect((await rowsOf('DESCRIBE invites')).rows.map(([name]) => name)).toContain('bidder_company_name');
    expect((await rowsOf('EXPLAIN SELECT id FROM invites')).rows.join()).toContain('PARQUET');
  });

  it.each([
    ['SELECT nope FROM invites', 'line 1, column 8: Referenced column "nope" not found in FROM clause.'],
    [
      'SELECT\n  1\nFROM invits',
      'line 3, column 6: Table with name invits does not exist. Did you mean "invites"?',
    ],
    ['SELECT 1 1', 'line 1, column 10: syntax error at or near "1".'],
    ["SELECT CAST('x' AS INTEGER)", "Could not convert string 'x' to INT32"],
  ])('says in one line what is wrong, and where: %j', async (sql, problem) => {
    const failed = rowsOf(sql);
    await expect(failed).rejects.toThrow(BadStatementError);
    await expect(failed).rejects.toThrow(problem);
    await expect(failed).rejects.not.toThrow('\n');
  });

  it('reads nothing but the lake', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'));
    await writeFile(join(outside, 'secret.csv'), 'a,b\n1,2\n');
    for (const path of [
      join(outside, 'secret.csv'),
      join(lake.folder, '..', outside.slice(dirname(outside).length + 1), 'secret.csv'),
      '/etc/passwd',
      'https://example.com/x.csv',
    ]) {
      for (const sql of [
        `SELECT * FROM read_csv('${path}')`,
        `SELECT * FROM read_text('${path}')`,
        `SELECT * FROM '${path}'`,
      ]) {
        await expect(rowsOf(sql), sql).rejects.toThrow(BadStatementError);
      }
    }
    await rm(outside, { recursive: true });
  });

  it.each([
    'CREATE TABLE x AS SELECT 1',
    `COPY (SELECT 1) TO 'x.csv'`,
    'SET enable_external_access = true',
    'PRAGMA version',
  ])('refuses %j', async (sql) => {
    await expect(rowsOf(sql)).rejects.toThrow(ReadOnlyError);
  });

  it('stops where the signal is aborted, with its reason', async () => {
    const reason = new Error('Enough.');
    await expect(lake.engine.ask('SELECT 1', AbortSignal.abort(reason))).rejects.toBe(reason);

    const stopping = new AbortController();
    const { rows } = await lake.engine.ask('SELECT range FROM range(100000000000)', stopping.signal);
    const read = (async () => {
      for await (const _row of rows) stopping.abort(reason);
    })();
    await expect(read).rejects.toBe(reason);
  });

  it('stops a question that has no row yet', async () => {
    const stopping = new AbortController();
    const asking = lake.engine
      .ask(
        'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7',
        stopping.signal,
      )
      .then(({ rows }) => Array.fromAsync(rows));
    const reason = new Error('Enough.');
    setImmediate(() => stopping.abort(reason));
    await expect(asking).rejects.toBe(reason);
  });

  it('says that nothing is published where that is so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'empty-'));
    const engine = new DuckDbEngine(new FolderLake(join(folder, 'lake')), join(folder, 'lake'));
    await expect(engine.ask('SELECT 1', never)).rejects.toThrow(NothingPublishedError);
    expect(await engine.tables()).toEqual([]);
    await rm(folder, { recursive: true });
  });
});
