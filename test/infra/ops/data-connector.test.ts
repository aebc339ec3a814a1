import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { lockDataFolder, managementFolder } from '../../../infra/local/data/data-folder.ts';
import { writeMirroredLists } from '../../../infra/local/data/mirrored-lists.ts';
import { startLocalStack } from '../../../infra/local/engines/local-stack.ts';
import { SANDBOX_CLIENT, type Sandbox, startSandbox } from '../../../infra/sandbox/sandbox.ts';
import { FileTokenVault } from '../../../shared/autodesk/connection/file-token-vault.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { settingsForSandbox } from '../../support/autodesk/sandbox-settings.ts';
import { ops } from './captured-terminal.ts';

const ENDPOINT = 'http://127.0.0.1:4712';
const REQUESTS = 'data-connector-requests';
const IN_AN_HOUR = new Date(Date.now() + 3_600_000).toISOString();

let sandbox: Sandbox;
let dataDir: string;
let folder: string;
let stop: () => Promise<void>;

/** Stands for `npm start -- --live`: the engines run and the callback endpoint listens, as far as others are told. */
beforeAll(async () => {
  sandbox = await startSandbox({
    scale: { projects: 2, pairs: 2, invites: 2, forms: 1, requests: 4, jobs: 3 },
  });
  for (const [name, value] of Object.entries(settingsForSandbox(sandbox))) vi.stubEnv(name, value);
  dataDir = await mkdtemp(join(tmpdir(), 'data-connector-'));
  const dataFolder = await lockDataFolder(dataDir);
  const stack = await startLocalStack(dataFolder, 'live');
  folder = stack.folder;
  await writeMirroredLists(folder, {
    accountIds: sandbox.accountIds,
    enabledResources: ['data-connector-requests', 'data-connector-jobs'],
    purgeDeletedAfterDays: 365,
    historyDays: 365,
    fieldPolicy: {},
  });
  const { addresses } = stack;
  await dataFolder.announce({
    pid: process.pid,
    kind: 'start',
    origin: 'live',
    addresses,
    endpoint: ENDPOINT,
  });
  stop = async () => {
    await stack.close();
    await dataFolder.release();
  };
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await stop();
  await sandbox.close();
  await rm(dataDir, { recursive: true });
});

const onFolder = (...args: string[]) => ops(['data-connector', ...args, '--data-dir', dataDir]);
const first = (): JsonObject => sandbox.data.records(REQUESTS)[0] ?? {};
const changesSent = () =>
  sandbox.journal
    .entries()
    .filter(({ method }) => method === 'POST' || method === 'PATCH')
    .filter(({ api }) => api === 'data-connector');

async function callbackUrl(): Promise<string> {
  return (await ops(['callback-url', '--data-dir', dataDir])).out.trim();
}

/** As if somebody had signed in with `ops authorize --scopes`. */
async function signInToManage(scopes = ['data:read', 'data:create', 'data:write']): Promise<void> {
  const vault = new FileTokenVault(managementFolder(folder));
  const generation = ((await vault.read())?.generation ?? 0) + 1;
  const refreshToken = sandbox.authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, scopes);
  const at = '2026-01-01T00:00:00.000Z';
  await vault.store({
    generation,
    accessToken: 'used',
    accessTokenExpiresAt: at,
    refreshToken,
    obtainedAt: at,
  });
}

describe('ops data-connector before anybody has signed in to manage', () => {
  it('prints exactly what to enter by hand, sends nothing and fails', async () => {
    const { exitCode, out, err } = await onFolder('attach', '--request', String(first().id), '--yes');

    expect(exitCode).toBe(1);
    expect(out).toContain(`callbackUrl: ${await callbackUrl()}`);
    expect(out).toContain(`/requests/${first().id}`);
    expect(err).toContain('npm run ops -- authorize --scopes data:read,data:create,data:write');
    expect(changesSent()).toEqual([]);
  });

  it('lists requests by the token of the mirror, which only reads', async () => {
    const { exitCode, out } = await onFolder('requests', '--json');

    expect(exitCode).toBe(0);
    const listed: JsonObject[] = JSON.parse(out);
    expect(listed.map(({ id }) => id).toSorted()).toEqual(
      sandbox.data
        .records(REQUESTS)
        .map(({ id }) => id)
        .toSorted(),
    );
    expect(new Set(listed.map(({ callback }) => callback))).toEqual(new Set(['another', 'none']));
    // Somebody else's callback may hold a secret.
    expect(out).not.toContain('https://sync.');
  });
});

describe('ops data-connector with a sign-in to manage', () => {
  it('shows what it would send, and sends nothing without --yes where nobody can be asked', async () => {
    await signInToManage();
    const { exitCode, out, err } = await onFolder('attach', '--request', String(first().id));

    expect(exitCode).toBe(0);
    expect(out).toContain('PATCH /data-connector/v1/accounts/');
    expect(err).toContain('add --yes');
    expect(changesSent()).toEqual([]);
  });

  it('attaches our callback, which the list then calls ours, also after a rotation', async () => {
    await signInToManage();
    const id = String(first().id);
    const before = first();
    expect(await onFolder('attach', '--request', id, '--yes')).toMatchObject({ exitCode: 0 });

    expect(sandbox.data.record(REQUESTS, id)).toEqual({
      ...before,
      callbackUrl: await callbackUrl(),
      updatedAt: expect.any(String),
    });
    const ownerOf = async () => {
      const listed: JsonObject[] = JSON.parse((await onFolder('requests', '--json')).out);
      return listed.find((request) => request.id === id)?.callback;
    };
    expect(await ownerOf()).toBe('ours');
    await ops(['callback-url', '--rotate', '--data-dir', dataDir]);
    expect(await ownerOf()).toBe('previous');
  });

  it('pauses a request', async () => {
    await signInToManage();
    const id = String(first().id);
    expect(await onFolder('pause', '--request', id, '--yes')).toMatchObject({ exitCode: 0 });
    expect(sandbox.data.record(REQUESTS, id)).toMatchObject({ isActive: false });
  });

  it('makes a request with our callback', async () => {
    await signInToManage();
    const known = new Set(sandbox.data.records(REQUESTS).map(({ id }) => id));
    const asked = [
      '--groups',
      'admin,issues',
      '--interval',
      'DAY',
      '--every',
      '1',
      '--to',
      '2999-01-01T00:00:00Z',
    ];
    expect(await onFolder('create', ...asked, '--from', IN_AN_HOUR, '--no-email', '--yes')).toMatchObject({
      exitCode: 0,
    });

    const made = sandbox.data.records(REQUESTS).find(({ id }) => !known.has(id ?? null));
    expect(made).toMatchObject({
      ...{ scheduleInterval: 'DAY', reoccuringInterval: 1, effectiveFrom: IN_AN_HOUR },
      ...{ serviceGroups: ['admin', 'issues'], sendEmail: false, callbackUrl: await callbackUrl() },
    });
  });

  it('names the sign-in that is missing a scope', async () => {
    await signInToManage(['data:read', 'data:create']);
    const { exitCode, err } = await onFolder('pause', '--request', String(first().id), '--yes');

    expect(exitCode).toBe(1);
    expect(err).toContain('authorize --scopes data:read,data:create,data:write');
  });

  it.each([
    ['serviceGroups must name at least one group', []],
    ['serviceGroups must be some of', ['--groups', 'admin,nonsense']],
    ['effectiveFrom must not be in the past', ['--groups', 'admin', '--from', '2020-01-01T00:00:00Z']],
    [
      'reoccuringInterval is needed',
      ['--groups', 'admin', '--interval', 'DAY', '--to', '2999-01-01T00:00:00Z'],
    ],
    ['reoccuringInterval must be left out', ['--groups', 'admin', '--every', '2']],
    ['effectiveTo is needed', ['--groups', 'admin', '--interval', 'WEEK', '--every', '1']],
    ['dateRange CUSTOM needs', ['--groups', 'admin', '--date-range', 'CUSTOM', '--start', IN_AN_HOUR]],
    ['projectIdList must be 50 at most', ['--groups', 'admin', '--projects', Array(51).fill('p').join()]],
  ])('refuses a request by the documented rules: %s', async (problem, args) => {
    const sent = changesSent().length;
    const { exitCode, err } = await onFolder('create', ...args, '--yes');

    expect(exitCode).toBe(2);
    expect(err).toContain(problem);
    expect(changesSent()).toHaveLength(sent);
  });

  it.each([
    ['attach needs --request', ['attach']],
    ['pause needs --request', ['pause', '--request', '../x']],
    ['is not mirrored', ['requests', '--account', 'other']],
    ['Allowed choices', ['remove']],
  ])('does not understand: %s', async (problem, args) => {
    expect(await onFolder(...args)).toMatchObject({ exitCode: 2, err: expect.stringContaining(problem) });
  });
});
