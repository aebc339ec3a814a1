import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startSandbox } from '../../infra/sandbox/sandbox.ts';
import { type Status, status } from '../../infra/status/status.ts';
import { RULE_WORDS } from '../../shared/alerts/rules/rule.ts';
import { allowSignIn } from '../support/autodesk/allow-sign-in.ts';
import { freePort } from '../support/processes/free-port.ts';
import { OPS, START, startCommand } from '../support/processes/run-command.ts';

const PATIENCE = { timeout: 150_000 };
const SOON = { timeout: 60_000, interval: 250 };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

it(
  'starts before anybody has signed in, waits again when the consent is withdrawn, and goes on by itself',
  PATIENCE,
  async () => {
    const redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
    const sandbox = await startSandbox({
      clients: [{ clientId: 'app', clientSecret: 'secret', redirectUris: [redirectUri] }],
    });
    cleanups.push(() => sandbox.close());
    const cwd = await mkdtemp(join(tmpdir(), 'waiting-'));
    cleanups.push(() => rm(cwd, { recursive: true }));
    const env = {
      AUTODESK_BASE_URL: sandbox.origin,
      AUTODESK_CLIENT_ID: 'app',
      AUTODESK_CLIENT_SECRET: 'secret',
      ENABLED_RESOURCES: 'opportunity-project-pairs',
      // Nothing in it opens a browser.
      PATH: cwd,
    };
    const ops = (...args: string[]) => startCommand(OPS, args, { cwd, env });
    const readStatus = async () => status.parse(JSON.parse((await ops('status', '--json').ended).stdout));
    const signIn = async () => {
      const { output, ended } = ops('authorize', '--redirect-uri', redirectUri);
      await expect.poll(() => output.stderr, SOON).toContain('/authorize?');
      expect(await allowSignIn(/http:\S+authorize\?\S+/.exec(output.stderr)?.[0] ?? '')).toContain(
        'Signed in',
      );
      expect(await ended).toMatchObject({ code: 0 });
    };

    const start = startCommand(START, ['--live', '--port', '0'], { cwd, env });
    cleanups.push(async () => {
      start.child.kill('SIGKILL');
      await start.ended;
    });
    await expect.poll(() => start.output.stdout, SOON).toContain('Ctrl-C stops');
    const asked = start.output.stderr.split('\n').filter((line) => line.includes('authorize'));
    expect(asked).toEqual([expect.stringContaining('no one has signed in')]);
    expect((await readStatus()).authorization.state).toBe('not-configured');

    await signIn();
    await expect.poll(() => start.output.stdout, SOON).toMatch(/opportunity-project-pairs: \d+ created/);

    sandbox.authorization.revokeConsent();
    sandbox.journal.clear();
    await ops('sync').ended;
    await expect.poll(() => start.output.stdout, SOON).toContain(`open: ${RULE_WORDS.connection.problem}`);
    const waiting = await readStatus();
    expect(waiting.authorization.state).toBe('needs-consent');
    expect(waiting.resources[0]?.lastRun?.status).toBe('paused');
    expect(connectionIncidents(waiting)).toEqual(['open']);
    expect(sandbox.journal.count({ path: /\/token/ })).toBe(1);

    await signIn();
    await expect.poll(() => start.output.stdout, SOON).toContain(`resolved: ${RULE_WORDS.connection.over}`);
    await expect.poll(async () => (await readStatus()).resources[0]?.lastRun?.status, SOON).toBe('complete');
    const after = await readStatus();
    expect(after.authorization.state).toBe('connected');
    expect(connectionIncidents(after)).toEqual(['resolved']);
  },
);

function connectionIncidents({ incidents }: Status): string[] {
  return incidents.filter(({ rule }) => rule === 'connection').map(({ state }) => state);
}

it('names the setting that is missing, in one line, and makes no data folder', PATIENCE, async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'waiting-'));
  cleanups.push(() => rm(cwd, { recursive: true }));

  const { code, stderr } = await startCommand(OPS, ['authorize'], { cwd }).ended;

  expect(code).toBe(1);
  expect(stderr).toMatch(/^[^\n]*AUTODESK_CLIENT_ID: missing[^\n]*\n$/);
  expect(await readdir(cwd)).toEqual([]);
});
