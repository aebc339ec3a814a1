import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { status } from '../../../infra/status/status.ts';
import { advance } from '../../../shared/alerts/incidents/transition.ts';
import { isoTime } from '../../../shared/clock.ts';
import { canonicalJson } from '../../../shared/json.ts';
import { contentHash } from '../../../shared/records/content-hash.ts';
import { noTotals } from '../../../shared/sync/state/partition.ts';
import { type ConsoleOnFolder, consoleOnFolder } from './console-on-folder.ts';

const HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>';
const TIMING = { waitMinutes: 0, remindAfterHours: 0 };

let page: ConsoleOnFolder;
let incidentId: string;

beforeAll(async () => {
  page = await consoleOnFolder();
  const { stores } = page;
  const nowMs = stores.clock.now();
  const failed = advance(
    undefined,
    {
      rule: 'file-sync-failed',
      subject: 'p1',
      projectId: 'project-1',
      projectName: `Riverside Clinic ${HOSTILE}`,
      error: `Could not copy ${HOSTILE}`,
      facts: {},
    },
    TIMING,
    nowMs,
  );
  if (failed === undefined) throw new Error('There is no incident.');
  await stores.incidents.put(failed);
  incidentId = failed.id;
  for (const [id, minutes] of [
    ['run-1', 10],
    ['run-2', 5],
  ] as const) {
    await stores.runs.keepEnded('invites', 'company', {
      id,
      mode: 'incremental',
      status: id === 'run-1' ? 'failed' : 'complete',
      startedAt: isoTime(nowMs - minutes * 60_000),
      finishedAt: isoTime(nowMs - minutes * 60_000 + 5_000),
      totals: noTotals(),
      ...(id === 'run-1' && { error: { code: 'C', message: HOSTILE, remedy: 'r' } }),
    });
  }
  const data = { id: 'project-1', name: `Riverside Clinic ${HOSTILE}` };
  await stores.records.create({
    resource: 'projects',
    id: 'project-1',
    scope: 'company',
    attention: false,
    data,
    contentHash: contentHash(canonicalJson(data)),
    readAt: isoTime(nowMs),
    writtenBy: 'test',
  });
  await stores.records.put({
    resource: 'projects',
    id: 'project-1',
    scope: 'company',
    attention: false,
    data: { ...data, [HOSTILE]: HOSTILE, stage: 'awarded' },
    contentHash: 'changed',
    readAt: isoTime(nowMs + 1),
    writtenBy: 'test',
  });
  const many = { resource: 'projects', id: 'project-2', scope: 'company', attention: false };
  for (let turn = 0; turn <= 60; turn += 1) {
    const readAt = isoTime(nowMs + turn);
    await stores.records.put({ ...many, data: { id: 'project-2', turn }, contentHash: `${turn}`, readAt });
  }
  await stores.hookHealth.write(
    {
      setUp: { region: 'US', callbackUrl: 'https://ours.test/webhooks/autodesk' },
      hooks: [{ hookId: 'h1', event: `bid.created ${HOSTILE}`, status: 'inactive' }],
      lookedAt: isoTime(nowMs),
      managementRefused: `revoked ${HOSTILE}`,
    },
    0,
  );
  await stores.deliveries.take('id d1', nowMs);
  const invite = { id: 'invite-1', projectId: 'project-1' };
  await stores.records.create({
    resource: 'invites',
    id: 'invite-1',
    scope: 'company',
    attention: false,
    data: invite,
    projectId: 'project-1',
    contentHash: contentHash(canonicalJson(invite)),
    readAt: isoTime(nowMs),
    writtenBy: 'test',
  });
});
afterAll(() => page.close());

describe('a view of the console', () => {
  it.each([
    ['/', 'Needs someone', 'Riverside Clinic'],
    ['/transfers', 'Standing 1', 'File transfer failed'],
    ['/runs', 'Ended', 'failed'],
    ['/runs?failed=1', 'Ended', 'failed'],
    ['/timeline', 'invites could not be synced', 'File transfer failed'],
    ['/records', 'Id of a record', 'a name among projects'],
    ['/records?q=project-1', 'projects', 'project-1'],
    ['/records?q=project-1', 'invites', 'invite-1'],
    ['/records?q=riverside', 'projects', 'project-1'],
    ['/records/projects/project-1', 'As sent', 'Riverside Clinic'],
    ['/records/projects/project-1', 'stage : (none) → "awarded"', 'now'],
    ['/records/invites/invite-1', 'As sent', 'No older version is kept'],
    ['/operations', 'No record is in quarantine', 'Bang'],
    ['/operations', '1 event in 24 hours', 'inactive: run npm run ops -- webhooks create'],
    [
      '/operations',
      'stay off: revoked',
      'Run npm run ops -- authorize --scopes data:read,data:create,data:write',
    ],
  ])('%s shows %j and %j', async (path, ...texts) => {
    const text = await page.textOf(path);
    for (const each of texts) expect(text).toContain(each);
  });

  it('of a record shows the last fifty of its versions', async () => {
    const text = await page.textOf('/records/projects/project-2');
    expect(text).toContain('turn : 59 → 60');
    expect(text).toContain('turn : 10 → 11');
    expect(text).not.toContain('turn : 9 → 10');
    expect(text).toContain('Older versions are kept');
  });

  it('of an incident shows its history', async () => {
    expect(await page.textOf(`/incidents/${incidentId}`)).toContain('seen, error: Could not copy');
  });

  it.each(['/', '/transfers', '/runs', '/records?q=project-1', '/records/projects/project-1', '/operations'])(
    'never lets a text from outside be more than text: %s',
    async (path) => {
      const html = await (await page.get(path)).text();
      expect(html).not.toMatch(/<script>|<img|onerror=(?!alert\(1\)&gt;)/i);
      expect(html.match(/<script[^>]*>/g)).toEqual(['<script src="/assets/htmx.js" defer>']);
    },
  );

  it('that is not there says so, with a way back', async () => {
    for (const path of ['/nowhere', '/incidents/none', '/records/projects/none', '/records/tea/1']) {
      const response = await page.get(path);
      expect(response.status, path).toBe(404);
      expect(await response.text()).toContain('To the overview');
    }
  });

  it('asks nobody else for anything', async () => {
    for (const path of ['/', '/runs', '/records', '/operations']) {
      const html = await (await page.get(path)).text();
      const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
      for (const address of loaded) expect(address).toMatch(/^[/#]/);
    }
  });

  it('streams what changes, and nothing while nothing does', async () => {
    const response = await page.get('/live?at=%2Ftransfers');
    const reader = response.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(first).toContain('File transfer failed');
    await reader?.cancel();
  });

  it('is what ops status prints, at /api/status', async () => {
    const answer = status.parse(await (await page.get('/api/status')).json());
    expect(answer.incidents).toMatchObject([{ id: incidentId, state: 'open' }]);
  });
});

describe('a button of the console', () => {
  const done = async (path: string, fields: Record<string, string>) => {
    const response = await page.post(path, fields);
    expect(response.status).toBe(303);
    return page.textOf(response.headers.get('location') ?? '');
  };

  it('acknowledges and takes back in the name of the operator, and shows the command', async () => {
    const shown = await done('/act/ack', { id: incidentId, back: '/transfers' });
    expect(shown).toContain(`Done: npm run ops -- ack ${incidentId} --by ada`);
    expect((await page.stores.incidents.live())[0]).toMatchObject({
      state: 'acknowledged',
      handled: { who: 'ada' },
    });
    expect(await page.textOf('/transfers')).toContain('acknowledged by ada');

    await done('/act/reopen', { id: incidentId });
    expect((await page.stores.incidents.live())[0]).toMatchObject({ state: 'open' });
    await done('/act/silence', { id: incidentId });
    expect((await page.stores.incidents.live())[0]).toMatchObject({ state: 'silenced' });
  });

  it('asks for a run as the command does', async () => {
    expect(await done('/act/sync-full', { resource: 'invites' })).toContain('sync --resource invites --full');
    expect((await page.stores.runs.read('invites', 'company')).activeRun).toMatchObject({ mode: 'full' });
  });

  it.each([
    ['sync-all', {}, 'opportunity-project-pairs (company)'],
    ['sync', { resource: 'projects' }, 'projects (company): '],
    ['retry', {}, 'quarantine retry'],
    ['redrive', {}, 'fetch: no dead letters'],
    ['alerts-test', {}, 'email: delivered'],
  ])('does what the command of its name does: %s', async (action, fields, expected) => {
    const shown = await done(`/act/${action}`, fields);
    expect(shown).toContain('Done: npm run ops -- ');
    expect(shown).toContain(expected);
  });

  it('replays a stored callback', async () => {
    const callback = {
      accountId: 'a1',
      requestId: 'r1',
      jobId: 'j1',
      body: '{}',
      receivedAt: '2026-11-20T08:00:00.000Z',
    };
    await page.stores.callbacks.record(callback);
    expect(await page.textOf('/operations')).toContain('j1');
    expect(await done('/act/replay', { jobId: 'j1' })).toContain('Confirming the callback of job j1 again.');
  });

  it('shows what was landed, and the jobs of the day', async () => {
    const extract = {
      accountId: 'a1',
      requestId: 'r7',
      jobId: 'job-77',
      endedAt: '2026-11-20T08:00:00.000Z',
    };
    const when = { at: extract.endedAt, keptUntil: '2999-01-01T00:00:00.000Z' };
    const files = [{ name: 'admin_users.csv', size: 1_234_567, sha256: 'a'.repeat(64) }];
    await page.stores.landings.end({ ...extract, ...when, outcome: 'landed', files, refused: [] }, 0);
    await page.stores.landings.keepLook('a1', { runId: 'run-1', createdAt: [new Date().toISOString()] });
    await expect
      .poll(() => page.textOf('/operations'), { timeout: 10_000 })
      .toContain('1 of 24 jobs in 24 hours');
    expect(await page.textOf('/operations')).toContain('1,234,567');
  });

  it('says what went wrong and how to mend it', async () => {
    const shown = await done('/act/ack', { id: 'no-such-incident' });
    expect(shown).toContain('Failed: npm run ops -- ack no-such-incident');
    expect(shown).toContain('There is no open incident no-such-incident.');
  });

  it('asks first where it matters, with the command', async () => {
    const text = await page.textOf('/confirm/redrive?back=%2Foperations');
    expect(text).toContain('Move all dead letters back to their queues?');
    expect(text).toContain('npm run ops -- redrive');
    expect(text).toContain('Yes, do it');
  });

  it('makes something happen in the sandbox', async () => {
    expect(await done('/experiments/bang', {})).toContain('It banged.');
  });
});
