import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIntake } from '../../../functions/intake/intake.ts';
import { createTokenCheck } from '../../../shared/callbacks/callback-tokens.ts';
import { aWorld, CURRENT_TOKEN, OLD_TOKEN, PREVIOUS_TOKEN } from './intake-world.ts';
import { serveOverHttp } from './serve-over-http.ts';

const GOOD = { accountId: 'a1', requestId: 'r1', jobId: 'j1', state: 'complete', success: true };

let world: ReturnType<typeof aWorld>;
let server: Awaited<ReturnType<typeof serveOverHttp>>;

beforeEach(async () => {
  world = aWorld();
  server = await serveOverHttp(createIntake(world.ports));
});
afterEach(() => server.stop());

describe('the callback endpoint', () => {
  it('accepts a callback: queue first, then the table, the text kept as it came', async () => {
    const text = '{ "accountId":"a1","requestId":"r1","jobId":"j1", "state":"complete","success":true }';

    const answer = await post({ text });

    expect(answer).toEqual({ status: 202, type: 'application/json', json: { status: 'accepted' } });
    expect(world.events).toEqual(['send confirm-callbacks a1 after 2 s', 'record a1 j1']);
    expect((await world.ports.callbacks.find('a1', 'j1'))?.body).toBe(text);
  });

  it('tells a job that has a callback already apart, and enqueues it again', async () => {
    await post({ json: GOOD });

    const answer = await post({ json: { ...GOOD, success: false } });

    expect(answer).toMatchObject({ status: 202, json: { status: 'duplicate' } });
    expect(world.events.filter((event) => event.startsWith('send'))).toHaveLength(2);
  });

  it.each([
    ['unknown fields', { ...GOOD, region: 'EMEA', nested: { deep: [1] } }],
    ['another state', { ...GOOD, state: 'cancelled', success: false }],
    ['a state that is no text', { ...GOOD, state: 7 }],
    ['no state', { accountId: 'a1', requestId: 'r1', jobId: 'j1', success: true }],
    ['no success', { accountId: 'a1', requestId: 'r1', jobId: 'j1' }],
    ['ids of 128 characters of every kind', { ...GOOD, jobId: 'aZ09._-x'.repeat(16) }],
  ])('accepts %s', async (_what, json) => {
    expect(await post({ json })).toMatchObject({ status: 202, json: { status: 'accepted' } });
  });

  it.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.autodesk+json'])(
    'accepts the content type %s',
    async (contentType) => {
      expect(await post({ json: GOOD, contentType })).toMatchObject({ status: 202 });
    },
  );

  it('accepts the previous token while a rotation lasts', async () => {
    expect(await post({ json: GOOD, token: PREVIOUS_TOKEN })).toMatchObject({ status: 202 });
  });

  it.each([
    ['no JSON', 'accountId=a1', ['body']],
    ['nothing', '', ['body']],
    ['no object', '[]', ['body']],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22]), ['body']],
    ['no ids', '{}', ['accountId', 'requestId', 'jobId']],
    ['an id that is no text', JSON.stringify({ ...GOOD, requestId: 5 }), ['requestId']],
    ['an empty id', JSON.stringify({ ...GOOD, jobId: '' }), ['jobId']],
    ['an id that is too long', JSON.stringify({ ...GOOD, jobId: 'x'.repeat(129) }), ['jobId']],
    ['an id with a slash', JSON.stringify({ ...GOOD, jobId: '../requests' }), ['jobId']],
    ['an id of dots', JSON.stringify({ ...GOOD, jobId: '..' }), ['jobId']],
    ['success that is no boolean', JSON.stringify({ ...GOOD, success: 'yes' }), ['success']],
  ])('refuses %s as malformed and names the fields', async (_what, text, fields) => {
    const answer = await post({ text });

    expect(answer).toMatchObject({ status: 400, type: 'application/problem+json', json: { status: 400 } });
    expect(answer.json.errors?.map(({ field }) => field)).toEqual(fields);
    for (const field of fields) expect(answer.json.detail).toContain(field);
    expect(world.events).toEqual([]);
  });

  it('refuses an account that is not mirrored', async () => {
    expect(await post({ json: { ...GOOD, accountId: 'a9' } })).toMatchObject({
      status: 403,
      type: 'application/problem+json',
    });
    expect(world.events).toEqual([]);
  });

  it.each([
    ['a wrong token', `/callbacks/data-connector/${'x'.repeat(64)}`],
    ['a token with something behind it', `/callbacks/data-connector/${CURRENT_TOKEN}x`],
    ['no token', '/callbacks/data-connector/'],
    ['another path', '/'],
  ])('does not exist for %s', async (_what, path) => {
    const answer = await post({ json: GOOD, path });

    expect(answer).toMatchObject({ status: 404, type: 'application/problem+json' });
    expect(JSON.stringify(answer.json)).not.toContain('xxx');
  });

  it('looks at the token before it looks at anything else', async () => {
    const answer = await post({ text: 'x'.repeat(20_000), contentType: 'text/plain', token: OLD_TOKEN });

    expect(answer.status).toBe(404);
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('allows no %s', async (method) => {
    const response = await fetch(`${server.origin}/callbacks/data-connector/${CURRENT_TOKEN}`, { method });

    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  it('takes 16 KiB and not a byte more, counted in bytes', async () => {
    const empty = Buffer.byteLength(JSON.stringify({ ...GOOD, filler: '' }));
    const room = 16 * 1024 - empty;

    expect(await post({ json: { ...GOOD, filler: 'x'.repeat(room) } })).toMatchObject({ status: 202 });
    expect(await post({ json: { ...GOOD, filler: 'x'.repeat(room + 1) } })).toMatchObject({ status: 413 });
    expect(await post({ json: { ...GOOD, filler: 'é'.repeat(room / 2 + 1) } })).toMatchObject({
      status: 413,
    });
  });

  it('counts the bytes of a body that comes in base64', async () => {
    // API Gateway encodes bodies whose content type it does not take for text.
    const json = { ...GOOD, filler: 'x'.repeat(14_000) };
    const contentType = 'application/vnd.autodesk+json';

    expect(await post({ json, contentType })).toMatchObject({ status: 202 });
    expect(await post({ json: { ...json, more: 'x'.repeat(3_000) }, contentType })).toMatchObject({
      status: 413,
    });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])(
    'refuses the content type "%s"',
    async (contentType) => {
      expect(await post({ json: GOOD, contentType })).toMatchObject({
        status: 415,
        type: 'application/problem+json',
      });
    },
  );

  it('answers 503 when the table or the queue does not take the callback', async () => {
    world.failNext('record a1 j1');

    expect(await post({ json: GOOD })).toMatchObject({ status: 503, type: 'application/problem+json' });
    expect(await post({ json: GOOD })).toMatchObject({ status: 202, json: { status: 'accepted' } });
  });

  it('leaves a hundred callbacks in a second as one thing to confirm', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => post({ json: { ...GOOD, jobId: `j${index}` } })),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(world.events.filter((event) => event.startsWith('send')))).toEqual(
      new Set(['send confirm-callbacks a1 after 2 s']),
    );
  });
});

describe('the token check', () => {
  it('reads the secret again on a wrong token, at most once a minute', async () => {
    const isToken = createTokenCheck(world.tokens, world.ports.clock);
    expect(await isToken(CURRENT_TOKEN)).toBe(true);
    world.tokens.secret = { current: 'n'.repeat(64), previous: CURRENT_TOKEN };

    for (let attempt = 0; attempt < 20; attempt += 1) expect(await isToken('n'.repeat(64))).toBe(false);
    expect(world.tokens.reads).toBe(1);
    world.pass(60);
    expect(await isToken('n'.repeat(64))).toBe(true);
    for (let attempt = 0; attempt < 20; attempt += 1) expect(await isToken('wrong')).toBe(false);
    expect(world.tokens.reads).toBe(2);
  });

  it('knows the current and the previous token, and forgets older ones within a quarter of an hour', async () => {
    const isToken = createTokenCheck(world.tokens, world.ports.clock);
    expect(await isToken(PREVIOUS_TOKEN)).toBe(true);
    world.tokens.secret = { current: 'n'.repeat(64), previous: CURRENT_TOKEN };

    world.pass(900);

    expect(await isToken(PREVIOUS_TOKEN)).toBe(false);
    expect(await isToken(CURRENT_TOKEN)).toBe(true);
  });

  it('accepts nothing while there is no secret', async () => {
    world.tokens.secret = undefined;
    const isToken = createTokenCheck(world.tokens, world.ports.clock);

    expect(await isToken(CURRENT_TOKEN)).toBe(false);
    expect(await isToken('')).toBe(false);
  });
});

interface Sent {
  json?: unknown;
  text?: string | Buffer;
  token?: string;
  path?: string;
  contentType?: string;
}

async function post({ json, text, token = CURRENT_TOKEN, path, contentType = 'application/json' }: Sent) {
  const response = await fetch(`${server.origin}${path ?? `/callbacks/data-connector/${token}`}`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body:
      typeof text === 'string' || text === undefined ? (text ?? JSON.stringify(json)) : new Uint8Array(text),
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    json: (await response.json()) as { detail?: string; errors?: { field: string }[] },
  };
}
