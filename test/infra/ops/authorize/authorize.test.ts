import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { authorize } from '../../../../infra/ops/commands/setup/authorize/authorize.ts';
import { listenForRedirect } from '../../../../infra/ops/commands/setup/authorize/redirect-listener.ts';
import { SCOPES } from '../../../../shared/autodesk/connection/credentials.ts';
import { startSignIn } from '../../../../shared/autodesk/connection/sign-in.ts';
import { TokenEndpoint } from '../../../../shared/autodesk/connection/token-endpoint.ts';
import { AutodeskHttp } from '../../../../shared/autodesk/http/http.ts';
import { autodeskOrigin } from '../../../../shared/autodesk/http/origin.ts';
import { systemClock } from '../../../../shared/clock.ts';
import { systemRandomness } from '../../../../shared/randomness.ts';
import { fakeFetch, json } from '../../../support/autodesk/fake-fetch.ts';
import { memoryTokenVault } from '../../../support/autodesk/memory-token-vault.ts';
import { freePort } from '../../../support/processes/free-port.ts';

const origin = autodeskOrigin.parse('https://autodesk.test');

/** A free port, so that tests can run beside each other. */
const freeRedirectUri = async () => `http://127.0.0.1:${await freePort()}/callback`;

async function setUp(options: { redirectUri?: string; isInteractive?: boolean; signal?: AbortSignal } = {}) {
  const started = startSignIn(
    origin,
    'app',
    options.redirectUri ?? (await freeRedirectUri()),
    SCOPES,
    systemRandomness,
  );
  const { fetch } = fakeFetch(json({ access_token: 'access', expires_in: 3_599, refresh_token: 'refresh' }));
  const vault = memoryTokenVault();
  const terminal = {
    out: new PassThrough(),
    err: new PassThrough(),
    in: new PassThrough(),
    isInteractive: options.isInteractive ?? false,
  };
  const opened = Promise.withResolvers<string>();
  const signedIn = authorize(started, {
    endpoint: new TokenEndpoint(new AutodeskHttp({ fetch, origin, timeoutMs: 1_000 }), systemClock),
    credentials: { kind: 'three-legged', clientId: 'app', clientSecret: 'secret' },
    vault,
    clock: systemClock,
    whoIs: async () => ({ id: 'u1' }),
    terminal,
    openBrowser: opened.resolve,
    signal: options.signal ?? new AbortController().signal,
  });
  signedIn.catch(() => {});
  const comeBack = async (query: Record<string, string>) => {
    await opened.promise;
    return browse(`${started.redirectUri}?${new URLSearchParams(query)}`);
  };
  return { started, signedIn, vault, terminal, opened: opened.promise, comeBack };
}
const browse = globalThis.fetch;

describe('signing in from a terminal', () => {
  it('opens and prints the address, takes the redirect on loopback and tells the browser', async () => {
    const { started, signedIn, terminal, opened, comeBack, vault } = await setUp();

    expect(await opened).toBe(started.url);
    const page = await comeBack({ code: 'c', state: started.state });

    expect(await page.text()).toContain('Signed in');
    expect((await signedIn).user).toEqual({ id: 'u1' });
    expect((await vault.read())?.refreshToken).toBe('refresh');
    terminal.err.end();
    expect(await text(terminal.err)).toContain(started.url);
  });

  it('takes the address that was pasted, where the browser is on another machine', async () => {
    const { started, signedIn, terminal, opened } = await setUp({
      isInteractive: true,
      redirectUri: 'https://company.test/signed-in',
    });
    await opened;
    terminal.in.write(`https://company.test/signed-in?code=c&state=${started.state}\n`);

    expect((await signedIn).generation).toBe(1);
  });

  it.each([
    ['a denied consent', (state: string) => ({ error: 'access_denied', state }), 'DENIED', 'denied'],
    ['a wrong state', () => ({ code: 'c', state: 'wrong' }), 'WRONG_STATE', 'a different sign-in'],
  ])('tells terminal and browser of %s, and stores nothing', async (_name, query, code, words) => {
    const { started, signedIn, comeBack, vault } = await setUp();

    const page = await (await comeBack(query(started.state))).text();

    expect(page).toContain('Not signed in');
    expect(page).toContain(words);
    await expect(signedIn).rejects.toMatchObject({ code });
    expect(await vault.read()).toBeUndefined();
  });

  it('answers nothing else on that port', async () => {
    const { started, signedIn, opened, comeBack } = await setUp();
    await opened;

    expect((await browse(new URL('/favicon.ico', started.redirectUri))).status).toBe(404);
    expect((await browse(started.redirectUri, { method: 'POST' })).status).toBe(404);

    await comeBack({ code: 'c', state: started.state });
    await signedIn;
  });

  it('says so at once when nothing can come back, off a terminal', async () => {
    const redirectUri = await freeRedirectUri();
    const taken = await listenForRedirect(new URL(redirectUri));

    await expect((await setUp({ redirectUri })).signedIn).rejects.toThrow(/Cannot receive the sign-in/);
    taken.close();
  });

  it('ends in one line on Ctrl-C, and stores nothing', async () => {
    const { signedIn, terminal, opened, vault } = await setUp({ isInteractive: true });
    await opened;
    terminal.in.write('\x03');

    await expect(signedIn).rejects.toThrow('Canceled');
    expect(await vault.read()).toBeUndefined();
  });

  it('does not wait for a browser that was closed before it was answered', async () => {
    const redirectUri = await freeRedirectUri();
    const listener = await listenForRedirect(new URL(redirectUri));
    const closing = new AbortController();
    const visiting = browse(`${redirectUri}?code=c`, { signal: closing.signal });
    const visit = await listener.visit;

    closing.abort();
    await expect(visiting).rejects.toThrow();
    // Once this is answered, the end of the other connection has arrived as well.
    await browse(new URL('/other', redirectUri));
    await visit.reply('Signed in', 'You can close this window.');
    listener.close();
  });

  it('gives up when nobody comes', async () => {
    await expect((await setUp({ signal: AbortSignal.timeout(20) })).signedIn).rejects.toThrow(
      'No one signed in',
    );
  });
});
