import { describe, expect, it } from 'vitest';
import { EMPTY_LEDGER } from '../../../shared/autodesk/connection/refresh-ledger.ts';
import { TokenEndpoint } from '../../../shared/autodesk/connection/token-endpoint.ts';
import { TokenKeeper } from '../../../shared/autodesk/connection/token-keeper.ts';
import { UnexpectedResponseError } from '../../../shared/autodesk/http/errors.ts';
import { AutodeskHttp } from '../../../shared/autodesk/http/http.ts';
import { autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { isoTime } from '../../../shared/clock.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { type FakeResponse, fakeFetch, json } from '../../support/autodesk/fake-fetch.ts';
import { memoryStateItem } from '../../support/autodesk/memory-state-item.ts';
import { memoryTokenVault } from '../../support/autodesk/memory-token-vault.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const MINUTE_MS = 60_000;
const OLD = 'refresh-0';

/** A connection that has to be renewed, and a token endpoint that gives these responses. */
function expired(...responses: FakeResponse[]) {
  const clock = new VirtualClock();
  const { fetch, seen } = fakeFetch(...responses);
  const origin = autodeskOrigin.parse('https://autodesk.test');
  const vault = memoryTokenVault({
    generation: 1,
    accessToken: 'access-0',
    accessTokenExpiresAt: isoTime(clock.now() - MINUTE_MS),
    refreshToken: OLD,
    obtainedAt: isoTime(clock.now() - 61 * MINUTE_MS),
  });
  const ledger = memoryStateItem(EMPTY_LEDGER);
  const keeper = () =>
    new TokenKeeper({
      vault,
      ledger,
      endpoint: new TokenEndpoint(new AutodeskHttp({ fetch, origin, timeoutMs: 1_000 }), clock),
      credentials: async () => ({ kind: 'three-legged', clientId: 'app', clientSecret: 'secret' }),
      clock,
      randomness: systemRandomness,
      log: silentLog,
      metrics: noMetrics,
    });
  const sent = () => seen.map(({ body }) => new URLSearchParams(body).get('refresh_token'));
  return { clock, vault, keeper, sent };
}

describe('a token response that leaves out what may be left out', () => {
  it('keeps the refresh token it was given for', async () => {
    const { clock, vault, keeper, sent } = expired(
      json({ access_token: 'access-1', expires_in: 3_600, token_type: 'bearer' }),
      json({ access_token: 'access-2', expires_in: 3_600, token_type: 'BEARER', refresh_token: 'refresh-2' }),
    );
    const connection = keeper();

    expect((await connection.get()).value).toBe('access-1');
    expect(await vault.read()).toMatchObject({ generation: 2, refreshToken: OLD });
    clock.jump(59 * MINUTE_MS);
    expect((await connection.get()).value).toBe('access-2');
    expect(sent()).toEqual([OLD, OLD]);
    expect(await vault.read()).toMatchObject({ generation: 3, refreshToken: 'refresh-2' });
  });

  it.each([
    ['no life', {}],
    ['a life of nothing', { expires_in: 0 }],
    ['a negative life', { expires_in: -5 }],
    ['a life that is no number', { expires_in: 'soon' }],
    ['a life of null', { expires_in: null }],
  ])('with %s is used for five minutes less than an hour', async (_what, life) => {
    const { clock, vault, keeper } = expired(
      json({ access_token: 'access-1', refresh_token: 'refresh-1', ...life }),
    );

    await keeper().get();

    const expiresAt = isoTime(clock.now() + 55 * MINUTE_MS);
    expect(await vault.read()).toMatchObject({ accessTokenExpiresAt: expiresAt });
  });

  it('is renewed once Autodesk refuses the token, whatever its life was said to be', async () => {
    const { keeper } = expired(
      json({ access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 1e300 }),
      json({ access_token: 'access-2', refresh_token: 'refresh-2' }),
    );
    const connection = keeper();

    connection.refused(await connection.get());

    expect((await connection.get()).value).toBe('access-2');
  });

  it.each([
    ['refresh_token', null],
    ['refresh_token', ''],
  ])('takes %s %j for none', async (name, value) => {
    const { vault, keeper } = expired(json({ access_token: 'access-1', [name]: value }));

    await keeper().get();

    expect(await vault.read()).toMatchObject({ refreshToken: OLD });
  });
});

describe('a response that is no token response', () => {
  it.each<[string, Response]>([
    ['an HTML page', new Response('<html>Sign in</html>', { headers: { 'content-type': 'text/html' } })],
    ['an HTML page', new Response('\n<!doctype html>')],
    ['JSON without an access token', json({ token_type: 'Bearer', expires_in: 3_600 })],
    ['JSON without an access token', json({ access_token: '' })],
    ['a body that is not JSON', new Response('ok')],
    ['an empty body', new Response('')],
  ])('fails at once and says that %s came', async (what, response) => {
    const { clock, keeper } = expired(response);
    const startedAtMs = clock.now();

    const failure = await keeper()
      .get()
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(UnexpectedResponseError);
    expect(String(failure)).toContain(`${what} instead of a token`);
    expect(clock.now() - startedAtMs).toBeLessThan(10_000);
  });

  it('fails every worker that asks meanwhile, without asking Autodesk again', async () => {
    const { clock, keeper, sent } = expired(new Response('<html>'));
    await keeper()
      .get()
      .catch(() => {});
    const askedAgainAtMs = clock.now();

    await expect(keeper().get()).rejects.toThrow('an HTML page instead of a token');

    expect(sent()).toHaveLength(1);
    expect(clock.now()).toBe(askedAgainAtMs);
  });

  it('is got over once the token endpoint is itself again', async () => {
    const { clock, keeper } = expired(
      new Response('<html>'),
      json({ access_token: 'access-1', refresh_token: 'refresh-1' }),
    );
    await keeper()
      .get()
      .catch(() => {});

    clock.jump(MINUTE_MS);

    expect((await keeper().get()).value).toBe('access-1');
  });

  it('needs no description to be a refusal', async () => {
    const { keeper } = expired(json({ error: 'invalid_grant' }, { status: 400 }));

    await expect(keeper().get()).rejects.toThrow('needs someone to sign in');
  });
});
