import { once } from 'node:events';
import { createServer } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { PortInUseError } from '../../../infra/local/data/errors.ts';
import { startHttpEndpoint } from '../../../infra/local/functions/http-endpoint.ts';
import { silentLog } from '../../../shared/observability/log.ts';

const OK = {
  statusCode: 202,
  headers: { 'content-type': 'application/json' },
  body: '{"status":"accepted"}',
};
const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((endpoint) => endpoint.stop()));
});

async function start(answer: (event: APIGatewayProxyEventV2) => Promise<typeof OK>) {
  const events: APIGatewayProxyEventV2[] = [];
  const clicks: APIGatewayProxyEventV2[] = [];
  const endpoint = await startHttpEndpoint({
    port: 0,
    functions: {
      intake: (event) => {
        events.push(event);
        return answer(event);
      },
      slack: (event) => {
        clicks.push(event);
        return answer(event);
      },
    },
    log: silentLog,
  });
  open.push(endpoint);
  return { url: endpoint.url, events, clicks };
}

describe('the HTTP endpoint', () => {
  it('turns a request into an event of an HTTP API and sends the answer back', async () => {
    const { url, events } = await start(async () => OK);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const response = await fetch(`${url}/callbacks/data-connector/a%2Fb?x=1`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"jobId":"é"}',
    });
    expect(response.status).toBe(202);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe(OK.body);
    const [event] = events;
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /callbacks/data-connector/{token}',
      pathParameters: { token: 'a/b' },
      rawQueryString: 'x=1',
      headers: { 'content-type': 'application/json' },
      requestContext: { http: { method: 'POST' } },
      isBase64Encoded: true,
    });
    expect(Buffer.from(event?.body ?? '', 'base64').toString()).toBe('{"jobId":"é"}');
  });

  it('answers other paths itself, as an HTTP API does', async () => {
    const { url, events } = await start(async () => OK);
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/callbacks/data-connector/`)).status).toBe(404);
    expect((await fetch(`${url}/callbacks/data-connector/a/b`)).status).toBe(404);
    expect(events).toEqual([]);
  });

  it('gives the function enough of a huge body to refuse it, and not the whole', async () => {
    const { url, events } = await start(async () => ({ ...OK, statusCode: 413 }));
    const response = await fetch(`${url}/callbacks/data-connector/t`, {
      method: 'POST',
      body: Buffer.alloc(5 * 1024 * 1024, 'x'),
    });
    expect(response.status).toBe(413);
    const size = Buffer.from(events[0]?.body ?? '', 'base64').length;
    expect(size).toBeGreaterThan(16 * 1024);
    expect(size).toBeLessThan(256 * 1024);
  });

  it('answers 500 when the function fails', async () => {
    const { url } = await start(async () => Promise.reject(new Error('broken')));
    expect((await fetch(`${url}/callbacks/data-connector/t`, { method: 'POST' })).status).toBe(500);
  });

  it('answers what is in hand before it stops', async () => {
    let finish = () => {};
    const { url, events } = await start(
      () =>
        new Promise((resolve) => {
          finish = () => resolve(OK);
        }),
    );
    const response = fetch(`${url}/callbacks/data-connector/t`, { method: 'POST' });
    await expect.poll(() => events.length).toBe(1);
    const stopped = open.pop()?.stop();
    finish();
    expect((await response).status).toBe(202);
    await stopped;
  });

  it('hands clicks in Slack to their own function', async () => {
    const { url, events, clicks } = await start(async () => OK);
    await fetch(`${url}/slack/actions`, { method: 'POST', body: 'payload=%7B%7D' });

    expect(events).toEqual([]);
    expect(clicks).toMatchObject([{ routeKey: 'ANY /slack/actions', pathParameters: {} }]);
  });

  it('says in one line that its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    open.push({ stop: async () => void other.close() });
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const started = startHttpEndpoint({
      port,
      functions: { intake: async () => OK, slack: async () => OK },
      log: silentLog,
    });
    await expect(started).rejects.toThrow(PortInUseError);
    await expect(started).rejects.toThrow(`Port ${port}`);
  });
});
