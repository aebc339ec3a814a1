import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lockDataFolder } from '../../../infra/local/data/data-folder.ts';
import { writeMirroredLists } from '../../../infra/local/data/mirrored-lists.ts';
import { openLandedStore } from '../../../infra/local/engines/landed-store.ts';
import { startLocalStack } from '../../../infra/local/engines/local-stack.ts';
import { openPlace } from '../../../infra/ops/run-ops.ts';
import { storesOf } from '../../../infra/ops/targets/stores.ts';
import { sha256Of, textFile } from '../../../infra/sandbox/data/extract-files.ts';
import { fileKey, latestKey, manifestKey } from '../../../shared/extracts/manifest.ts';
import type { ObjectStore } from '../../../shared/extracts/object-store.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { ops } from './captured-terminal.ts';

const users = textFile('admin_users.csv', 'id,name\n1,Ann\n');
const later = textFile('admin_users.csv', 'id,name\n1,Ann\n2,Bo\n');

let dataDir: string;
let store: ObjectStore;
let stop: () => Promise<void>;
let dir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'extracts-'));
  const dataFolder = await lockDataFolder(dataDir);
  const { addresses, folder, close } = await startLocalStack(dataFolder, 'sandbox');
  await writeMirroredLists(folder, {
    accountIds: ['a1'],
    enabledResources: ['data-connector-jobs'],
    purgeDeletedAfterDays: 365,
    historyDays: 365,
    fieldPolicy: {},
  });
  await dataFolder.announce({ pid: process.pid, kind: 'start', origin: 'sandbox', addresses });
  store = await openLandedStore(addresses);
  stop = async () => {
    await close();
    await dataFolder.release();
  };
  await land('job-1', '2026-11-20T08:00:00.000Z', users);
  await land('job-2', '2026-11-21T08:00:00.000Z', later);
});
afterAll(async () => {
  await stop();
  await rm(dataDir, { recursive: true });
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'downloaded-'));
  return () => rm(dir, { recursive: true });
});

/** As the worker leaves it. */
async function land(jobId: string, endedAt: string, file: typeof users, requestId = 'r1', name = file.name) {
  const extract = { accountId: 'a1', requestId, jobId, endedAt };
  const files = [{ name, size: file.size, sha256: sha256Of(file) }];
  await store.put(fileKey(extract, file.name), [Buffer.concat([...file.read(0)])]);
  const refused = [{ name: '../x', reason: 'the name holds a path' }];
  await store.put(manifestKey(extract), [Buffer.from(JSON.stringify({ ...extract, files, refused }))]);
  await store.put(latestKey(extract), [Buffer.from(JSON.stringify(extract))]);
  await openPlace({ dataDir })(async (target) => {
    const { landings } = storesOf(target);
    const when = { at: endedAt, keptUntil: '2999-01-01T00:00:00.000Z' };
    await landings.end({ ...extract, ...when, outcome: 'landed', files, refused }, 0);
  });
}

const onFolder = (...args: string[]) => ops(['extracts', ...args, '--data-dir', dataDir]);

describe('ops extracts', () => {
  it('lists what was landed, the latest job first, and what was refused', async () => {
    const { exitCode, out, err } = await onFolder();
    expect(exitCode).toBe(0);
    expect(out.split('\n').map((line) => /job-\d/.exec(line)?.[0])).toEqual([
      undefined,
      'job-2',
      'job-1',
      undefined,
    ]);
    expect(err).toContain('Not landed: ../x (the name holds a path).');
    const listed: JsonObject[] = JSON.parse((await onFolder('--json', '--job', 'job-1')).out);
    expect(listed).toMatchObject([
      { requestId: 'r1', jobId: 'job-1', state: 'landed', bytes: users.size, files: [{ name: users.name }] },
    ]);
  });

  it('says why a landing has failed', async () => {
    await openPlace({ dataDir })(async (target) => {
      const error = { code: 'STORAGE_FULL', message: 'There is no room left.', remedy: 'Free disk space.' };
      await storesOf(target).landings.save({
        ...{ accountId: 'a1', requestId: 'r9', jobId: 'job-9', endedAt: '2026-11-19T08:00:00.000Z' },
        ...{ dueAt: '2026-11-19T08:00:00.000Z', attempts: 5, error, files: [], rev: 0 },
      });
    });
    expect((await onFolder('--request', 'r9')).out).toMatch(
      /job-9 +failing .*There is no room left\. Free disk/,
    );
  });

  it('downloads the latest extract of a request, checked, and leaves alone what is there', async () => {
    const first = await onFolder('--get', dir);
    expect(first).toMatchObject({ exitCode: 0, err: expect.stringContaining('1 downloaded, 0 there') });
    expect(await readFile(join(dir, 'r1', 'job-2', users.name), 'utf8')).toBe('id,name\n1,Ann\n2,Bo\n');
    expect((await onFolder('--get', dir, '--request', 'r1')).err).toContain('0 downloaded, 1 there');

    await writeFile(join(dir, 'r1', 'job-2', users.name), 'changed');
    expect((await onFolder('--get', dir)).err).toContain('1 downloaded, 0 there');
  });

  it('downloads the job that is named', async () => {
    expect(await onFolder('--get', dir, '--job', 'job-1')).toMatchObject({ exitCode: 0 });
    expect(await readdir(join(dir, 'r1'))).toEqual(['job-1']);
  });

  it('names what has not been landed', async () => {
    expect(await onFolder('--get', dir, '--job', 'job-7')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('The files of job job-7 have not been landed'),
    });
  });

  it('keeps nothing of a file that is not the one that was landed', async () => {
    await land('job-3', '2026-11-18T08:00:00.000Z', users, 'r3');
    await store.put(fileKey({ accountId: 'a1', requestId: 'r3', jobId: 'job-3' }, users.name), [
      Buffer.from('other'),
    ]);

    expect(await onFolder('--get', dir, '--job', 'job-3')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('SHA-256'),
    });
    expect(await readdir(join(dir, 'r3', 'job-3'))).toEqual([]);
  });

  it('writes nothing outside the folder, whatever a manifest says', async () => {
    await land('job-4', '2026-11-18T08:00:00.000Z', users, 'r4', '../../../outside.csv');
    expect(await onFolder('--get', dir, '--job', 'job-4')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('nothing is written'),
    });
    expect(await readdir(join(dir, '..'))).not.toContain('outside.csv');
  });

  it('follows no link out of the folder', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'));
    await mkdir(dir, { recursive: true });
    await symlink(outside, join(dir, 'r1'));

    expect(await onFolder('--get', dir, '--job', 'job-1')).toMatchObject({ exitCode: 1 });
    expect(await readdir(join(outside, 'job-1'))).toEqual([]);
    await rm(outside, { recursive: true });
  });
});
