import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { companyRecords, lakeOf } from '../infra/query/company-lake.ts';

const page = readFileSync(new URL('../../docs/analytics.md', import.meta.url), 'utf8');
const blocksOf = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);

let lake: Awaited<ReturnType<typeof lakeOf>>;
beforeAll(async () => {
  lake = await lakeOf(companyRecords());
});
afterAll(() => lake.remove());

it.each(blocksOf('sql'))('the example of analytics.md is answered: %s', async (sql) => {
  const { rows } = await lake.engine.ask(sql, AbortSignal.timeout(20_000));
  expect((await Array.fromAsync(rows)).length).toBeGreaterThan(0);
});

it("the files of a folder are read by DuckDB's own shell as analytics.md says", async () => {
  const [text = ''] = blocksOf('duckdb');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const [setting = '', asking = ''] = text.replaceAll('.local/live/lake', lake.folder).split(';');
  await connection.run(setting);
  const { rows } = await lake.engine.ask('SELECT count(*) FROM invites', AbortSignal.timeout(20_000));
  const [[count] = []] = await Array.fromAsync(rows);
  expect((await connection.runAndReadAll(asking)).getRowsJson()).toEqual([[String(count)]]);
  connection.closeSync();
  instance.closeSync();
});
