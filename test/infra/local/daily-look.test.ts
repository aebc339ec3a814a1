import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { managementFolder } from '../../../infra/local/data/data-folder.ts';
import { experimentsIn } from '../../../infra/local/experiments.ts';
import { type OpenMirror, openMirror } from '../../../infra/local/open-mirror.ts';
import { setUpSandboxWebhooks } from '../../../infra/local/sandbox-webhooks.ts';
import { SANDBOX_CLIENT, type Sandbox } from '../../../infra/sandbox/sandbox.ts';
import { MANAGEMENT_SCOPES, MANAGEMENT_SIGN_IN } from '../../../shared/autodesk/connection/credentials.ts';
import { FileTokenVault } from '../../../shared/autodesk/connection/file-token-vault.ts';
import { isoTime } from '../../../shared/clock.ts';
import { ops } from '../ops/captured-terminal.ts';

const SOON = { timeout: 15_000, interval: 50 };

describe('the daily look of `npm start` on the sandbox', { timeout: 60_000 }, () => {
  let dataDir: string;
  let open: OpenMirror;
  let sandbox: Sandbox;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'daily-look-'));
    open = await openMirror({ live: false, dataDir, port: 0 });
    if (open.sandbox === undefined) throw new Error('There is no sandbox.');
    sandbox = open.sandbox;
    await open.mirror.connection.get();
    await setUpSandboxWebhooks(open);
  }, 60_000);
  beforeEach(() => sandbox.journal.clear());
  afterAll(async () => {
    await open.close();
    await rm(dataDir, { recursive: true });
  });

  const asked = () => sandbox.journal.entries().map(({ method, path }) => `${method} ${path}`);
  const firstOf = (text: string) => asked().findIndex((call) => call.includes(text));
  const statuses = () => sandbox.hooks.all().map((hook) => hook.status);
  const status = async () => (await ops(['status', '--data-dir', dataDir])).out;

  /** As if somebody had made the management sign-in. */
  async function signInWith(refreshToken: string): Promise<void> {
    const vault = new FileTokenVault(managementFolder(open.stack.folder));
    const now = isoTime(Date.now());
    await vault.store({
      generation: ((await vault.read())?.generation ?? 0) + 1,
      accessToken: 'renewed before its first use',
      accessTokenExpiresAt: now,
      refreshToken,
      obtainedAt: now,
    });
  }

  /** Answers the event of the webhook. */
  async function switchOff(): Promise<string> {
    const [hook] = sandbox.hooks.all();
    expect(await experimentsIn(open).get('switch-off-webhook')?.run()).toContain(hook?.event);
    return hook?.event ?? '';
  }

  it('cannot switch a webhook on when the management sign-in is dead, and says how to sign in', async () => {
    await signInWith('revoked');
    await open.running.trigger({ trigger: 'keep-alive' });
    await expect.poll(status, SOON).toContain(MANAGEMENT_SIGN_IN);
    const warned = await ops(['doctor', '--data-dir', dataDir]);
    expect([warned.exitCode, warned.out]).toEqual([1, expect.stringContaining('switches off stay off')]);
    expect(warned.out).toContain(`\`${MANAGEMENT_SIGN_IN}\`, then`);

    const event = await switchOff();
    await expect.poll(status, SOON).toContain(`off: ${event}`);
    expect(statuses()).toContain('inactive');
    const { exitCode, out } = await ops(['doctor', '--data-dir', dataDir]);
    expect([exitCode, out]).toEqual([1, expect.stringContaining(`\`${MANAGEMENT_SIGN_IN}\`, then`)]);
    // The list that it tells of was read meanwhile, and the mirror is as well connected as before.
    await expect.poll(() => firstOf('/v2/bids'), SOON).not.toBe(-1);
    expect(await open.mirror.connection.authorizationStatus()).toMatchObject({ state: 'connected' });
    const evaluated = async () => (await open.mirror.incidents.live()).map(({ finding }) => finding);
    await expect
      .poll(evaluated, SOON)
      .toMatchObject([{ remedy: expect.stringContaining(MANAGEMENT_SIGN_IN) }]);
    expect((await evaluated()).map(({ rule }) => rule)).toEqual(['webhook-inactive']);
  });

  it('switches it on once somebody has signed in again, and then reads its list again', async () => {
    await signInWith(
      sandbox.authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, [...MANAGEMENT_SCOPES]),
    );
    await open.running.trigger({ trigger: 'keep-alive' });

    await expect.poll(status, SOON).toContain('Webhooks: all on');
    expect(statuses()).not.toContain('inactive');
    expect(await status()).not.toContain(MANAGEMENT_SIGN_IN);
    await expect.poll(() => firstOf('/v2/bids'), SOON).toBeGreaterThan(firstOf('PATCH /webhooks/'));
  });
});
