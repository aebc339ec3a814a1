import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { lockDataFolder } from '../../../infra/local/data/data-folder.ts';
import { writeMirroredLists } from '../../../infra/local/data/mirrored-lists.ts';
import { startLocalStack } from '../../../infra/local/engines/local-stack.ts';
import { COMMAND_NAMES, openPlace } from '../../../infra/ops/run-ops.ts';
import { storesOf } from '../../../infra/ops/targets/stores.ts';
import type { OpenTarget, Target } from '../../../infra/ops/targets/target.ts';
import { status } from '../../../infra/status/status.ts';
import type { Incident } from '../../../shared/alerts/incidents/incident.ts';
import { isoTime, systemClock } from '../../../shared/clock.ts';
import { canonicalJson, ExactNumber, type JsonObject, parseJson } from '../../../shared/json.ts';
import { createSqsParking } from '../../../shared/queue/sqs-queues.ts';
import { contentHash } from '../../../shared/records/content-hash.ts';
import { noTotals } from '../../../shared/sync/state/partition.ts';
import { ops } from './captured-terminal.ts';

let dataDir: string;
let stopStack: () => Promise<void>;

/** Stands for `npm start`: the engines run and the callback endpoint listens, as far as others are told. */
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ops-'));
  const dataFolder = await lockDataFolder(dataDir);
  const { addresses, folder, close } = await startLocalStack(dataFolder, 'sandbox');
  await writeMirroredLists(folder, {
    accountIds: ['a1', 'a2'],
    enabledResources: ['opportunity-project-pairs', 'invites', 'data-connector-jobs'],
    purgeDeletedAfterDays: 36_500,
    fieldPolicy: {},
    historyDays: 365,
  });
  const endpoint = 'http://127.0.0.1:4711';
  await dataFolder.announce({ pid: process.pid, kind: 'start', origin: 'sandbox', addresses, endpoint });
  stopStack = async () => {
    await close();
    await dataFolder.release();
  };
});
afterAll(() => rm(dataDir, { recursive: true }));

const onFolder = (...args: string[]) => ops([...args, '--data-dir', dataDir]);

const atWork: OpenTarget = (work) => openPlace({ dataDir })(work);

describe('ops runs', () => {
  beforeAll(() =>
    atWork(async (target) => {
      const { runs } = storesOf(target);
      for (const [resource, status, hour] of [
        ['invites', 'complete', '08'],
        ['invites', 'failed', '09'],
        ['opportunity-project-pairs', 'complete', '10'],
      ] as const) {
        await runs.keepEnded(resource, 'company', {
          id: `run-${hour}`,
          mode: 'incremental',
          status,
          startedAt: `2026-11-20T${hour}:00:00.000Z`,
          finishedAt: `2026-11-20T${hour}:00:05.000Z`,
          totals: noTotals(),
          ...(status === 'failed' && { error: { code: 'C', message: 'It was refused.', remedy: 'r' } }),
        });
      }
    }),
  );

  it.each([
    [[], ['run-10', 'run-09', 'run-08']],
    [
      ['--resource', 'invites'],
      ['run-09', 'run-08'],
    ],
    [['--failed'], ['run-09']],
    [['--limit', '1'], ['run-10']],
  ])('with %j lists the latest first', async (args, ids) => {
    const { exitCode, out } = await onFolder('runs', '--json', ...args);
    expect(exitCode).toBe(0);
    const listed: { id: string; counts: object; apiCalls: number }[] = JSON.parse(out);
    expect(listed.map(({ id }) => id)).toEqual(ids);
    expect(listed[0]).toMatchObject({ counts: { fetched: 0 }, apiCalls: 0 });
  });

  it('shows people a table', async () => {
    const { out } = await onFolder('runs');
    expect(out).toMatch(/invites +incremental +failed +5\.0 s +0 +0 +0 +It was refused\./);
  });

  it('knows no list that is not mirrored', async () => {
    expect(await onFolder('runs', '--resource', 'tea')).toMatchObject({ exitCode: 2 });
  });
});

describe('ops', () => {
  it('tells its version, and so does the status', async () => {
    const version = JSON.parse(readFileSync('package.json', 'utf8')).version;
    expect(await ops(['--version'])).toEqual({ exitCode: 0, out: `${version}\n`, err: '' });
    expect(JSON.parse((await onFolder('status', '--json')).out)).toMatchObject({ version });
    expect((await onFolder('status')).out).toContain(version);
  });

  it('tells its commands', async () => {
    const { exitCode, out } = await ops(['--help']);

    expect(exitCode).toBe(0);
    for (const name of ['status', 'export', 'sync', 'replay', 'redrive', 'callback-url'])
      expect(out).toContain(name);
  });

  it.each([
    [[]],
    [['dance']],
    [['status', '--loud']],
    [['status', 'please']],
    [['export']],
    [['export', '--resource', 'tea']],
    [['export', '--resource', 'invites', '--format', 'xml']],
    [['sync', '--full', '--since', '2026-01-01T00:00:00Z']],
    [['sync', '--since', 'yesterday']],
    [['sync', '--accept-deletions']],
    [['redrive', '--queue', 'tea']],
    [['redrive', '--json']],
    [['quarantine', 'dance']],
    [['quarantine', 'show']],
    [['quarantine', 'list', 'a-key']],
    [['purge', '--older-than-days', 'many']],
    [['purge', '--older-than-days', '']],
    [['ack']],
    [['silence', 'an-incident', '--hours', '0']],
    [['silence', 'an-incident', '--until', 'tomorrow']],
    [['silence', 'an-incident', '--until', '2026-11-30', '--hours', '2']],
    [['incidents', 'an-incident', '--history', 'p1']],
    [['status', '--live', '--stage', 'prod']],
  ])('answers %j with one line that shows the way, and 2', async (args) => {
    const { exitCode, out, err } = await ops(args);

    expect(exitCode).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^[^\n]+--help[^\n]*\n$/);
  });

  it.each(COMMAND_NAMES)('%s refuses an unknown flag, and tells its own in --help', async (name) => {
    const { exitCode, out, err } = await ops([name, '--unheard-of']);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(/^[^\n]+--help[^\n]*\n$/);

    const help = await ops([name, '--help']);
    expect({ exitCode: help.exitCode, err: help.err }).toEqual({ exitCode: 0, err: '' });
    for (const flag of ['--data-dir', '--live', '--stage', '--help']) expect(help.out).toContain(flag);
  });

  it('says what to do where there is no data folder', async () => {
    const { exitCode, out, err } = await ops(['status', '--data-dir', join(dataDir, 'nowhere')]);

    expect(exitCode).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(/^There is no data folder [^\n]+npm start[^\n]+\n$/);
  });
});

describe('ops status', () => {
  it('prints the whole of it as JSON before anything has happened', async () => {
    const { exitCode, out, err } = await onFolder('status', '--json');

    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(status.parse(JSON.parse(out))).toEqual({
      version: expect.any(String),
      resources: [
        { resource: 'opportunity-project-pairs', scope: 'company', watermark: null, lastRun: null },
        { resource: 'invites', scope: 'company', watermark: null, lastRun: null },
        { resource: 'data-connector-jobs', scope: 'a1', watermark: null, lastRun: null },
        { resource: 'data-connector-jobs', scope: 'a2', watermark: null, lastRun: null },
      ],
      incidents: [],
      queues: {
        fetch: { waiting: 0, delayed: 0, inFlight: 0, deadLetters: 0 },
        alert: { waiting: 0, delayed: 0, inFlight: 0, deadLetters: 0 },
      },
      authorization: { state: 'not-configured', expiresAt: null },
      webhooks: null,
      dataConnector: ['a1', 'a2'].map((accountId) => ({
        ...{ accountId, jobsLastDay: null, jobLimit: 24, waiting: 0, failed: [] },
        landed: { jobs: 0, files: 0, bytes: 0, lastAt: null },
      })),
      waiting: null,
    });
  });

  it('tells what syncs are waiting for, and until when', async () => {
    const until = isoTime(systemClock.now() + 600_000);
    const pauseUntil = (pausedUntilMs: number) =>
      atWork(async (target) => {
        const { buildingconnected } = storesOf(target).rateWindows;
        const { value, rev } = await buildingconnected.read();
        await buildingconnected.write({ ...value, pausedUntilMs, pausedBy: 'rate-limit' }, rev);
      });
    await pauseUntil(Date.parse(until));

    expect(status.parse(JSON.parse((await onFolder('status', '--json')).out)).waiting).toEqual({
      api: 'buildingconnected',
      until,
      reason: 'rate-limit',
    });
    expect((await onFolder('status')).out).toMatch(
      /^Syncs are waiting for Autodesk until .* UTC \(rate limit\)\.$/m,
    );
    await pauseUntil(0);
  });

  it('is readable without it', async () => {
    const { exitCode, out } = await onFolder('status');

    expect(exitCode).toBe(0);
    expect(out).toContain('opportunity-project-pairs');
    expect(out).toContain('authorize');
  });
});

describe('ops sync', () => {
  it('asks for a run of every enabled resource; a second one follows the first', async () => {
    expect(await onFolder('sync')).toMatchObject({ exitCode: 0, out: '' });
    expect(await onFolder('sync', '--resource', 'invites', '--full')).toMatchObject({ exitCode: 0 });

    await atWork(async (target) => {
      const { runs } = storesOf(target);
      const invites = await runs.read('invites', 'company');
      expect(invites.activeRun).toMatchObject({ mode: 'full' });
      expect(invites.pending).toMatchObject({ mode: 'full' });
      expect((await runs.read('data-connector-jobs', 'a2')).activeRun).toBeDefined();
      // Pairs have a queue of their own.
      expect(await messagesIn(target, 'fetch')).toBe(3);
      expect(await messagesIn(target, 'urgent')).toBe(1);
    });
    const shown = status.parse(JSON.parse((await onFolder('status', '--json')).out));
    expect(shown.resources[1]?.lastRun).toMatchObject({ status: 'running', finishedAt: null });
    expect(shown.queues.fetch.waiting).toBe(4);
  });

  it('refuses a resource that is not enabled', async () => {
    const { exitCode, err } = await onFolder('sync', '--resource', 'scope-specific-bid-forms');

    expect(exitCode).toBe(2);
    expect(err).toContain('Enabled: opportunity-project-pairs');
  });
});

describe('ops export', () => {
  beforeEach(() =>
    atWork(async (target) => {
      const { records } = storesOf(target);
      const put = (resource: string, id: string, scope: string, text: string, updatedAt?: string) => {
        const data = parseJson(text) as JsonObject;
        return records.put({
          resource,
          id,
          scope,
          data,
          readAt: '2026-11-20T10:00:00.000Z',
          contentHash: contentHash(canonicalJson(data)),
          attention: false,
          ...(updatedAt && { updatedAt }),
        });
      };
      const at = '2026-11-01T00:00:00.000Z';
      await put(
        'invites',
        'i1',
        'company',
        '{"id":"i1","n":12345678901234567890.1,"bidderCompany":null,"x":{"y":"=1+1"}}',
        at,
      );
      await put(
        'invites',
        'i2',
        'company',
        '{"id":"i2","n":-5,"list":[1],"note":"a,\\"b\\"\\n","x":{"y":"@run"}}',
        at,
      );
      await put('data-connector-jobs', 'j1', 'a1', '{"id":"j1"}');
      await put('data-connector-jobs', 'j2', 'a2', '{"id":"j2"}');
      await put('opportunity-project-pairs', 'p1', 'company', '{"id":"p1"}', at);
      await records.markDeleted(
        { resource: 'opportunity-project-pairs', id: 'p1' },
        '2026-11-21T00:00:00.000Z',
      );
    }),
  );

  it('writes one object a line, exactly as Autodesk sent it', async () => {
    const { exitCode, out, err } = await onFolder('export', '--resource', 'invites');

    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out.split('\n').sort()).toEqual([
      '',
      '{"resource":"invites","id":"i1","updatedAt":"2026-11-01T00:00:00.000Z","readAt":"2026-11-20T10:00:00.000Z","data":{"id":"i1","n":12345678901234567890.1,"bidderCompany":null,"x":{"y":"=1+1"}}}',
      '{"resource":"invites","id":"i2","updatedAt":"2026-11-01T00:00:00.000Z","readAt":"2026-11-20T10:00:00.000Z","data":{"id":"i2","n":-5,"list":[1],"note":"a,\\"b\\"\\n","x":{"y":"@run"}}}',
    ]);
  });

  it('covers the lists of all accounts', async () => {
    const { out } = await onFolder('export', '--resource', 'data-connector-jobs');

    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['j1', 'j2']);
    expect(JSON.parse(out.split('\n')[0] ?? '').updatedAt).toBeNull();
  });

  it('writes line items with their form, in the order of the form', async () => {
    await atWork(async (target) => {
      const { records } = storesOf(target);
      const common = {
        scope: 'company',
        readAt: '2026-11-20T10:00:00.000Z',
        attention: false,
        contentHash: 'h',
      };
      const form = { resource: 'scope-specific-bid-forms', id: 'f1' };
      await records.put({ ...common, ...form, data: { id: 'f1' } });
      for (const id of ['l1', 'l2']) {
        await records.put({
          ...common,
          resource: 'scope-specific-bid-form-line-items',
          parentId: 'f1',
          id,
          data: { id },
        });
      }
      const list = { resource: 'scope-specific-bid-form-line-items', parentId: 'f1' };
      await records.putOrder(list, { ids: ['l2', 'l1'], readAt: common.readAt });
    });

    const { out } = await onFolder('export', '--resource', 'scope-specific-bid-form-line-items');

    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      {
        resource: 'scope-specific-bid-form-line-items',
        id: 'l2',
        parentId: 'f1',
        formId: 'f1',
        data: { id: 'l2' },
      },
      {
        resource: 'scope-specific-bid-form-line-items',
        id: 'l1',
        parentId: 'f1',
        formId: 'f1',
        data: { id: 'l1' },
      },
    ]);
  });

  it('ends well where its reader has seen enough', async () => {
    const filler = 'x'.repeat(40_000);
    const ids = Array.from({ length: 20 }, (_, index) => `filler-${index}`);
    await atWork(async (target) => {
      const { records } = storesOf(target);
      const readAt = '2026-11-20T10:00:00.000Z';
      const common = { resource: 'invites', scope: 'company', readAt, contentHash: 'h', attention: false };
      // Far more than a pipe holds.
      await Promise.all(ids.map((id) => records.put({ ...common, id, data: { id, filler } })));
    });

    const command = `'${process.execPath}' --throw-deprecation infra/ops/ops.ts export --resource invites --data-dir '${dataDir}' | head -n 1; exit \${PIPESTATUS[0]}`;
    const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>(
      (resolve) => {
        execFile('bash', ['-c', command], (error, stdout, stderr) =>
          resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
        );
      },
    );

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toHaveLength(1);

    await atWork(async (target) => {
      const { records } = storesOf(target);
      for (const id of ids) {
        const key = { resource: 'invites', id };
        await records.markDeleted(key, '2026-11-21T10:00:00.000Z');
        await records.purge(key);
      }
    });
  });

  it('leaves deleted records out unless they are asked for', async () => {
    expect(await onFolder('export', '--resource', 'opportunity-project-pairs')).toMatchObject({
      exitCode: 0,
      out: '',
    });

    const { out } = await onFolder('export', '--resource', 'opportunity-project-pairs', '--include-deleted');
    expect(JSON.parse(out)).toMatchObject({ id: 'p1', deletedAt: expect.any(String) });
  });

  it('writes CSV whose cells no spreadsheet runs', async () => {
    const { exitCode, out } = await onFolder('export', '--resource', 'invites', '--format', 'csv');

    expect(exitCode).toBe(0);
    const [header, ...rows] = out.split('\n');
    expect(header).toBe(
      'resource,id,parentId,formId,updatedAt,readAt,deletedAt,data.bidderCompany,data.id,data.list,data.n,data.note,data.x.y',
    );
    expect(rows.join('\n')).toContain(
      "invites,i1,,,2026-11-01T00:00:00.000Z,2026-11-20T10:00:00.000Z,,,i1,,12345678901234567890.1,,'=1+1\n",
    );
    expect(rows.join('\n')).toContain(`,i2,[1],-5,"a,""b""\n",'@run\n`);
  });
});

describe('ops history', () => {
  const invite = { resource: 'invites', id: 'h1' };
  const plug = { resource: 'bid-plugs', parentId: 'h2', id: 'plug' };
  const day = (of: number) => `2026-11-${of}T10:00:00.000Z`;

  beforeAll(() =>
    atWork(async (target) => {
      const { records } = storesOf(target);
      for (const [key, ofDay, data] of [
        [invite, 10, { id: 'h1', state: 'SENT', bid: { amount: 1 } }],
        [invite, 11, { id: 'h1', state: 'BID', bid: { amount: new ExactNumber('12345678901234567890.1') } }],
        [plug, 10, { id: 'plug', value: 'a'.repeat(500) }],
        [plug, 11, { id: 'plug', value: 'b' }],
      ] as const) {
        const readAt = day(ofDay);
        const text = JSON.stringify(data);
        await records.put({
          ...key,
          scope: 'company',
          data,
          readAt,
          updatedAt: readAt,
          contentHash: contentHash(text),
          attention: false,
        });
      }
      await records.markDeleted(invite, day(12));
    }),
  );
  afterAll(() =>
    atWork(async (target) => {
      await storesOf(target).records.purge(invite);
    }),
  );

  it('shows people the versions of a record with what changed, the newest first', async () => {
    const { exitCode, out } = await onFolder('history', '--resource', 'invites', '--id', 'h1');

    expect(exitCode).toBe(0);
    expect(out.trim().split('\n')).toEqual([
      'now, read Nov 12, 2026, 10:00 AM UTC, updated at Autodesk Nov 11, 2026, 10:00 AM UTC, gone at Autodesk since Nov 12, 2026, 10:00 AM UTC',
      'until Nov 12, 2026, 10:00 AM UTC, read Nov 11, 2026, 10:00 AM UTC, updated at Autodesk Nov 11, 2026, 10:00 AM UTC',
      '  state: "SENT" -> "BID"',
      '  bid.amount: 1 -> 12345678901234567890.1',
      'until Nov 11, 2026, 10:00 AM UTC, read Nov 10, 2026, 10:00 AM UTC, updated at Autodesk Nov 10, 2026, 10:00 AM UTC',
    ]);
  });

  it('gives programs each version whole', async () => {
    const { exitCode, out } = await onFolder('history', '--resource', 'invites', '--id', 'h1', '--json');

    expect(exitCode).toBe(0);
    expect(out).toContain('"after": 12345678901234567890.1');
    const { versions, ...key } = JSON.parse(out);
    expect(key).toEqual(invite);
    expect(versions).toMatchObject([
      { readAt: day(12), deletedAt: day(12), changes: [], data: { state: 'BID' } },
      {
        readAt: day(11),
        replacedAt: day(12),
        updatedAt: day(11),
        changes: [
          { path: 'state', before: 'SENT', after: 'BID' },
          { path: 'bid.amount', before: 1 },
        ],
      },
      { readAt: day(10), replacedAt: day(11), changes: [], data: { state: 'SENT', bid: { amount: 1 } } },
    ]);
    expect(versions[0]).not.toHaveProperty('replacedAt');
  });

  it('shows an element of a list in a record, in lines of bounded length', async () => {
    const asked = ['history', '--resource', 'bid-plugs', '--id', 'plug'];
    const { out } = await onFolder(...asked, '--parent', 'h2');

    expect(out).toMatch(/^ {2}value: "a{98}… -> "b"$/m);
    expect(await onFolder(...asked)).toMatchObject({ exitCode: 2, err: expect.stringContaining('--parent') });
  });

  it.each([
    [['--resource', 'tea', '--id', 'x'], 'There is no resource tea.'],
    [['--resource', 'invites', '--id', 'none'], 'There is no record none in invites.'],
    [
      ['--resource', 'bid-plugs', '--parent', 'p', '--id', 'none'],
      'There is no record none in bid-plugs of p.',
    ],
  ])('says in one line what %j does not name', async (args, problem) => {
    const { exitCode, out, err } = await onFolder('history', ...args);

    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toContain(problem);
  });

  it('says when no older version is kept', async () => {
    await atWork(async (target) => {
      await storesOf(target).records.create({
        ...invite,
        id: 'h3',
        scope: 'company',
        data: { id: 'h3' },
        readAt: day(10),
        contentHash: 'h',
        attention: false,
      });
    });
    expect((await onFolder('history', '--resource', 'invites', '--id', 'h3')).err).toBe(
      'No older version is kept.\n',
    );
    await atWork(async (target) => {
      const { records } = storesOf(target);
      await records.markDeleted({ ...invite, id: 'h3' }, day(11));
      await records.purge({ ...invite, id: 'h3' });
    });
  });
});

describe('ops replay', () => {
  it('lists stored callbacks, and has one confirmed once more', async () => {
    await atWork((target) =>
      storesOf(target).callbacks.record({
        accountId: 'a2',
        jobId: 'j7',
        requestId: 'r1',
        body: '{}',
        receivedAt: '2026-11-20T10:00:00.000Z',
      }),
    );

    expect((await onFolder('replay')).out).toContain('j7');
    expect(JSON.parse((await onFolder('replay', '--json')).out)).toMatchObject([
      { jobId: 'j7', state: 'received' },
    ]);
    expect(await onFolder('replay', 'j7')).toMatchObject({ exitCode: 0, out: '' });
    await atWork(async ({ sqs, queues }) => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queues.fetch, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
      );
      expect(Messages.map(({ Body }) => Body)).toContain('{"kind":"confirm-callbacks","accountId":"a2"}');
    });
  });

  it('fails where there is none', async () => {
    const { exitCode, err } = await onFolder('replay', 'unheard-of');

    expect(exitCode).toBe(1);
    expect(err).toContain('unheard-of');
  });
});

describe('ops redrive', () => {
  it('shows why each lies there, as often as it is asked, and keeps them', async () => {
    await atWork(async ({ sqs, queues }) => {
      const parking = createSqsParking(sqs, queues.fetchDeadLetters, systemClock);
      await parking.park('tea', 'it is not JSON');
      await sqs.send(
        new SendMessageCommand({ QueueUrl: queues.fetchDeadLetters, MessageBody: '{"kind":"run"}' }),
      );
    });

    for (const _time of [1, 2]) {
      const listed = JSON.parse((await onFolder('redrive', '--list', '--json')).out);
      expect(listed).toHaveLength(2);
      expect(listed).toContainEqual({
        queue: 'fetch',
        messageId: expect.any(String),
        at: expect.stringMatching(/Z$/),
        reason: 'it is not JSON',
        body: 'tea',
      });
    }
    const { exitCode, out } = await onFolder('redrive', '--list');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^fetch .* it is not JSON$/m);
    expect((await onFolder('status', '--json')).out).toContain('"deadLetters": 2');

    const { err } = await onFolder('redrive');
    expect(err).toContain('fetch: 1 because it is not JSON\n');
    expect(err).toContain('fetch: 2 dead letters moved back\n');
    expect((await onFolder('redrive', '--list')).err).toBe('No dead letters.\n');
  });

  it('moves dead letters back to their queues', async () => {
    const waitingBefore = await atWork((target) => messagesIn(target, 'fetch'));
    await atWork(async ({ sqs, queues }) => {
      for (let message = 0; message < 12; message += 1) {
        await sqs.send(
          new SendMessageCommand({ QueueUrl: queues.fetchDeadLetters, MessageBody: `m${message}` }),
        );
      }
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: queues.alertDeadLetters,
          MessageBody: 'a',
          MessageGroupId: 'alerts',
          MessageDeduplicationId: 'a',
        }),
      );
    });

    const { exitCode, err } = await onFolder('redrive');

    expect({ exitCode, err }).toEqual({
      exitCode: 0,
      err: expect.stringMatching(
        /fetch: 12 dead letters moved back\n(.*\n)?alert: 1 dead letter moved back\n$/,
      ),
    });
    await atWork(async (target) => {
      expect(await messagesIn(target, 'fetch')).toBe(waitingBefore + 12);
      expect(await messagesIn(target, 'alert')).toBe(1);
      expect(await messagesIn(target, 'fetchDeadLetters')).toBe(0);
    });
    expect((await onFolder('redrive', '--queue', 'fetch')).err).toBe('fetch: no dead letters\n');
  });
});

describe('ops quarantine', () => {
  const entry = {
    resource: 'invites',
    scope: 'company',
    readAt: '2026-11-20T10:00:00.000Z',
    runId: 'r1',
    message: 'it was refused',
  };

  it('lists what could not be stored, and stores what this version can', async () => {
    await atWork(async (target) => {
      const { quarantine } = storesOf(target);
      await quarantine.add({ ...entry, key: 'q1', reason: 'NO_ID' }, { id: 'q1', x: 1 });
      const key = `content-${contentHash(canonicalJson({ x: 1 }))}`;
      await quarantine.add({ ...entry, key, reason: 'NO_ID' }, { x: 1 });
    });

    expect((await onFolder('quarantine')).out).toMatch(/q1 +2026-11-20T10:00:00.000Z +r1 +it was refused$/m);
    const { exitCode, out, err } = await onFolder('quarantine', 'retry');
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^invites q1: stored, from the stored copy$/m);
    expect(out).toMatch(/^invites content-\w+: refused, from the stored copy: .*no usable id/m);
    expect(err).toMatch(/Autodesk is unavailable.*\n1 stored, 1 still refused\.\n$/);

    expect((await onFolder('export', '--resource', 'invites')).out).toContain('"id":"q1"');
    const left = JSON.parse((await onFolder('quarantine', 'list', '--json')).out);
    expect(left).toHaveLength(1);

    expect(JSON.parse((await onFolder('quarantine', 'show', left[0].key)).out)).toEqual({ x: 1 });
    expect(JSON.parse((await onFolder('quarantine', 'show', left[0].key, '--json')).out)).toMatchObject([
      { reason: 'NO_ID', payload: { x: 1 } },
    ]);
    expect(await onFolder('quarantine', 'remove', left[0].key)).toMatchObject({ exitCode: 0 });
    expect(JSON.parse((await onFolder('quarantine', '--json')).out)).toEqual([]);
    expect(await onFolder('quarantine', 'show', left[0].key)).toMatchObject({ exitCode: 1, out: '' });
  });
});

describe('ops purge', () => {
  it('removes for good what was deleted longer ago than the setting, or than it is told', async () => {
    const key = { resource: 'invites', id: 'long-gone' };
    await atWork(async (target) => {
      const { records } = storesOf(target);
      const data = { id: key.id };
      const kept = { data, contentHash: contentHash(canonicalJson(data)), attention: false };
      await records.put({ ...key, ...kept, scope: 'company', readAt: '2024-01-01T00:00:00.000Z' });
      await records.markDeleted(key, '2024-01-02T00:00:00.000Z');
    });
    const deleted = async () =>
      (await onFolder('export', '--resource', key.resource, '--include-deleted')).out;

    const outcome = 'invites (company): 0';
    expect((await onFolder('purge', '--dry-run')).err).toContain(
      `${outcome} to be removed; replaced versions: 1\n`,
    );
    expect((await onFolder('purge')).err).toContain(`${outcome} removed; replaced versions: 1\n`);
    expect((await onFolder('purge')).err).toContain(`${outcome} removed\n`);
    expect(await deleted()).toContain(key.id);

    await onFolder('purge', '--older-than-days', '366', '--dry-run');
    expect(await deleted()).toContain(key.id);

    const { err } = await onFolder('purge', '--older-than-days', '366');
    expect(err).toContain('invites (company): 1 removed');
    expect(await deleted()).not.toContain(key.id);
  });

  it('removes for good whatever was deleted when it is told 0 days', async () => {
    const deleted = ['export', '--resource', 'opportunity-project-pairs', '--include-deleted'];
    await onFolder('purge', '--older-than-days', '36500');
    expect((await onFolder(...deleted)).out).toContain('p1');

    await onFolder('purge', '--older-than-days', '0', '--dry-run');
    expect((await onFolder(...deleted)).out).toContain('p1');

    expect((await onFolder('purge', '--older-than-days', '0')).err).toContain(
      'opportunity-project-pairs (company): 1 removed',
    );
    expect((await onFolder(...deleted)).out).toBe('');
  });
});

describe('ops incidents, ack and silence', () => {
  it('show an incident and change what is told about it', async () => {
    await atWork(async (target) => {
      const { incidents, records } = storesOf(target);
      await incidents.put(AN_INCIDENT);
      await records.put({
        resource: 'projects',
        id: 'project-9',
        scope: 'company',
        data: { name: 'Riverside Clinic', number: '26-118', bidsDueAt: '2026-12-04T22:00:00Z' },
        readAt: '2026-11-20T10:00:00.000Z',
        contentHash: 'hash',
        attention: false,
      });
    });
    const [incident] = JSON.parse((await onFolder('incidents', '--json')).out);
    expect(incident).toMatchObject({ state: 'open', names: { projectName: 'Riverside Clinic' } });
    expect((await onFolder('incidents')).out).toMatch(/Riverside Clinic +Dec 4, 2026, 10:00 PM UTC/);

    expect(await onFolder('ack', incident.id, '--by', 'Ada')).toMatchObject({ exitCode: 0 });
    expect((await onFolder('incidents')).out).toContain('acknowledged');
    expect(await onFolder('silence', incident.id, '--hours', '2')).toMatchObject({ exitCode: 0 });
    expect((await onFolder('incidents')).out).toContain('silenced');
    const shown = status.parse(JSON.parse((await onFolder('status', '--json')).out));
    expect(shown.incidents).toMatchObject([{ id: incident.id, state: 'silenced', resolvedAt: null }]);

    const until = '2100-01-01T00:00:00.000Z';
    const silenced = await onFolder('silence', incident.id, '--until', until, '--by', 'Ben', '--json');
    expect(JSON.parse(silenced.out)).toMatchObject({ state: 'silenced', silencedUntil: until });
    const { out } = await onFolder('incidents', incident.id);
    expect(out).toContain('silenced until Jan 1, 2100, 12:00 AM UTC');
    expect(out).toMatch(/^Project: Riverside Clinic$/m);
    expect(out).toMatch(/^Bids due: Dec 4, 2026, 10:00 PM UTC$/m);
    expect(out).toMatch(/^What to do: Open the opportunity/m);
    expect(out).toMatch(/Ada +acknowledged$/m);
    expect(out).toMatch(/Ben +silenced until/m);
    expect(await onFolder('silence', incident.id, '--until', '2020-01-01T00:00:00Z')).toMatchObject({
      exitCode: 2,
    });
  });

  it('shows how the file transfer of a pair went', async () => {
    const at = '2026-11-20T10:00:00.000Z';
    await atWork(({ ...target }) =>
      storesOf(target).fileStatuses.watch({
        pairId: 'p9',
        entries: [
          { at, fileStatus: 'SYNCING' },
          { at: '2026-11-20T11:00:00.000Z', fileStatus: 'FAILED', error: 'Disk full' },
        ],
        rev: 0,
      }),
    );

    const { exitCode, out } = await onFolder('incidents', '--history', 'p9');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^Nov 20, 2026, 10:00 AM UTC +SYNCING$/m);
    expect(out).toMatch(/^Nov 20, 2026, 11:00 AM UTC +FAILED +Disk full$/m);
    expect(JSON.parse((await onFolder('incidents', '--history', 'p9', '--json')).out)).toHaveLength(2);
    expect(await onFolder('incidents', '--history', 'p8')).toMatchObject({ exitCode: 1, out: '' });
  });

  it('tell times in the time zone that is set, and refuse one that does not exist', async () => {
    vi.stubEnv('TIME_ZONE', 'America/Chicago');
    expect((await onFolder('incidents')).out).toContain('Nov 20, 2026, 4:00 AM CST');
    expect((await onFolder('status')).out).toContain('Nov 20, 2026, 4:00 AM CST');
    vi.stubEnv('TIME_ZONE', 'Springfield');
    const { exitCode, err } = await onFolder('incidents');
    vi.unstubAllEnvs();

    expect(exitCode).toBe(1);
    expect(err).toMatch(/^[^\n]*TIME_ZONE: must be an IANA time zone, such as America\/Chicago[^\n]*\n$/);
  });

  it('say so when there is no such incident', async () => {
    const { exitCode, err } = await onFolder('ack', 'unheard-of');

    expect(exitCode).toBe(1);
    expect(err).toContain('unheard-of');
  });
});

describe('ops callback-url', () => {
  const urlOf = (text: string) =>
    /^http:\/\/127\.0\.0\.1:4711\/callbacks\/data-connector\/([0-9a-f]{64})\n$/.exec(text);

  it('prints the same address each time, until it is rotated', async () => {
    const first = await onFolder('callback-url');
    const second = await onFolder('callback-url');
    const rotated = await onFolder('callback-url', '--rotate');

    expect(first).toMatchObject({ exitCode: 0, err: '' });
    expect(urlOf(first.out)).not.toBeNull();
    expect(second.out).toBe(first.out);
    expect(rotated.exitCode).toBe(0);
    expect(urlOf(rotated.out)).not.toBeNull();
    expect(rotated.out).not.toBe(first.out);
    await atWork(async ({ callbackTokens }) => {
      expect(await callbackTokens.read()).toEqual({
        current: urlOf(rotated.out)?.[1],
        previous: urlOf(first.out)?.[1],
      });
    });
  });
});

describe('ops while `npm start` does not run', () => {
  beforeAll(() => stopStack());

  it('works on what it left behind', async () => {
    const { exitCode, out } = await onFolder('export', '--resource', 'data-connector-jobs');

    expect(exitCode).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(2);
  });

  it('has no callback address', async () => {
    const { exitCode, out, err } = await onFolder('callback-url');

    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(err).toContain('npm start');
  });
});

const AN_INCIDENT: Incident = {
  id: 'file-sync-failed-1',
  finding: { rule: 'file-sync-failed', subject: 'p1', projectId: 'project-9', facts: {} },
  state: 'open',
  startedAt: '2026-11-20T10:00:00.000Z',
  openedAt: '2026-11-20T10:00:00.000Z',
  change: { number: 1, kind: 'opened', at: '2026-11-20T10:00:00.000Z' },
  told: {},
  history: [],
  rev: 0,
};

async function messagesIn({ sqs, queues }: Target, queue: keyof Target['queues']): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queues[queue],
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  );
  return Number(Attributes?.ApproximateNumberOfMessages);
}
