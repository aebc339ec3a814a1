import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { EMPTY_LEDGER } from '../../../shared/autodesk/connection/refresh-ledger.ts';
import { ServiceAccountConnection } from '../../../shared/autodesk/connection/service-account.ts';
import { TokenEndpoint } from '../../../shared/autodesk/connection/token-endpoint.ts';
import { AutodeskHttp } from '../../../shared/autodesk/http/http.ts';
import { autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { type FakeResponse, fakeFetch, json } from '../../support/autodesk/fake-fetch.ts';
import { memoryStateItem } from '../../support/autodesk/memory-state-item.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

function setUp(answers: FakeResponse[], pem = privateKey, ledger = memoryStateItem(EMPTY_LEDGER)) {
  const { fetch, seen } = fakeFetch(...answers);
  const clock = new VirtualClock();
  const http = new AutodeskHttp({
    fetch,
    origin: autodeskOrigin.parse('https://autodesk.test'),
    timeoutMs: 1_000,
  });
  const connection = new ServiceAccountConnection({
    endpoint: new TokenEndpoint(http, clock),
    ledger,
    credentials: async () => ({
      kind: 'service-account',
      clientId: 'app',
      clientSecret: 's&cret',
      serviceAccountId: 'robot',
      keyId: 'key-1',
      privateKey: pem,
    }),
    clock,
    randomness: systemRandomness,
  });
  return { connection, clock, seen };
}

const granted = (token: string) => json({ access_token: token, expires_in: 3_599, token_type: 'Bearer' });

describe('a service account', () => {
  it('proves who it is with an assertion as Autodesk documents it', async () => {
    const { connection, clock, seen } = setUp([granted('minted')]);

    expect((await connection.get()).value).toBe('minted');

    const form = new URLSearchParams(seen[0]?.body);
    expect(seen[0]?.url).toBe('https://autodesk.test/authentication/v2/token');
    expect(seen[0]?.headers.get('authorization')).toBe(
      `Basic ${Buffer.from('app:s&cret').toString('base64')}`,
    );
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(form.get('scope')).toBe('data:read');
    const key = (await import('node:crypto')).createPublicKey(publicKey);
    const { payload, protectedHeader } = await jwtVerify(form.get('assertion') ?? '', key, {
      currentDate: new Date(clock.now()),
    });
    const issuedAt = clock.now() / 1_000;
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
    expect(payload).toEqual({
      iss: 'app',
      sub: 'robot',
      aud: 'https://developer.api.autodesk.com/authentication/v2/token',
      iat: issuedAt,
      nbf: issuedAt,
      exp: issuedAt + 300,
      jti: expect.stringMatching(/^[0-9a-f]{32}$/),
      scope: ['data:read'],
    });
  });

  it('mints once for all callers, and again when the token is refused or about to expire', async () => {
    const { connection, clock, seen } = setUp([granted('one'), granted('two'), granted('three')]);
    const [first] = await Promise.all([connection.get(), connection.get()]);
    expect(seen).toHaveLength(1);

    connection.refused(first);
    expect((await connection.get()).value).toBe('two');
    clock.jump(3_500_000);
    expect((await connection.get()).value).toBe('three');
  });

  it('waits in no process for longer than a quarter of an hour, and asks for nothing meanwhile', async () => {
    const tooMany = new Response('', { status: 429, headers: { 'retry-after': '9999999999' } });
    const ledger = memoryStateItem(EMPTY_LEDGER);
    const one = setUp([tooMany, granted('after')], privateKey, ledger);
    const other = setUp([granted('never')], privateKey, ledger);
    const wait = { disposition: 'wait', retryAfterMs: 900_000 };

    await expect(one.connection.get()).rejects.toMatchObject(wait);
    await expect(other.connection.get()).rejects.toMatchObject(wait);
    expect([one.seen.length, other.seen.length]).toEqual([1, 0]);

    one.clock.jump(900_000);
    expect((await one.connection.get()).value).toBe('after');
  });

  it('tries again what may pass and names what will not', async () => {
    const flaky = setUp([new Response('', { status: 503 }), granted('late')]);
    expect((await flaky.connection.get()).value).toBe('late');

    const refused = setUp([json({ error: 'invalid_grant' }, { status: 400 })]);
    await expect(refused.connection.get()).rejects.toMatchObject({ code: 'SERVICE_ACCOUNT' });

    const wrongKey = setUp([granted('never')], 'not a key');
    await expect(wrongKey.connection.get()).rejects.toMatchObject({ code: 'CONFIGURATION' });
  });
});
