import { globSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type AttributeValue, paginateScan } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { LAKE_FOLDER } from '../../infra/local/data/data-folder.ts';
import { openLocalStack } from '../../infra/local/engines/local-stack.ts';
import { openPlace } from '../../infra/ops/run-ops.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/json.ts';
import { FolderLake } from '../../shared/lake/folder-lake.ts';
import { hashWith } from '../../shared/privacy/treat-fields.ts';
import {
  ACCOUNT_ID,
  type DocumentedServer,
  settingsFor,
  startDocumentedServer,
} from '../support/autodesk/documented-server.ts';
import { readTable } from '../support/lake/read-table.ts';
import { type Ended, OPS, START, startCommand } from '../support/processes/run-command.ts';
import { exportFrom } from './mirrored-sandbox.ts';

/** Each of them stands in records of several lists. Nothing that is stored may hold one. */
const PLANTED = {
  email: 'planted.ana.ruiz@example.com',
  phone: '+1-555-0100-planted',
  firstName: 'Planted-Ana',
  lastName: 'Planted-Ruiz',
  comment: 'planted words about Ana',
  number: 987_654_321_012,
};
/** What is not named stays, so that an empty mirror does not pass. */
const KEPT = 'a title that stays';

const POLICY = {
  invites: {
    email: 'hash',
    phoneNumber: 'drop',
    firstName: 'drop',
    lastName: 'drop',
    'bidderCompany.name': 'hash',
  },
  opportunities: { 'client.lead': 'drop' },
  users: {
    email: 'hash',
    alternateEmails: 'hash',
    firstName: 'hash',
    lastName: 'drop',
    phoneNumber: 'drop',
    employeeNumber: 'hash',
  },
  contacts: { officePhone: 'drop' },
  bids: { 'lineItems.results.value': 'drop', 'plugs.results.createdBy': 'hash', notes: 'drop' },
  'bid-package-notes': { 'notes.results.author': 'drop' },
  'bid-package-activities': { createdBy: 'hash', data: 'drop' },
  'opportunity-comments': { content: 'drop', userName: 'hash' },
  'data-connector-jobs': { createdByEmail: 'hash', lastDownloadedBy: 'drop' },
  'data-connector-requests': { createdByEmail: 'hash' },
} as const;

const OLD = '2026-01-05T00:00:00.000Z';
const id = (number: number) => number.toString(16).padStart(24, '0');
const person = { firstName: PLANTED.firstName, lastName: PLANTED.lastName, email: PLANTED.email };

let server: DocumentedServer;
let dataDir: string;
let env: Record<string, string>;
/** What commands have printed, by their command line. */
const printed = new Map<string, string>();

beforeAll(async () => {
  // Pages of two, so that lists in records go on at paths of their own.
  server = await startDocumentedServer(2);
  dataDir = await mkdtemp(join(tmpdir(), 'personal-fields-'));
  plant();
  server.intercept = (path, response) => {
    if (!path.endsWith('/users/me')) return false;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"u1"}');
    return true;
  };
  env = {
    ...settingsFor(server),
    RESOURCES:
      'invites,opportunities,users,contacts,bid-packages,bids,bid-package-notes,bid-package-activities,opportunity-comments,data-connector-jobs,data-connector-requests',
    FIELD_POLICY: JSON.stringify(POLICY),
  };
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('a mirror whose personal fields are dropped or hashed', { timeout: 240_000 }, () => {
  it('holds them nowhere, after a load, a full sweep and retries of what is quarantined', async () => {
    const first = await run(START, '--live', '--once', '--json');
    expect(first.code, first.stderr).toBe(0);
    const full = await run(START, '--live', '--once', '--json', '--full');
    expect(full.code, full.stderr).toBe(0);
    const retried = await run(OPS, 'quarantine', 'retry', '--json');
    expect(JSON.parse(retried.stdout)).toMatchObject([
      { resource: 'invites', key: id(2), outcome: 'refused', from: 'autodesk' },
    ]);
    for (const command of [['quarantine', '--json'], ['quarantine', 'show', id(2), '--json'], ['status']]) {
      await run(OPS, ...command);
    }
    await expectNowhere();
  });

  it('still holds the rest, and joins across lists by the hashes', async () => {
    const [invite] = await exported('invites');
    const [user] = await exported('users');
    const [job] = await exported('data-connector-jobs');
    const hash = hashWith(secretIn(fieldSecret()));
    expect(invite?.projectName).toBe(KEPT);
    expect(invite).toMatchObject({ id: id(1), invitees: [{ id: 'i1', email: hash(PLANTED.email) }] });
    expect(user).toMatchObject({
      email: hash(PLANTED.email),
      alternateEmails: [hash(PLANTED.email)],
      employeeNumber: hash(String(PLANTED.number)),
    });
    expect(job).toMatchObject({ createdByEmail: hash(PLANTED.email), status: 'complete' });
    expect(await exported('bid-line-items')).toHaveLength(5);
    expect(await exported('bid-plugs')).toHaveLength(5);
    expect(await exported('opportunity-comments')).toHaveLength(3);
    expect(await exported('bid-package-activities')).toHaveLength(1);
    const [note] = await exported('bid-package-notes');
    expect(note).toEqual({ bidId: id(40), notes: { results: Array(5).fill({ text: KEPT }) } });
  });

  it('keeps the secret to itself', () => {
    const [path = ''] = globSync(`${dataDir}/live/field-secret.json`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const secret = secretIn(fieldSecret());
    const others = [...files()].filter(([file]) => file !== path);
    expect(others.filter(([, bytes]) => bytes.includes(secret)).map(([file]) => file)).toEqual([]);
    expect([...printed].filter(([, text]) => text.includes(secret)).map(([command]) => command)).toEqual([]);
  });

  it('takes a new policy over what it has stored in the next full sweep', async () => {
    env.FIELD_POLICY = JSON.stringify({
      ...POLICY,
      users: { ...POLICY.users, email: 'drop' },
      invites: { ...POLICY.invites, projectName: 'hash' },
      bids: { ...POLICY.bids, 'plugs.results.value': 'drop' },
    });
    const swept = await run(START, '--live', '--once', '--json', '--full');
    expect(swept.code, swept.stderr).toBe(0);

    const hash = hashWith(secretIn(fieldSecret()));
    const [user] = await exported('users');
    expect(user).not.toHaveProperty('email');
    expect(user).toHaveProperty('alternateEmails');
    expect(await exported('invites')).toMatchObject([{ projectName: hash(KEPT) }]);
    const plugs = await exported('bid-plugs');
    expect(plugs).toHaveLength(5);
    for (const plug of plugs) expect(plug).not.toHaveProperty('value');
  });

  it('does not start with a policy that takes what the sync needs', async () => {
    const { code, stderr } = await startCommand(START, ['--live', '--once', '--data-dir', dataDir], {
      cwd: dataDir,
      env: { ...env, FIELD_POLICY: '{"invites":{"id":"hash"}}' },
    }).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('FIELD_POLICY.invites.id: must be kept');
  });
});

function plant(): void {
  server.records.invites = [
    {
      id: id(1),
      createdAt: OLD,
      updatedAt: OLD,
      projectId: id(90),
      projectName: KEPT,
      bidderCompany: { id: id(91), name: PLANTED.lastName },
      invitees: [{ id: 'i1', ...person, phoneNumber: PLANTED.phone }],
    },
    // Refused, and so kept whole in quarantine.
    { id: id(2), createdAt: OLD, updatedAt: OLD, ...person, phoneNumber: PLANTED.phone, deep: levels(40) },
  ];
  server.records.jobs = [
    {
      id: 'job-1',
      requestId: 'request-1',
      accountId: ACCOUNT_ID,
      createdByEmail: PLANTED.email,
      lastDownloadedBy: PLANTED.firstName,
      createdAt: OLD,
      completedAt: OLD,
      status: 'complete',
      completionStatus: 'success',
    },
  ];
  server.records.requests = [
    { id: 'request-1', accountId: ACCOUNT_ID, createdByEmail: PLANTED.email, createdAt: OLD, updatedAt: OLD },
  ];
  const rows: Record<string, JsonObject[]> = {
    opportunities: [
      {
        id: id(10),
        name: KEPT,
        client: { company: { name: KEPT }, lead: { ...person, phoneNumber: PLANTED.phone } },
      },
    ],
    users: [
      {
        id: id(20),
        ...person,
        alternateEmails: [PLANTED.email],
        phoneNumber: PLANTED.phone,
        employeeNumber: PLANTED.number,
      },
    ],
    contacts: [{ id: id(25), isRemoved: false, officeName: KEPT, officePhone: PLANTED.phone }],
    'bid-packages': [{ id: id(30), projectId: id(90), name: KEPT }],
    bids: [
      {
        id: id(40),
        bidPackageId: id(30),
        notes: PLANTED.comment,
        lineItems: { results: five((n) => ({ id: id(400 + n), type: 'ALTERNATE', value: PLANTED.comment })) },
        plugs: { results: five((n) => ({ id: id(500 + n), createdBy: PLANTED.firstName, value: n })) },
      },
    ],
    'bid-package-activities': [
      { id: id(60), bidPackageId: id(30), createdBy: person, data: { user: person, total: 1 } },
    ],
  };
  for (const [list, records] of Object.entries(rows)) {
    server.others.set(
      list,
      records.map((record) => ({ createdAt: OLD, updatedAt: OLD, ...record })),
    );
  }
  server.below.set(
    `opportunities/${id(10)}/comments`,
    [1, 2, 3].map((n) => ({
      id: id(70 + n),
      createdAt: OLD,
      updatedAt: OLD,
      content: PLANTED.comment,
      userName: PLANTED.firstName,
    })),
  );
  // The first two come in the row, the others at the path of the bid.
  const notes = five(() => ({ text: KEPT, author: PLANTED.firstName }));
  const pagination = { limit: 2, cursorState: Buffer.from('2:1').toString('base64') };
  server.below.set(`bid-packages/${id(30)}/notes`, [
    { bidId: id(40), notes: { pagination, results: notes.slice(0, 2) } },
  ]);
  server.below.set(`bids/${id(40)}/notes`, notes);
}

function five(make: (number: number) => JsonObject): JsonObject[] {
  return [1, 2, 3, 4, 5].map(make);
}

function levels(depth: number): Json {
  return depth === 0 ? null : { deeper: levels(depth - 1), ...person };
}

async function run(script: string, ...args: string[]): Promise<Ended> {
  const { ended } = startCommand(script, [...args, '--data-dir', dataDir], { cwd: dataDir, env });
  const { stdout, stderr, ...rest } = await ended;
  printed.set(`${printed.size} ${args.join(' ')}`, stdout + stderr);
  return { stdout, stderr, ...rest };
}

/** What is stored of the records of a list. */
async function exported(resource: string): Promise<JsonObject[]> {
  const lines = await openPlace({ dataDir })((target) => exportFrom(target, resource));
  return lines.map(({ data }) => (isJsonObject(data) ? data : {}));
}

function* files(): Iterable<[path: string, bytes: Buffer]> {
  for (const path of globSync(`${dataDir}/**`)) {
    if (statSync(path).isFile()) yield [path, readFileSync(path)];
  }
}

function fieldSecret(): string {
  return readFileSync(join(dataDir, 'live/field-secret.json'), 'utf8');
}

function secretIn(text: string): string {
  return z.object({ current: z.string() }).parse(JSON.parse(text)).current;
}

/** Every place that records get to, with all that it holds as text. Whatever keeps records in another form joins here. */
async function* places(): AsyncIterable<[place: string, text: string]> {
  yield* printed;
  for (const [path, bytes] of files()) yield [path, bytes.toString('latin1')];
  // Parquet is compressed.
  for (const { name, files: parts } of await new FolderLake(join(dataDir, 'live', LAKE_FOLDER)).tables()) {
    for (const row of await readTable(parts.map((path) => readFileSync(path)))) {
      lakeRows += 1;
      yield [`lake ${name}`, JSON.stringify(Object.values(row))];
    }
  }
  // Their files may be compressed.
  const stack = await openLocalStack({ dataDir });
  try {
    for (const TableName of ['Records', 'State']) {
      for await (const { Items = [] } of paginateScan({ client: stack.clients.dynamodb }, { TableName })) {
        for (const item of Items) yield [`${TableName} ${item.pk?.S} ${item.sk?.S}`, textOf(item)];
      }
    }
  } finally {
    await stack.close();
  }
}

/** With the payloads of the quarantine, which are kept zipped. */
function textOf(item: Record<string, AttributeValue>): string {
  const payload = item.bytes?.B === undefined ? '' : gunzipSync(item.bytes.B).toString();
  if (payload !== '') unzipped += 1;
  return `${JSON.stringify(item)}${payload}`;
}

let unzipped = 0;
let lakeRows = 0;

async function expectNowhere(): Promise<void> {
  const found: string[] = [];
  let kept = 0;
  for await (const [place, text] of places()) {
    if (text.includes(KEPT)) kept += 1;
    for (const [name, value] of Object.entries(PLANTED)) {
      if (text.includes(String(value))) found.push(`${name} in ${place}`);
    }
  }
  expect(found).toEqual([]);
  // What is looked through is what was stored.
  expect(kept).toBeGreaterThan(3);
  expect(unzipped).toBe(1);
  expect(lakeRows).toBeGreaterThan(20);
}
