import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SCOPES } from '../../../shared/autodesk/connection/credentials.ts';
import { finishSignIn, SignInError, startSignIn } from '../../../shared/autodesk/connection/sign-in.ts';
import { TokenEndpoint } from '../../../shared/autodesk/connection/token-endpoint.ts';
import { RequestRefusedError } from '../../../shared/autodesk/http/errors.ts';
import { AutodeskHttp } from '../../../shared/autodesk/http/http.ts';
import { autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { type FakeResponse, fakeFetch, json } from '../../support/autodesk/fake-fetch.ts';
import { memoryTokenVault } from '../../support/autodesk/memory-token-vault.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const REDIRECT = 'http://127.0.0.1:8910/callback';
const origin = autodeskOrigin.parse('https://autodesk.test');
const granted = () => json({ access_token: 'access', expires_in: 3_599, refresh_token: 'refresh' });

function setUp(
  answer: FakeResponse = granted,
  client: { clientSecret?: string } = { clientSecret: 'secret' },
) {
  const { fetch, seen } = fakeFetch(answer);
  const clock = new VirtualClock();
  const vault = memoryTokenVault();
  const started = startSignIn(origin, 'app', REDIRECT, SCOPES, systemRandomness);
  const finish = (
    query: Record<string, string>,
    whoIs = async () => ({ id: 'u1', email: 'joe@example.com' }),
  ) =>
    finishSignIn(started, ` ${REDIRECT}?${new URLSearchParams(query)}\n`, {
      endpoint: new TokenEndpoint(new AutodeskHttp({ fetch, origin, timeoutMs: 1_000 }), clock),
      credentials: { kind: 'three-legged', clientId: 'app', ...client },
      vault,
      clock,
      whoIs,
    });
  return { started, finish, seen, vault, clock };
}

describe('a sign-in', () => {
  it('starts at an address that holds all Autodesk asks for, and no secret', () => {
    const { started } = setUp();
    const url = new URL(started.url);

    expect(url.origin + url.pathname).toBe('https://autodesk.test/authentication/v2/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'app',
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: 'data:read',
      state: expect.stringMatching(/^[0-9a-f]{32}$/),
      code_challenge: createHash('sha256').update(started.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    expect(started.verifier).toMatch(/^[0-9a-f]{64}$/);
  });

  it('ends with a stored token, as the next generation, and says who signed in', async () => {
    const { started, finish, seen, vault, clock } = setUp();

    const signedIn = await finish({ code: 'code-1', state: started.state });

    expect(signedIn).toEqual({
      user: { id: 'u1', email: 'joe@example.com' },
      generation: 1,
      expiresAt: new Date(clock.now() + 14 * 86_400_000).toISOString(),
    });
    expect(seen[0]?.headers.get('authorization')).toBe(
      `Basic ${Buffer.from('app:secret').toString('base64')}`,
    );
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({
      grant_type: 'authorization_code',
      code: 'code-1',
      redirect_uri: REDIRECT,
      code_verifier: started.verifier,
    });
    expect(await vault.read()).toMatchObject({
      refreshToken: 'refresh',
      obtainedAt: new Date(clock.now()).toISOString(),
    });
  });

  it('names a public app in the form and sends no header', async () => {
    const { started, finish, seen } = setUp(granted, {});

    await finish({ code: 'c', state: started.state });

    expect(new URLSearchParams(seen[0]?.body).get('client_id')).toBe('app');
    expect(seen[0]?.headers.has('authorization')).toBe(false);
  });

  it('follows a refresh that took the same generation', async () => {
    const { started, finish, vault } = setUp();
    const racing = async () => {
      await vault.store({
        generation: 1,
        accessToken: 'a',
        accessTokenExpiresAt: '2026-11-22T00:00:00.000Z',
        refreshToken: 'r',
        obtainedAt: '2026-11-22T00:00:00.000Z',
        seedHash: 'seed',
      });
      return { id: 'u1', email: 'joe@example.com' };
    };

    expect((await finish({ code: 'c', state: started.state }, racing)).generation).toBe(2);
    expect((await vault.read())?.seedHash).toBe('seed');
  });

  it.each([
    ['DENIED', (state: string) => ({ error: 'access_denied', state })],
    ['MISSING_SCOPE', (state: string) => ({ error: 'invalid_scope', state })],
    ['REFUSED', (state: string) => ({ error: 'unauthorized_client', state })],
    ['WRONG_STATE', () => ({ code: 'c', state: 'of another run' })],
    ['WRONG_STATE', () => ({ code: 'c' })],
    ['WRONG_STATE', () => ({ error: 'access_denied', state: 'of another run' })],
    ['NO_CODE', (state: string) => ({ state })],
  ])('stops with %s before anything is asked', async (code, query) => {
    const { started, finish, seen } = setUp();

    await expect(finish(query(started.state))).rejects.toMatchObject({ code });
    expect(seen).toEqual([]);
  });

  it.each([
    ['a code that is too old', { error: 'invalid_grant' }, 400, 'CODE_REFUSED', SignInError],
    ['a wrong secret', { error: 'invalid_client' }, 401, 'INVALID_CLIENT', RequestRefusedError],
    ['an app of the wrong type', { error: 'unauthorized_client' }, 400, 'REFUSED', SignInError],
  ])('stores nothing after %s', async (_name, body, status, code, kind) => {
    const { started, finish, vault } = setUp(json(body, { status }));

    const failed = finish({ code: 'c', state: started.state });

    await expect(failed).rejects.toBeInstanceOf(kind);
    await expect(failed).rejects.toMatchObject({ code });
    expect(await vault.read()).toBeUndefined();
  });

  it('stores nothing that the proof refuses', async () => {
    const { started, finish, vault } = setUp();
    const refused = () => Promise.reject(new RequestRefusedError('WRONG_SCOPE', 403));

    await expect(finish({ code: 'c', state: started.state }, refused)).rejects.toMatchObject({
      code: 'WRONG_SCOPE',
    });
    expect(await vault.read()).toBeUndefined();
  });
});
