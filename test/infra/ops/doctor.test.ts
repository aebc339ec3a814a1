import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { type OpenMirror, openMirror } from '../../../infra/local/open-mirror.ts';
import { setUpSandboxWebhooks } from '../../../infra/local/sandbox-webhooks.ts';
import { SANDBOX_CLIENT, type Sandbox, startSandbox } from '../../../infra/sandbox/sandbox.ts';
import { SCOPES } from '../../../shared/autodesk/connection/credentials.ts';
import { requireResource, USUAL_RESOURCE_NAMES } from '../../../shared/resources/registry.ts';
import { ops } from './captured-terminal.ts';

const checkResults = z.array(
  z.object({
    check: z.string(),
    outcome: z.enum(['pass', 'fail', 'skipped']),
    finding: z.string(),
    remedy: z.string().optional(),
  }),
);

const SCALE = { projects: 2, pairs: 3, invites: 3, forms: 2, requests: 2, jobs: 2 };

async function doctor(...args: string[]) {
  const { exitCode, out, err } = await ops(['doctor', '--json', ...args]);
  const results = out === '' ? [] : checkResults.parse(JSON.parse(out));
  return { exitCode, err, results, of: (check: string) => results.find((result) => result.check === check) };
}

describe('ops doctor while `npm start` runs on the sandbox', () => {
  let dataDir: string;
  let open: OpenMirror;
  let sandbox: Sandbox;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'doctor-'));
    open = await openMirror({ live: false, dataDir, port: 0 });
    if (open.sandbox === undefined) throw new Error('There is no sandbox.');
    sandbox = open.sandbox;
    await open.mirror.connection.get();
    await setUpSandboxWebhooks(open);
  });
  afterEach(() => sandbox.faults.clear());
  afterAll(async () => {
    await open.close();
    await rm(dataDir, { recursive: true });
  });

  it('finds nothing wrong where nothing is', async () => {
    const { exitCode, results } = await doctor('--data-dir', dataDir);

    expect(results.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
    expect(exitCode).toBe(0);
    expect(results.map(({ check }) => check)).toEqual([
      'configuration',
      'secrets',
      'users/me',
      'connection',
      ...USUAL_RESOURCE_NAMES.map(requireResource).map(
        ({ name, scope }) => `${name} (${scope === 'company' ? scope : sandbox.accountIds[0]})`,
      ),
      'callback endpoint',
      'webhooks',
      'dead letters',
      'slack',
      'slack channel C0SANDBOX',
      'slack buttons',
      'email',
    ]);
  });

  it('asks for one record of each list', async () => {
    sandbox.journal.clear();
    await doctor('--data-dir', dataDir);

    const lists = sandbox.journal.entries().filter(({ path }) => !path.endsWith('/users/me'));
    expect(lists).toHaveLength(USUAL_RESOURCE_NAMES.length);
    for (const { query } of lists) expect(query).toContain('limit=1');
  });

  it.each([
    ['subscription-required', /invites/, 'invites (company)', 'BuildingConnected Pro'],
    ['app-not-in-account', /data-connector.*jobs/, 'data-connector-jobs', 'Custom Integrations'],
    ['not-found', /data-connector.*requests/, 'data-connector-requests', 'AUTODESK_ACCOUNT_IDS'],
    ['forbidden', /opportunity-project-pairs/, 'opportunity-project-pairs', 'permission'],
  ] as const)('tells what to do about %s, and goes on with the rest', async (kind, on, check, remedy) => {
    sandbox.faults.add({ on, fault: { kind } });

    const { exitCode, results } = await doctor('--data-dir', dataDir);

    expect(exitCode).toBe(1);
    const failed = results.filter(({ outcome }) => outcome === 'fail');
    expect(failed).toHaveLength(1);
    expect(failed[0]?.check).toContain(check);
    expect(failed[0]?.remedy).toContain(remedy);
  });

  it('shows people a table and, below it, what to do', async () => {
    sandbox.faults.add({ on: /invites/, fault: { kind: 'subscription-required' } });

    const { exitCode, out } = await ops(['doctor', '--data-dir', dataDir]);

    expect(exitCode).toBe(1);
    expect(out).toMatch(/^invites \(company\) +fail +The signed-in user has no subscription/m);
    expect(out).toMatch(/^ {2}invites \(company\): Give the user/m);
  });

  it('sends somebody to sign in once the consent is gone', async () => {
    sandbox.authorization.revokeConsent();

    const { exitCode, of } = await doctor('--data-dir', dataDir);

    expect(exitCode).toBe(1);
    expect(of('users/me')).toMatchObject({ outcome: 'fail', remedy: expect.stringContaining('authorize') });
    expect(of('connection')).toMatchObject({ outcome: 'fail', remedy: expect.stringContaining('authorize') });
    expect(of('invites (company)')).toMatchObject({ outcome: 'skipped' });
  });
});

describe('ops doctor --live', () => {
  const accountId = 'f9abf4c8-1f51-4b26-a6b7-6ac0639cb138';
  let dataDir: string;
  let sandbox: Sandbox;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'doctor-live-'));
    sandbox = await startSandbox({ scale: SCALE });
    const { clientId, clientSecret } = SANDBOX_CLIENT;
    vi.stubEnv('AUTODESK_BASE_URL', sandbox.origin);
    vi.stubEnv('AUTODESK_CLIENT_ID', clientId);
    vi.stubEnv('AUTODESK_CLIENT_SECRET', clientSecret);
    vi.stubEnv('AUTODESK_REFRESH_TOKEN', sandbox.authorization.issueRefreshToken(clientId, [...SCOPES]));
    vi.stubEnv('AUTODESK_ACCOUNT_IDS', accountId);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await sandbox.close();
    await rm(dataDir, { recursive: true });
  });

  it('checks the settings that `npm start -- --live` would take, before anything was started', async () => {
    const { exitCode, results, of } = await doctor('--live', '--data-dir', dataDir);

    expect(results.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(exitCode).toBe(0);
    expect(of('configuration')?.finding).toContain(sandbox.origin);
    expect(of('callback endpoint')).toMatchObject({ outcome: 'skipped' });
  });

  it('looks at the live data by itself where that was used last', async () => {
    await doctor('--live', '--data-dir', dataDir);

    const { exitCode, of } = await doctor('--data-dir', dataDir);

    expect(exitCode).toBe(0);
    expect(of('users/me')).toMatchObject({ outcome: 'pass' });
  });

  it('says which account id Autodesk does not know', async () => {
    const unheardOf = '00000000-0000-0000-0000-000000000000';
    vi.stubEnv('AUTODESK_ACCOUNT_IDS', `${accountId},${unheardOf}`);

    const { exitCode, of } = await doctor('--live', '--data-dir', dataDir);

    expect(exitCode).toBe(1);
    expect(of(`data-connector-jobs (${accountId})`)).toMatchObject({ outcome: 'pass' });
    expect(of(`data-connector-jobs (${unheardOf})`)).toMatchObject({
      outcome: 'fail',
      remedy: expect.stringContaining('AUTODESK_ACCOUNT_IDS'),
    });
  });

  it('names the missing account ids', async () => {
    vi.stubEnv('AUTODESK_ACCOUNT_IDS', '');

    const { exitCode, of } = await doctor('--live', '--data-dir', dataDir);

    expect(exitCode).toBe(1);
    expect(of('configuration')).toMatchObject({
      outcome: 'fail',
      remedy: expect.stringContaining('AUTODESK_ACCOUNT_IDS'),
    });
  });

  it('names every setting that is missing or wrong in one line', async () => {
    vi.stubEnv('AUTODESK_CLIENT_ID', '');
    vi.stubEnv('AUTODESK_BASE_URL', 'ftp://example.com');

    const { exitCode, err } = await doctor('--live', '--data-dir', dataDir);

    expect(exitCode).toBe(1);
    expect(err).toMatch(/^[^\n]*AUTODESK_CLIENT_ID[^\n]*\n$/);
    expect(err).toContain('AUTODESK_BASE_URL');
  });
});
