import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openPlace, runOps } from '../../../infra/ops/run-ops.ts';
import { managementClient, managementToken } from '../../../infra/ops/targets/management-token.ts';
import { SANDBOX_CLIENT, type Sandbox, startSandbox } from '../../../infra/sandbox/sandbox.ts';
import { FileRefreshLedger } from '../../../shared/autodesk/connection/file-refresh-ledger.ts';
import { FileTokenVault } from '../../../shared/autodesk/connection/file-token-vault.ts';
import { EMPTY_LEDGER } from '../../../shared/autodesk/connection/refresh-ledger.ts';
import { allowSignIn } from '../../support/autodesk/allow-sign-in.ts';
import { freePort } from '../../support/processes/free-port.ts';
import { captureTerminal, ops } from './captured-terminal.ts';

const SCOPES = 'data:read,data:create,data:write';

describe('the management sign-in', () => {
  let sandbox: Sandbox;
  let dataDir: string;
  let redirectUri: string;

  beforeEach(async () => {
    redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
    sandbox = await startSandbox({ clients: [{ ...SANDBOX_CLIENT, redirectUris: [redirectUri] }] });
    dataDir = await mkdtemp(join(tmpdir(), 'management-'));
    vi.stubEnv('AUTODESK_BASE_URL', sandbox.origin);
    vi.stubEnv('AUTODESK_CLIENT_ID', SANDBOX_CLIENT.clientId);
    vi.stubEnv('AUTODESK_CLIENT_SECRET', SANDBOX_CLIENT.clientSecret);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await sandbox.close();
    await rm(dataDir, { recursive: true });
  });

  async function signIn() {
    const { terminal, printed } = captureTerminal();
    const args = ['authorize', '--data-dir', dataDir, '--redirect-uri', redirectUri, '--scopes', SCOPES];
    const ended = runOps(args, terminal);
    await expect.poll(() => printed().err, { timeout: 10_000 }).toContain('/authorize?');
    const address = /http:\S+authorize\?\S+/.exec(printed().err)?.[0] ?? '';
    await allowSignIn(address);
    return { exitCode: await ended, address, err: printed().err };
  }

  it('asks for its scopes, says why, and is kept apart from the token that the mirror reads with', async () => {
    const { exitCode, address, err } = await signIn();

    expect(exitCode).toBe(0);
    expect(new URL(address).searchParams.get('scope')).toBe('data:read data:create data:write');
    expect(err).toContain('needed to set up webhooks');
    const folder = join(dataDir, 'live', 'management');
    expect(await readdir(folder)).toEqual(['generation-0000000001.json']);
    expect((await stat(join(folder, 'generation-0000000001.json'))).mode & 0o777).toBe(0o600);
    expect(await new FileTokenVault(join(dataDir, 'live', 'connection')).read()).toBeUndefined();
  });

  it('gives tokens with these scopes, and renews them by a refresh token that is used once', async () => {
    await signIn();

    await openPlace({ dataDir, live: true })(async (target) => {
      const tokens = await managementToken(target);
      const first = await tokens.get();
      expect(sandbox.authorization.admit(`Bearer ${first.value}`)?.scopes).toContain('data:write');
      tokens.refused(first);
      const second = await tokens.get();
      expect(second.generation).toBe(2);
      expect(sandbox.authorization.admit(`Bearer ${second.value}`)?.scopes).toContain('data:write');
      // Another command begins with what is stored.
      expect(await (await managementToken(target)).get()).toEqual(second);
    });
  });

  it('is missing until somebody signs in, and the error names the command', async () => {
    await openPlace({ dataDir, live: true })(async (target) => {
      await expect(managementClient(target)).rejects.toMatchObject({
        code: 'NO_MANAGEMENT_TOKEN',
        remedy: expect.stringContaining(`npm run ops -- authorize --scopes ${SCOPES}`),
      });
    });
  });

  it('is asked for anew, by the same command, when Autodesk no longer accepts it', async () => {
    await signIn();
    sandbox.authorization.revokeConsent();

    await openPlace({ dataDir, live: true })(async (target) => {
      const client = await managementClient(target);
      await expect(
        client.send({
          method: 'GET',
          path: '/construction/buildingconnected/v2/users/me',
          api: 'buildingconnected',
        }),
      ).rejects.toMatchObject({ code: 'NO_MANAGEMENT_TOKEN' });
    });
  });

  it('refuses scopes that no command needs', async () => {
    const refused = await ops(['authorize', '--scopes', 'data:read,account:write']);

    expect(refused).toMatchObject({ exitCode: 2, err: expect.stringContaining('Choose data:read') });
  });

  it('lets one of two processes write the ledger', async () => {
    const ledgers = [1, 2].map(() => new FileRefreshLedger(join(dataDir, 'ledger')));
    const lease = (owner: string) => ({ ...EMPTY_LEDGER, lease: { owner, untilMs: 1 } });

    const wrote = await Promise.all(ledgers.map((ledger, index) => ledger.write(lease(`w${index}`), 0)));

    expect(wrote.filter(Boolean)).toHaveLength(1);
    const winner = `w${wrote.indexOf(true)}`;
    expect(await ledgers[0]?.read()).toEqual({ value: lease(winner), rev: 1 });
    expect(await ledgers[0]?.write(EMPTY_LEDGER, 1)).toBe(true);
    expect(await ledgers[1]?.write(EMPTY_LEDGER, 1)).toBe(false);
  });
});
