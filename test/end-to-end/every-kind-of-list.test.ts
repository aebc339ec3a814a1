import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlace } from '../../infra/ops/run-ops.ts';
import type { JsonObject } from '../../shared/json.ts';
import {
  type DocumentedServer,
  settingsFor,
  startDocumentedServer,
} from '../support/autodesk/documented-server.ts';
import { type Ended, START, startCommand } from '../support/processes/run-command.ts';
import { exportFrom } from './mirrored-sandbox.ts';

/** `BIDS=1000 PAGE=100` plays the same with a company of that size. */
const BIDS = Number(process.env.BIDS ?? 40);
const PAGE = Number(process.env.PAGE ?? 10);
const OLD = '2026-01-05T00:00:00.000Z';
const RESOURCES = [
  'projects',
  'opportunities',
  'bid-packages',
  'bids',
  'contacts',
  'users',
  'opportunity-comments',
  'project-costs',
  'bid-package-activities',
];

const id = (kind: number, number: number) => (kind * 1_000_000 + number).toString(16).padStart(24, '0');
const rows = (kind: number, count: number, fields: (number: number) => JsonObject): JsonObject[] =>
  Array.from({ length: count }, (_, number) => ({
    id: id(kind, number),
    createdAt: OLD,
    updatedAt: OLD,
    ...fields(number),
  }));

let server: DocumentedServer;
let dataDir: string;

beforeAll(async () => {
  server = await startDocumentedServer(PAGE);
  dataDir = mkdtempSync(join(tmpdir(), 'every-kind-'));
  const packages = rows(3, Math.ceil(BIDS / 4), (number) => ({
    projectId: id(1, number % 3),
    name: `P${number}`,
  }));
  server.others.set(
    'projects',
    rows(1, Math.ceil(BIDS / 3), (number) => ({ state: number % 4 ? 'PUBLISHED' : 'CLOSED' })),
  );
  server.others.set(
    'opportunities',
    rows(2, 25, (number) => ({ updatedAt: number % 5 ? OLD : null, name: `O${number}` })),
  );
  server.others.set('bid-packages', packages);
  server.others.set(
    'bids',
    rows(4, BIDS, (number) => ({
      total: number,
      lineItems: {
        results: [
          { id: null, type: 'COST_BREAKDOWN', description: 'Base bid', value: number },
          ...rows(5, PAGE + 5, (item) => ({ value: [item, 'YES', null][item % 3] ?? null })),
        ],
      },
      plugs: { results: rows(6, PAGE + 3, (plug) => ({ value: plug })) },
    })),
  );
  server.others.set(
    'contacts',
    rows(7, 12, (number) => ({ isRemoved: number % 4 === 0 })),
  );
  server.others.set(
    'users',
    rows(8, 9, () => ({ updatedAt: null, email: 'ana@example.com' })),
  );
  server.others.set(
    'bid-package-activities',
    packages.flatMap((bidPackage, number) =>
      rows(9, 3, (activity) => ({ id: id(9, number * 10 + activity), bidPackageId: bidPackage.id ?? null })),
    ),
  );
  server.below.set(
    `opportunities/${id(2, 1)}/comments`,
    rows(10, PAGE * 2 + 1, (number) => ({ content: `C${number}` })),
  );
  server.below.set(
    `opportunities/${id(2, 7)}/comments`,
    rows(11, 2, () => ({ content: 'to go' })),
  );
  server.below.set(`projects/${id(1, 2)}/costs`, [{ id: 'a-cost', calculationType: 'LUMP_SUM' }]);
});

afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('a company with lists of every kind', { timeout: 600_000 }, () => {
  it('is mirrored whole, each list with the lists in its records and those of its records', async () => {
    await once();

    expect(await stored('projects')).toEqual(sent('projects'));
    expect(await stored('opportunities')).toEqual(sent('opportunities'));
    expect(await stored('users')).toEqual(sent('users'));
    expect(await stored('contacts')).toEqual(sent('contacts', ({ isRemoved }) => isRemoved !== true));
    for (const [list, field] of [
      ['bid-line-items', 'lineItems'],
      ['bid-plugs', 'plugs'],
    ] as const) {
      const elements = server.others.get('bids')?.flatMap((bid) => Object(bid[field]).results) ?? [];
      expect([list, await stored(list)]).toEqual([list, texts(elements)]);
    }
    expect(await stored('opportunity-comments')).toHaveLength(PAGE * 2 + 3);
    expect(await stored('project-costs')).toEqual(texts([{ id: 'a-cost', calculationType: 'LUMP_SUM' }]));
    expect(await stored('bid-package-activities')).toEqual(sent('bid-package-activities'));
    const asked = requestsTo('/bid-package-activities').map((request) => request.split(',').length);
    expect(Math.max(...asked)).toBeLessThanOrEqual(50);
  });

  it('is read by its changes the second time', async () => {
    server.requests.length = 0;
    await once();

    for (const list of ['projects', 'opportunities', 'bid-packages', 'bids']) {
      expect([list, requestsTo(`/${list}?`).length]).toEqual([list, 1]);
    }
    expect(requestsTo('/comments')).toEqual([]);
    expect(requestsTo('/line-items')).toEqual([]);
  });

  it('loses what is gone in a full sweep', async () => {
    server.others.set('bids', (server.others.get('bids') ?? []).slice(1));
    server.below.set(`opportunities/${id(2, 7)}/comments`, []);
    server.others.set('users', (server.others.get('users') ?? []).slice(1));
    await once('--full');

    expect(await stored('users')).toEqual(sent('users'));
    expect(await stored('bids')).toHaveLength(BIDS - 1);
    expect(await stored('bid-line-items')).toHaveLength((BIDS - 1) * (PAGE + 6));
    expect(await stored('opportunity-comments')).toHaveLength(PAGE * 2 + 1);
  });
});

function requestsTo(part: string): string[] {
  return server.requests.filter((request) => request.includes(part));
}

function sent(list: string, shown: (record: JsonObject) => boolean = () => true): string[] {
  return texts((server.others.get(list) ?? []).filter(shown));
}

function texts(records: readonly unknown[]): string[] {
  return records.map((record) => JSON.stringify(record)).sort();
}

async function stored(list: string): Promise<string[]> {
  const lines = await openPlace({ dataDir })((target) => exportFrom(target, list));
  return texts(lines.map(({ data }) => data));
}

async function once(...args: string[]): Promise<Ended> {
  const env = { ...settingsFor(server), RESOURCES: RESOURCES.join(), AUTODESK_REQUESTS_PER_MINUTE: '100000' };
  const ended = await startCommand(START, ['--live', '--once', '--json', '--data-dir', dataDir, ...args], {
    cwd: dataDir,
    env,
  }).ended;
  expect(ended.code, ended.stderr).toBe(0);
  return ended;
}
