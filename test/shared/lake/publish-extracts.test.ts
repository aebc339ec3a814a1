import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { LandedExtracts } from '../../../shared/extracts/landed-extracts.ts';
import { fileKey, latestKey, type Manifest, manifestKey } from '../../../shared/extracts/manifest.ts';
import { OutOfTimeError } from '../../../shared/lake/errors.ts';
import { extractTables, publishExtractTable } from '../../../shared/lake/publish-extracts.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { InMemoryLake } from '../../support/in-memory/lake.ts';
import { InMemoryObjectStore } from '../../support/in-memory/object-store.ts';
import { readTable } from '../../support/lake/read-table.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

let store: InMemoryObjectStore;
let lake: InMemoryLake;
let clock: VirtualClock;
beforeEach(() => {
  store = new InMemoryObjectStore();
  lake = new InMemoryLake();
  clock = new VirtualClock();
});

describe('the tables of landed extracts', () => {
  it('have the columns of the header, all as text, and where each row is from', async () => {
    await land('r1', 'j1', {
      'admin_users.csv': '\uFEFFid,User Name,isActive,id\n1,"Ruiz, ""Ana""",true,x\n2,,false\n',
      'README.html': '<p>',
    });
    expect(await publish()).toBe(1);
    expect(await rowsOf('extract_admin_users')).toEqual([
      { ...from('r1', 'j1'), id: '1', user_name: 'Ruiz, "Ana"', is_active: 'true', id_2: 'x' },
      { ...from('r1', 'j1'), id: '2', user_name: null, is_active: 'false', id_2: null },
    ]);
    expect(await lake.names('extract_')).toEqual(['extract_admin_users']);
  });

  it('hold the latest extract of each request, and the columns of all of them', async () => {
    await land('r1', 'j1', { 'issues.csv': 'id,title\n1,old\n' });
    await land('r1', 'j2', { 'issues.csv': 'id,title\n1,new\n' });
    await land('r2', 'j3', { 'issues.csv': 'id,status\n7,open\n' });
    await publish();
    expect(await rowsOf('extract_issues')).toEqual([
      { ...from('r1', 'j2'), id: '1', title: 'new', status: null },
      { ...from('r2', 'j3'), id: '7', title: null, status: 'open' },
    ]);
  });

  it('are written again only when a file has changed', async () => {
    await land('r1', 'j1', { 'issues.csv': 'id\n1\n', 'users.csv': 'id\n1\n' });
    expect(await publish()).toBe(2);
    const before = [...lake.files.keys()];
    expect(await publish()).toBe(0);
    expect([...lake.files.keys()]).toEqual(before);
    clock.jump(60_000);
    await land('r1', 'j2', { 'issues.csv': 'id\n2\n', 'users.csv': 'id\n1\n' });
    expect(await publish()).toBe(2);
    expect(await rowsOf('extract_issues')).toEqual([{ ...from('r1', 'j2'), id: '2' }]);
  });

  it('are emptied, with their columns, when what was landed has expired', async () => {
    await land('r1', 'j1', { 'issues.csv': 'id\n1\n' });
    await publish();
    clock.jump(60_000);
    store = new InMemoryObjectStore();
    expect(await publish()).toBe(1);
    expect(await rowsOf('extract_issues')).toEqual([]);
    expect((await lake.current('extract_issues'))?.columns.map(({ name }) => name)).toContain('id');
    expect(await publish()).toBe(0);
  });

  it('stay as they are when the time is up', async () => {
    await land('r1', 'j1', { 'issues.csv': 'id\n1\n' });
    await publish();
    const before = await lake.current('extract_issues');
    await land('r1', 'j2', { 'issues.csv': 'id\n2\n' });
    await expect(publish(() => 0)).rejects.toThrow(OutOfTimeError);
    expect(await lake.current('extract_issues')).toEqual(before);
  });

  it('leave out what is too large or no CSV, and are not tried again', async () => {
    await land('r1', 'j1', { 'binary.csv': `id\n1\n"${'x'.repeat(5 * 2 ** 20)}`, 'issues.csv': 'id\n1\n' });
    expect(await publish()).toBe(2);
    expect(await rowsOf('extract_binary')).toEqual([]);
    expect(await rowsOf('extract_issues')).toEqual([{ ...from('r1', 'j1'), id: '1' }]);
    expect(await publish()).toBe(0);
  });

  it('are there for a file with a header alone, and for an empty one', async () => {
    await land('r1', 'j1', { 'header.csv': 'id,title\n', 'empty.csv': '' });
    expect(await publish()).toBe(2);
    expect(await rowsOf('extract_header')).toEqual([]);
    expect(await rowsOf('extract_empty')).toEqual([]);
  });
});

/** Answers how many tables were published. */
async function publish(timeLeftMs = () => Number.POSITIVE_INFINITY): Promise<number> {
  const ports = {
    extracts: new LandedExtracts(store),
    lake,
    clock,
    randomness: systemRandomness,
    log: silentLog,
    timeLeftMs,
  };
  let published = 0;
  for (const [table, sources] of await extractTables(ports)) {
    if ((await publishExtractTable(table, sources, ports)) === 'published') published += 1;
  }
  return published;
}

function rowsOf(table: string) {
  return readTable(lake.filesOf(table));
}

function from(requestId: string, jobId: string) {
  return { extract_account_id: 'a1', extract_request_id: requestId, extract_job_id: jobId };
}

async function land(requestId: string, jobId: string, files: Record<string, string>): Promise<void> {
  const extract = { accountId: 'a1', requestId, jobId, endedAt: '2026-11-22T00:00:00.000Z' };
  const manifest: Manifest = { ...extract, files: [], refused: [] };
  for (const [name, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    await store.put(fileKey(extract, name), [bytes]);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    manifest.files.push({ name, size: bytes.length, sha256 });
  }
  await store.put(manifestKey(extract), [Buffer.from(JSON.stringify(manifest))]);
  await store.put(latestKey(extract), [Buffer.from(JSON.stringify(extract))]);
}
