import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../infra/sandbox/sandbox.ts';
import { FileTokenVault } from '../../shared/autodesk/connection/file-token-vault.ts';
import { timeText } from '../../shared/time-text.ts';
import { freePort } from '../support/processes/free-port.ts';
import { OPS, startCommand } from '../support/processes/run-command.ts';
import { hasChromium, launchChromium } from './chromium.ts';

const PATIENCE = { timeout: 90_000 };
const SOON = { timeout: 45_000 };

const canRun = hasChromium('the sign-in in a browser is left out');

describe.skipIf(!canRun)('signing in with a browser', PATIENCE, () => {
  let browser: Browser;
  let sandbox: Sandbox;
  let redirectUri: string;
  /** Nothing of ours can listen there, and no page ever comes from it. */
  let outOfReach: string;
  /** An empty one for each test: as on the first day, nothing was ever started in it. */
  let folder: string;
  let page: Page;
  const cleanups: (() => unknown)[] = [];
  const closing: (() => unknown)[] = [];

  beforeAll(async () => {
    redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
    const deaf = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    closing.push(() => deaf.close());
    const address = deaf.address();
    outOfReach = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/callback`;
    const redirectUris = [redirectUri, outOfReach];
    [sandbox, browser] = await Promise.all([
      startSandbox({
        clients: [
          { clientId: 'web-app', clientSecret: 'its-secret', redirectUris },
          { clientId: 'desktop-app', redirectUris },
          { clientId: 'app-without-apis', clientSecret: 'its-secret', redirectUris, scopes: ['openid'] },
        ],
      }),
      launchChromium(),
    ]);
    closing.push(
      () => browser.close(),
      () => sandbox.close(),
    );
  }, 60_000);
  afterAll(async () => {
    for (const close of closing) await close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sign-in-'));
    page = await browser.newPage();
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
    await page.close();
    await rm(folder, { recursive: true });
  });

  const environment = (clientId: string, secret?: string) => ({
    AUTODESK_BASE_URL: sandbox.origin,
    AUTODESK_CLIENT_ID: clientId,
    ...(secret !== undefined && { AUTODESK_CLIENT_SECRET: secret }),
    // Nothing in it opens a browser of its own.
    PATH: folder,
  });
  const vault = () => new FileTokenVault(join(folder, '.local/live/connection'));

  /** `npm run ops -- authorize`, up to the moment when it waits for the browser. */
  async function authorize(client: { id: string; secret?: string }, redirect = redirectUri) {
    const { child, output, ended } = startCommand(OPS, ['authorize', '--redirect-uri', redirect], {
      cwd: folder,
      env: environment(client.id, client.secret),
    });
    cleanups.push(() => child.kill('SIGKILL'));
    await expect.poll(() => output.stderr, SOON).toContain('callback URL of the app');
    return { child, output, ended, address: addressIn(output.stderr) };
  }
  const webApp = { id: 'web-app', secret: 'its-secret' };
  const heading = () => page.locator('h1').innerText();
  const press = (button: 'Allow' | 'Deny') => page.getByRole('button', { name: button }).click();

  it('stores a token that works when the person allows it, and says who signed in and until when', async () => {
    const opened = await openerIn(folder);
    const { address, ended } = await authorize(webApp);
    await expect.poll(opened).toBe(address);
    await page.goto(address);
    expect(await page.locator('main').innerText()).toContain('data:read');

    await press('Allow');

    expect(await heading()).toBe('Signed in');
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const token = await vault().read();
    const expires = new Date(Date.parse(token?.obtainedAt ?? '') + 14 * 86_400_000).toISOString();
    expect(stderr).toContain(
      `Signed in as ${sandbox.user.email}. The sign-in lasts until ${timeText(expires, 'UTC')}`,
    );
    expect(sandbox.authorization.admit(`Bearer ${token?.accessToken}`)?.speaker).toBe('person');
    const file = join(folder, '.local/live/connection/generation-0000000001.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, '.local'))).mode & 0o777).toBe(0o700);
  });

  it('signs a public app in by its challenge alone', async () => {
    const { address, ended } = await authorize({ id: 'desktop-app' });
    await page.goto(address);

    await press('Allow');

    expect(await heading()).toBe('Signed in');
    expect((await ended).code).toBe(0);
  });

  it('takes the address that is pasted into a terminal, when the browser is on another machine', async () => {
    const command = [
      process.execPath,
      '--throw-deprecation',
      resolve(OPS),
      'authorize',
      '--redirect-uri',
      outOfReach,
    ];
    // Gives it a terminal.
    const child = spawn('/usr/bin/script', ['-qec', command.join(' '), '/dev/null'], {
      cwd: folder,
      env: { ...environment('web-app', 'its-secret'), SHELL: '/bin/sh' },
    });
    cleanups.push(() => child.kill('SIGKILL'));
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    const ended = new Promise((done) => child.on('close', done));
    await expect.poll(() => shown, SOON).toContain('Paste the URL');
    await page.goto(addressIn(shown));
    const lost = page.waitForEvent('requestfailed', (request) => request.url().startsWith(outOfReach));

    await press('Allow');
    child.stdin.write(`${(await lost).url()}\r`);

    expect(await ended, shown).toBe(0);
    expect(shown).toContain(`Signed in as ${sandbox.user.email}`);
    expect((await vault().read())?.generation).toBe(1);
  });

  it.each([
    {
      name: 'the person denies it',
      client: webApp,
      button: 'Deny' as const,
      says: 'Access was denied on the Autodesk page. Run it again and choose Allow.',
    },
    {
      name: 'the secret is wrong',
      client: { id: 'web-app', secret: 'another' },
      button: 'Allow' as const,
      says: 'AUTODESK_CLIENT_SECRET',
    },
    {
      name: 'a web app is set up without its secret',
      client: { id: 'web-app' },
      button: 'Allow' as const,
      says: 'AUTODESK_CLIENT_SECRET',
    },
    {
      name: 'the app may not have the scope',
      client: { id: 'app-without-apis', secret: 'its-secret' },
      says: 'Enable the BuildingConnected and Data Connector APIs',
    },
  ])('ends with one line that says what to do when $name', async ({ client, button, says }) => {
    const { address, ended, output } = await authorize(client);
    const before = output.stderr;
    await page.goto(address);

    if (button !== undefined) await press(button);

    expect(await heading()).toBe('Not signed in');
    expect(await page.locator('p').innerText()).toContain(says);
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr.slice(before.length)).toMatch(/^[^\n]+\n$/);
    expect(stderr).toContain(says);
    expect(await vault().read()).toBeUndefined();
  });

  it('refuses an answer to another sign-in, even with a good code, and ends', async () => {
    const { address, ended } = await authorize(webApp);
    const tampered = new URL(address);
    tampered.searchParams.set('state', 'of-another-sign-in');
    await page.goto(tampered.href);
    const asked = () => sandbox.journal.count({ path: /\/token/ });
    const askedBefore = asked();

    await press('Allow');

    expect(await heading()).toBe('Not signed in');
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toContain('belongs to a different sign-in');
    expect(asked()).toBe(askedBefore);
    expect(await vault().read()).toBeUndefined();
  });

  it('names the address to register when Autodesk does not know it', async () => {
    const unknown = redirectUri.replace('127.0.0.1', 'localhost');
    const { address, output, child, ended } = await authorize(webApp, unknown);

    await page.goto(address);

    expect(await page.getByRole('alert').innerText()).toContain(unknown);
    expect(output.stderr).toContain(`register ${unknown} as a callback URL of the app`);
    child.kill('SIGINT');
    expect((await ended).code).not.toBe(0);
  });
});

function addressIn(text: string): string {
  return /http:\S+\/authorize\?\S+/.exec(text)?.[0] ?? '';
}

/** Puts an `xdg-open` into a folder that only notes what it was asked to open; answers what that was. */
async function openerIn(folder: string): Promise<() => Promise<string>> {
  const note = join(folder, 'opened');
  await writeFile(join(folder, 'xdg-open'), `#!/bin/sh\nprintf %s "$1" > '${note}'\n`);
  await chmod(join(folder, 'xdg-open'), 0o700);
  return () => readFile(note, 'utf8').catch(() => '');
}
