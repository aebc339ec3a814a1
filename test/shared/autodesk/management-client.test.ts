import { describe, expect, it } from 'vitest';
import {
  ManagementClient,
  type ManagementRequest,
} from '../../../shared/autodesk/client/management-client.ts';
import { AutodeskHttp } from '../../../shared/autodesk/http/http.ts';
import { autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { connectionError, type FakeResponse, fakeFetch, json } from '../../support/autodesk/fake-fetch.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const origin = autodeskOrigin.parse('https://autodesk.test');

function clientWith(...answers: FakeResponse[]) {
  const { fetch, seen } = fakeFetch(...answers);
  let generation = 1;
  const client = new ManagementClient({
    http: new AutodeskHttp({ fetch, origin, timeoutMs: 1_000 }),
    tokens: {
      get: async () => ({ value: `token-${generation}`, generation }),
      refused: () => {
        generation += 1;
      },
    },
    clock: new VirtualClock(),
    randomness: systemRandomness,
  });
  const send = (method: ManagementRequest['method'], more: Partial<ManagementRequest> = {}) =>
    client.send({ method, path: '/webhooks/v1/hooks', api: 'buildingconnected', ...more });
  return { send, seen };
}

const away = () => new Response('', { status: 503 });

describe('a call that sets something up', () => {
  it('is sent as it is asked for', async () => {
    const { send, seen } = clientWith(json({}, { status: 201 }));
    await send('POST', { body: { a: 1 }, query: { b: 'c d' }, headers: { 'x-ads-region': 'EMEA' } });

    expect(seen).toMatchObject([
      {
        url: 'https://autodesk.test/webhooks/v1/hooks?b=c+d',
        method: 'POST',
        body: '{"a":1}',
        redirect: 'manual',
      },
    ]);
    expect(Object.fromEntries(seen[0]?.headers ?? [])).toMatchObject({
      authorization: 'Bearer token-1',
      'content-type': 'application/json',
      'x-ads-region': 'EMEA',
    });
  });

  it.each(['GET', 'PATCH', 'DELETE'] as const)('is repeated after a failure: %s', async (method) => {
    const { send, seen } = clientWith(away(), connectionError('ECONNRESET'), json({}));
    expect((await send(method)).status).toBe(200);
    expect(seen).toHaveLength(3);
  });

  it('is not repeated where it may have been carried out and would be twice', async () => {
    for (const answer of [away(), connectionError('ECONNRESET')]) {
      const { send, seen } = clientWith(answer, json({}));
      await expect(send('POST')).rejects.toMatchObject({ code: 'AUTODESK_UNAVAILABLE' });
      expect(seen).toHaveLength(1);
    }
    const { send, seen } = clientWith(connectionError('ECONNREFUSED'), json({}));
    await send('POST');
    expect(seen).toHaveLength(2);
  });

  it('takes a newer token after a 401, and gives up after the second', async () => {
    const refused = () => new Response('{}', { status: 401 });
    const { send, seen } = clientWith(refused(), json({}));
    await send('POST');
    expect(seen.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);

    await expect(clientWith(refused()).send('GET')).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
  });

  it('waits as long as Autodesk asks for, unless that is too long for a person', async () => {
    const throttled = (seconds: string) =>
      new Response('', { status: 429, headers: { 'retry-after': seconds } });
    const { send, seen } = clientWith(throttled('2'), json({}));
    await send('POST');
    expect(seen).toHaveLength(2);

    await expect(clientWith(throttled('600')).send('POST')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 600_000,
    });
  });

  it('names the sign-in that is missing a scope', async () => {
    const { send } = clientWith(
      json({ errorCode: 'AUTH-010', developerMessage: 'Token does not have the privilege' }, { status: 403 }),
    );
    await expect(send('POST')).rejects.toMatchObject({
      code: 'MANAGEMENT_SCOPE',
      remedy: expect.stringContaining('authorize --scopes'),
    });
  });

  it('follows no redirect', async () => {
    const { send } = clientWith(
      new Response('', { status: 302, headers: { location: 'https://elsewhere.test' } }),
    );
    await expect(send('GET')).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' });
  });
});
