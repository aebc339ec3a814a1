import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { SANDBOX_CLIENT, type Sandbox, type SandboxOptions } from '../../../infra/sandbox/sandbox.ts';
import { askForToken, BC, connect, DC, get, type Reply } from './client.ts';
import { standingClock, startForTest } from './sandboxes.ts';

const REDIRECT_URI = 'http://127.0.0.1:5555/callback';
const VERIFIER = 'a-verifier-of-at-least-forty-three-characters';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const CONFIDENTIAL = { clientId: 'web-app', clientSecret: 'web-secret', redirectUris: [REDIRECT_URI] };
const PUBLIC = { clientId: 'desktop-app', redirectUris: [REDIRECT_URI] };

const start = (options: SandboxOptions = {}) =>
  startForTest({ ...options, clients: [{ ...SANDBOX_CLIENT, redirectUris: [] }, CONFIDENTIAL, PUBLIC] });

const USERS_ME = `${BC}/users/me`;

describe('a refresh token', () => {
  it('works once: the new one works, the old one is an invalid grant', async () => {
    const sandbox = await start();
    const { accessToken, refreshToken } = await connect(sandbox);
    expect((await get(sandbox, accessToken, USERS_ME)).status).toBe(200);

    const second = await askForToken(sandbox, { grant_type: 'refresh_token', refresh_token: refreshToken });
    expect(second.status).toBe(200);
    expect(second.json).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    expect(second.json.refresh_token).not.toBe(refreshToken);

    const again = await askForToken(sandbox, { grant_type: 'refresh_token', refresh_token: refreshToken });
    expect(again.status).toBe(400);
    expect(again.json).toMatchObject({ error: 'invalid_grant', error_description: expect.any(String) });
    expect(sandbox.authorization.reusedRefreshTokens).toBe(1);
    expect(sandbox.authorization.refreshes).toBe(2);
  });

  it('is of no use to another client, and dead after 15 days', async () => {
    const clock = standingClock();
    const sandbox = await start({ clock });
    const form = (token: string) => ({ grant_type: 'refresh_token', refresh_token: token });
    const token = sandbox.authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, ['data:read']);
    expect((await askForToken(sandbox, form(token), CONFIDENTIAL)).json.error).toBe('invalid_grant');
    clock.nowMs += 15 * 24 * 60 * 60 * 1000;
    expect((await askForToken(sandbox, form(token))).json.error).toBe('invalid_grant');
  });

  it('may be narrowed and never widened', async () => {
    const sandbox = await start();
    const token = sandbox.authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, [
      'data:read',
      'data:write',
    ]);
    const form = { grant_type: 'refresh_token', refresh_token: token };
    expect((await askForToken(sandbox, { ...form, scope: 'data:read data:create' })).json.error).toBe(
      'invalid_scope',
    );
    const narrowed = await askForToken(sandbox, { ...form, scope: 'data:write' });
    expect((await get(sandbox, String(narrowed.json.access_token), USERS_ME)).status).toBe(403);
    const widened = { grant_type: 'refresh_token', refresh_token: String(narrowed.json.refresh_token) };
    expect((await askForToken(sandbox, { ...widened, scope: 'data:read' })).json.error).toBe('invalid_scope');
  });

  it('is dead when the consent was withdrawn', async () => {
    const sandbox = await start();
    const { accessToken, refreshToken } = await connect(sandbox);
    sandbox.authorization.revokeConsent();
    expect((await get(sandbox, accessToken, USERS_ME)).status).toBe(401);
    const refused = await askForToken(sandbox, { grant_type: 'refresh_token', refresh_token: refreshToken });
    expect(refused.json.error).toBe('invalid_grant');
  });
});

describe('client credentials', () => {
  const form = { grant_type: 'client_credentials', scope: 'data:read' };

  it('are taken from the header or from the body', async () => {
    const sandbox = await start();
    const { clientId, clientSecret } = CONFIDENTIAL;
    expect((await askForToken(sandbox, form, CONFIDENTIAL)).status).toBe(200);
    const inBody = { ...form, client_id: clientId, client_secret: clientSecret };
    expect((await bare(sandbox, inBody)).status).toBe(200);
  });

  it('are refused in both places at once', async () => {
    const sandbox = await start();
    const both = await askForToken(sandbox, { ...form, client_id: CONFIDENTIAL.clientId }, CONFIDENTIAL);
    expect(both.status).toBe(400);
    expect(both.json.error).toBe('invalid_request');
  });

  it('are an invalid client when wrong, missing or unknown', async () => {
    const sandbox = await start();
    for (const answer of [
      await askForToken(sandbox, form, { ...CONFIDENTIAL, clientSecret: 'wrong' }),
      await askForToken(sandbox, form, { clientId: 'nobody', clientSecret: 'x' }),
      await bare(sandbox, { ...form, client_id: CONFIDENTIAL.clientId }),
      await bare(sandbox, form),
    ]) {
      expect(answer.status).toBe(401);
      expect(answer.json.error).toBe('invalid_client');
    }
  });

  it('give a two-legged token that BuildingConnected refuses', async () => {
    const sandbox = await start();
    const { json } = await askForToken(sandbox, form);
    expect(json).not.toHaveProperty('refresh_token');
    const refused = await get(sandbox, String(json.access_token), USERS_ME);
    expect(refused.status).toBe(401);
    expect(refused.json).toMatchObject({ errorCode: 'AUTH-001' });
    expect(refused.text).toContain('You are not authorized to use a 2-legged token');
  });
});

describe('an access token', () => {
  it('ends after its time', async () => {
    const clock = standingClock();
    const sandbox = await start({ clock, tokens: { accessTokenSeconds: 60 } });
    const { accessToken } = await connect(sandbox);
    clock.nowMs += 59_999;
    expect((await get(sandbox, accessToken, USERS_ME)).status).toBe(200);
    clock.nowMs += 1;
    expect((await get(sandbox, accessToken, USERS_ME)).status).toBe(401);
  });

  it('ends after its calls where that is asked for', async () => {
    const sandbox = await start({ tokens: { accessTokenCalls: 3 } });
    const { accessToken } = await connect(sandbox);
    const statuses: number[] = [];
    for (let call = 0; call < 4; call++) statuses.push((await get(sandbox, accessToken, USERS_ME)).status);
    expect(statuses).toEqual([200, 200, 200, 401]);
  });

  it('needs data:read, and has to be one', async () => {
    const sandbox = await start();
    const { accessToken } = await connect(sandbox, ['data:write']);
    expect((await get(sandbox, accessToken, USERS_ME)).status).toBe(403);
    expect((await get(sandbox, 'made-up', USERS_ME)).status).toBe(401);
    expect((await fetch(`${sandbox.origin}${USERS_ME}`)).status).toBe(401);
  });
});

describe('signing in', () => {
  const wish = (changes: Record<string, string> = {}) => ({
    client_id: CONFIDENTIAL.clientId,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: 'data:read',
    state: 'state-1',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  });

  async function openPage(sandbox: Sandbox, parameters: Record<string, string>): Promise<Response> {
    const address = `${sandbox.origin}/authentication/v2/authorize?${new URLSearchParams(parameters)}`;
    return fetch(address, { redirect: 'manual' });
  }

  /** Sends the form of the page as a browser does when one of its buttons is pressed. */
  async function press(sandbox: Sandbox, parameters: Record<string, string>, decision: string): Promise<URL> {
    const answer = await fetch(`${sandbox.origin}/authentication/v2/authorize`, {
      method: 'POST',
      body: new URLSearchParams({ ...parameters, decision }),
      redirect: 'manual',
    });
    return new URL(answer.headers.get('location') ?? '');
  }

  const exchange = (code: string, changes: Record<string, string> = {}) => ({
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
    ...changes,
  });

  it('shows who is asked for what, with all fields in its form', async () => {
    const sandbox = await start();
    const answer = await openPage(sandbox, wish());
    const page = await answer.text();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/html');
    for (const [name, value] of Object.entries(wish())) {
      expect(page).toContain(`<input type="hidden" name="${name}" value="${value}">`);
    }
    expect(page).toContain('>Allow</button>');
    expect(page).toContain('>Deny</button>');
    expect(page).toContain(String(sandbox.user.email));
  });

  it('leads to a token when it is allowed, with the state echoed', async () => {
    const sandbox = await start();
    const back = await press(sandbox, wish(), 'allow');
    expect(back.href.startsWith(REDIRECT_URI)).toBe(true);
    expect(back.searchParams.get('state')).toBe('state-1');
    const code = back.searchParams.get('code') ?? '';
    const token = await askForToken(sandbox, exchange(code), CONFIDENTIAL);
    expect((await get(sandbox, String(token.json.access_token), USERS_ME)).status).toBe(200);

    const again = await askForToken(sandbox, exchange(code), CONFIDENTIAL);
    expect(again.json.error).toBe('invalid_grant');
  });

  it('sends the person back with access_denied when it is denied', async () => {
    const sandbox = await start();
    const back = await press(sandbox, wish(), 'deny');
    expect(Object.fromEntries(back.searchParams)).toMatchObject({ error: 'access_denied', state: 'state-1' });
    expect(back.searchParams.has('code')).toBe(false);
  });

  it.each([
    ['another verifier', { code_verifier: `${VERIFIER}-other` }, 'invalid_grant'],
    ['a verifier that is too short', { code_verifier: 'short' }, 'invalid_request'],
    ['another redirect address', { redirect_uri: 'http://127.0.0.1:5556/callback' }, 'invalid_grant'],
  ])('gives no token for %s', async (_what, changes, error) => {
    const sandbox = await start();
    const code = (await press(sandbox, wish(), 'allow')).searchParams.get('code') ?? '';
    const refused = await askForToken(sandbox, exchange(code, changes), CONFIDENTIAL);
    expect(refused.status).toBe(400);
    expect(refused.json.error).toBe(error);
  });

  it('gives a code that lives five minutes', async () => {
    const clock = standingClock();
    const sandbox = await start({ clock });
    const code = (await press(sandbox, wish(), 'allow')).searchParams.get('code') ?? '';
    clock.nowMs += 5 * 60 * 1000;
    expect((await askForToken(sandbox, exchange(code), CONFIDENTIAL)).json.error).toBe('invalid_grant');
  });

  it('shows an error and sends nobody anywhere for an address or a client that is not registered', async () => {
    const sandbox = await start();
    for (const parameters of [
      wish({ redirect_uri: 'http://127.0.0.1:1/<b>' }),
      wish({ client_id: 'nobody' }),
    ]) {
      const answer = await openPage(sandbox, parameters);
      expect(answer.status).toBe(400);
      const page = await answer.text();
      expect(page).toContain('registered');
      expect(page).not.toContain('<b>');
    }
    expect((await openPage(sandbox, wish({ state: 'a b' }))).status).toBe(400);
  });

  it.each([
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_scope', { scope: 'data:everything' }],
    ['invalid_scope', { scope: '' }],
    ['invalid_request', { code_challenge_method: 'plain' }],
  ])('sends the person back with %s', async (error, changes) => {
    const sandbox = await start();
    const answer = await openPage(sandbox, wish(changes));
    const back = new URL(answer.headers.get('location') ?? '');
    expect(back.searchParams.get('error')).toBe(error);
    expect(back.searchParams.get('state')).toBe('state-1');
  });

  it('works for a public client with PKCE, and not without', async () => {
    const sandbox = await start();
    const parameters = wish({ client_id: PUBLIC.clientId });
    const code = (await press(sandbox, parameters, 'allow')).searchParams.get('code') ?? '';
    const form = exchange(code, { client_id: PUBLIC.clientId });
    const token = await bare(sandbox, form);
    expect(token.status).toBe(200);
    const refreshed = await bare(sandbox, {
      grant_type: 'refresh_token',
      refresh_token: String(token.json.refresh_token),
      client_id: PUBLIC.clientId,
    });
    expect(refreshed.status).toBe(200);

    const { code_challenge: _challenge, code_challenge_method: _method, ...withoutPkce } = parameters;
    const back = await press(sandbox, withoutPkce, 'allow');
    expect(back.searchParams.get('error')).toBe('invalid_request');
  });
});

describe('a service account', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const account = {
    id: 'ACCOUNT1',
    clientId: SANDBOX_CLIENT.clientId,
    keyId: 'key-1',
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
  const startWithAccount = () => startForTest({ serviceAccounts: [account] });

  interface Assertion {
    key?: KeyObject;
    keyId?: string;
    claims?: Record<string, unknown>;
    jti?: string;
  }

  function assertion({ key = privateKey, keyId = 'key-1', claims = {}, jti = randomUUID() }: Assertion = {}) {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: account.clientId,
      sub: account.id,
      aud: 'https://developer.api.autodesk.com/authentication/v2/token',
      iat: now,
      exp: now + 300,
      jti,
      scope: ['data:read'],
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keyId })
      .sign(key);
  }

  const form = (text: string) => ({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: text,
    scope: 'data:read',
  });

  it('gets an access token for a signed assertion, and no refresh token', async () => {
    const sandbox = await startWithAccount();
    const granted = await askForToken(sandbox, form(await assertion()));
    expect(granted.status).toBe(200);
    expect(granted.json).not.toHaveProperty('refresh_token');
    const path = `${DC}/${sandbox.accountIds[0]}/requests`;
    expect((await get(sandbox, String(granted.json.access_token), path)).status).toBe(200);
  });

  const soon = () => Math.floor(Date.now() / 1000) + 301;
  const wrong: [string, () => Assertion][] = [
    ['signed with another key', () => ({ key: other.privateKey })],
    ['with an unknown key id', () => ({ keyId: 'key-2' })],
    ['made out to somebody else', () => ({ claims: { aud: 'https://example.com' } })],
    ['of another account', () => ({ claims: { sub: 'ACCOUNT2' } })],
    ['of another client', () => ({ claims: { iss: 'nobody' } })],
    ['living more than 300 seconds', () => ({ claims: { exp: soon() + 60 } })],
    ['that has expired', () => ({ claims: { exp: soon() - 700, iat: soon() - 900 } })],
    ['without scopes', () => ({ claims: { scope: [] } })],
  ];
  it.each(wrong)('gets nothing for an assertion %s', async (_what, given) => {
    const sandbox = await startWithAccount();
    const refused = await askForToken(sandbox, form(await assertion(given())));
    expect(refused.status).toBe(400);
    expect(refused.json.error).toBe('invalid_grant');
  });

  it('gets nothing for an assertion used before, for none, or for more than it asserts', async () => {
    const sandbox = await startWithAccount();
    const text = await assertion();
    expect((await askForToken(sandbox, { ...form(text), scope: 'data:write' })).json.error).toBe(
      'invalid_scope',
    );
    const fresh = await assertion();
    expect((await askForToken(sandbox, form(fresh))).status).toBe(200);
    expect((await askForToken(sandbox, form(fresh))).json.error).toBe('invalid_grant');
    expect((await askForToken(sandbox, form('no.jwt'))).json.error).toBe('invalid_grant');
  });
});

it('refuses a grant type that it does not know and a body that is no form', async () => {
  const sandbox = await start();
  expect((await askForToken(sandbox, { grant_type: 'password' })).json.error).toBe('unsupported_grant_type');
  const answer = await fetch(`${sandbox.origin}/authentication/v2/token`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(400);
});

/** A token request without an Authorization header. */
async function bare(sandbox: Sandbox, form: Record<string, string>): Promise<Reply> {
  return askForToken(sandbox, form, null);
}
