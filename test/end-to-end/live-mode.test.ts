import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlace } from '../../infra/ops/run-ops.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/json.ts';
import { listNamesOf, RESOURCES } from '../../shared/resources/registry.ts';
import {
  ACCOUNT_ID,
  type DocumentedServer,
  settingsFor,
  startDocumentedServer,
} from '../support/autodesk/documented-server.ts';
import { type Ended, OPS, START, startCommand } from '../support/processes/run-command.ts';
import { exportedLines } from '../support/sync/compare-with-sandbox.ts';
import { exportFrom } from './mirrored-sandbox.ts';

const fixtures = (name: string): JsonObject[] => {
  const page = parseJson(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));
  return isJsonObject(page) && Array.isArray(page.results) ? page.results.filter(isJsonObject) : [];
};
const fixture = (name: string): JsonObject => {
  const [record] = fixtures(name);
  if (record === undefined) throw new Error(`The fixture ${name} holds no record.`);
  return record;
};

/** Lists whose records come and go as they are, whatever they are. */
const OTHERS = RESOURCES.filter(
  ({ api, name, parent }) =>
    api === 'buildingconnected' &&
    parent === undefined &&
    !['opportunity-project-pairs', 'invites', 'scope-specific-bid-forms'].includes(name),
);
const id = (number: number) => number.toString(16).padStart(24, '0');

let server: DocumentedServer;
let dataDir: string;

beforeAll(async () => {
  server = await startDocumentedServer();
  dataDir = mkdtempSync(join(tmpdir(), 'live-mode-'));
  const pair = fixture('opportunity-project-pairs');
  const invite = fixture('invites');
  const form = fixture('scope-specific-bid-forms');
  const request = fixture('data-connector-requests');
  const [item = {}] = elementsOf(form, 'lineItems');
  server.records.pairs = [
    pair,
    { ...pair, id: id(1), fileStatus: 'SUCCESS' },
    { ...pair, id: id(2), fileStatus: 'HELD_BACK', anUnknownField: { deep: [1, 'two', null] } },
  ];
  server.records.invites = [
    invite,
    { ...invite, id: id(11), bidderCompany: null, placeholderCompanyName: 'To be found' },
    {
      ...invite,
      id: id(12),
      state: 'A_NEW_STATE',
      note: 'ünï\u2028cödé 🏗️',
      empty: '',
      exact: parseJson('12345678901234567890'),
    },
    { ...invite, id: id(13), bidderCompany: { name: 'Pending', certificates: [{ id: null, number: '1' }] } },
    { ...invite, id: 'an-opaque.id_1', __proto__x: 1 },
    { ...invite, id: id(15), ratio: 0.1, large: 1e21, small: -1.5e-7 },
    { ...invite, id: id(16) },
  ];
  server.records.forms = [
    { ...form, lineItems: { results: [item] } },
    {
      ...form,
      id: id(21),
      lineItems: {
        results: Array.from({ length: 8 }, (_, n) => ({
          ...item,
          id: id(100 + n),
          quantity: n,
          external: null,
        })),
      },
    },
    { ...form, id: id(22), isTemplate: true, projectId: null, lineItems: { results: [] } },
  ];
  server.records.requests = [
    request,
    { ...request, id: 'a1', projectIdList: ['p1', 'p2'], reoccuringInterval: 2 },
    { ...request, id: 'a2', createdAt: '2021-01-01T00:00:00.000Z' },
    { ...request, id: 'a3', createdAt: '2022-01-01T00:00:00.000Z', dateRange: 'CUSTOM' },
  ];
  server.records.jobs = [fixture('data-connector-jobs')];
  for (const { name } of OTHERS) server.others.set(name, fixtures(name));
});

afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('live mode against a server that speaks the documented APIs', () => {
  it('stores every record and every line item exactly as it was sent, and reads again by changes only', async () => {
    const first = await run(START, '--live', '--once', '--json', '--data-dir', dataDir);
    expect(first.stderr, first.stderr).not.toContain('Error');
    expect(first.code, first.stderr).toBe(0);
    const status: unknown = JSON.parse(first.stdout);
    expect(status).toMatchObject({
      resources: expect.arrayContaining([
        expect.objectContaining({
          resource: 'invites',
          scope: 'company',
          lastRun: expect.objectContaining({ mode: 'full', status: 'complete' }),
        }),
        expect.objectContaining({ resource: 'data-connector-requests', scope: ACCOUNT_ID }),
      ]),
      authorization: { state: 'connected' },
    });

    const stored = await exported(RESOURCES.flatMap(listNamesOf));
    const { stdout } = await run(
      OPS,
      'export',
      '--resource',
      'opportunity-project-pairs',
      '--data-dir',
      dataDir,
    );
    const pairs = exportedLines(stdout).map(({ data }) => (isJsonObject(data) ? data : {}));
    expect(byId(pairs)).toEqual(byId(server.records.pairs));
    expect(stored.get('invites')).toEqual(byId(server.records.invites));
    const forms = server.records.forms.map(({ lineItems: _items, ...form }) => form);
    expect(stored.get('scope-specific-bid-forms')).toEqual(byId(forms));
    expect(stored.get('data-connector-requests')).toEqual(byId(server.records.requests));
    expect(stored.get('data-connector-jobs')).toEqual(byId(server.records.jobs));
    for (const { name, removed, nested = [] } of OTHERS) {
      const living = fixtures(name).filter((record) => !removed?.(record));
      const fields = nested.map(({ field }) => field);
      expect([name, stored.get(name)]).toEqual([name, byId(living.map((record) => without(record, fields)))]);
      for (const list of nested) {
        const elements = living.flatMap((record) => elementsOf(record, list.field));
        expect([list.name, stored.get(list.name)]).toEqual([list.name, byId(elements)]);
      }
    }
    const items = server.records.forms.flatMap((form) => elementsOf(form, 'lineItems'));
    expect(stored.get('scope-specific-bid-form-line-items')).toEqual(byId(items));

    expect(server.requests.some((request) => request.includes('/elsewhere'))).toBe(false);
    server.requests.length = 0;
    const second = await run(START, '--live', '--once', '--json', '--data-dir', dataDir);
    expect(second.code, second.stderr).toBe(0);
    const invites = server.requests.filter((request) => request.includes('/invites'));
    expect(invites).toHaveLength(1);
    expect(invites[0]).toMatch(/filter\[updatedAt\]=\d{4}-.*Z\.\.(&|$)/);
  }, 60_000);
});

/** Lists as `ops export` prints them; the engines start once for all of them. */
function exported(lists: readonly string[]): Promise<Map<string, Record<string, string>>> {
  return openPlace({ dataDir })(async (target) => {
    const found = new Map<string, Record<string, string>>();
    for (const list of lists) {
      const lines = await exportFrom(target, list);
      found.set(list, byId(lines.map((line) => (isJsonObject(line.data) ? line.data : {}))));
    }
    return found;
  });
}

/** As text, so that numbers no double can hold are compared by their digits. */
function byId(records: readonly JsonObject[]): Record<string, string> {
  const sorted = (record: JsonObject) => JSON.stringify(Object.fromEntries(Object.entries(record).sort()));
  return Object.fromEntries(records.map((record) => [String(record.id), sorted(record)]));
}

function elementsOf(record: JsonObject, field: string): JsonObject[] {
  const list = record[field];
  const results = isJsonObject(list) ? list.results : undefined;
  return Array.isArray(results) ? results.filter(isJsonObject) : [];
}

function without(record: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([field]) => !fields.includes(field)));
}

function run(script: string, ...args: string[]): Promise<Ended> {
  return startCommand(script, args, { cwd: dataDir, env: settingsFor(server) }).ended;
}
