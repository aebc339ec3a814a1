import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DuckDbEngine } from '../../infra/query/duckdb-engine.ts';
import { FolderLake } from '../../shared/lake/folder-lake.ts';
import { publishTables } from '../../shared/lake/publish.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { requireResource } from '../../shared/resources/registry.ts';
import { scanOf } from '../support/lake/scan-of.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const QUERIES = 1_000;
const RECORDS = 500;
const HOUR_MS = 3_600_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-readers-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('never shows a reader an error, a missing record or half a snapshot while it is published again and again', {
  timeout: 240_000,
}, async () => {
  const lake = new FolderLake(folder);
  const clock = new VirtualClock();
  let generation = 0;
  const publish = async () => {
    generation += 1;
    const records = Array.from({ length: RECORDS }, (_, index) => ({
      resource: 'invites',
      id: `i${index}`,
      scope: 'company',
      data: { id: `i${index}`, state: `generation ${generation}` },
      readAt: '2026-11-22T08:00:00.000Z',
      contentHash: `${generation}`,
    }));
    // Each an hour later, so that old files go meanwhile.
    clock.jump(HOUR_MS);
    await publishTables(
      { kind: 'records', resource: requireResource('invites'), scopes: ['company'] },
      {
        records: scanOf({ records }),
        lake,
        clock,
        randomness: systemRandomness,
        timeLeftMs: () => Number.POSITIVE_INFINITY,
      },
    );
  };
  await publish();

  const engine = new DuckDbEngine(lake, folder);
  let asked = 0;
  const seen = new Set<unknown>();
  const read = async () => {
    while (asked < QUERIES) {
      asked += 1;
      const { rows } = await engine.ask(
        'SELECT count(*), count(DISTINCT id), count(DISTINCT state), min(state) FROM invites',
        new AbortController().signal,
      );
      for await (const [count, ids, generations, which] of rows) {
        expect([count, ids, generations]).toEqual([RECORDS, RECORDS, 1]);
        seen.add(which);
      }
    }
  };
  const write = async () => {
    while (asked < QUERIES) await publish();
  };
  await Promise.all([read(), read(), write()]);
  expect(seen.size).toBeGreaterThan(20);
  expect(generation).toBeGreaterThan(50);
});
