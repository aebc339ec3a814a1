import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleOnFolder, consoleOnFolder, HOST, PORT, TOKEN } from './console-on-folder.ts';

let page: ConsoleOnFolder;
beforeAll(async () => {
  page = await consoleOnFolder();
});
afterAll(() => page.close());

describe('the console', () => {
  it.each([`localhost:${PORT}`, HOST])('answers to %s', async (host) => {
    expect((await page.get('/', { host })).status).toBe(200);
  });

  it.each([
    'evil.example',
    `evil.example:${PORT}`,
    '127.0.0.1',
    `127.0.0.1:${PORT + 1}`,
    `0.0.0.0:${PORT}`,
    '',
  ])('refuses the host %j, for pages, posts and streams', async (host) => {
    for (const path of ['/', '/api/status', '/live?at=/', '/assets/console.css']) {
      expect((await page.get(path, { host })).status, path).toBe(403);
    }
    expect((await page.post('/act/sync', { resource: 'invites' }, { host })).status).toBe(403);
  });

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['another origin', {}, { origin: 'https://evil.example' }],
    ['another port of this machine', {}, { origin: `http://127.0.0.1:${PORT + 1}` }],
    ['no origin', {}, { origin: '' }],
    ['an opaque origin', {}, { origin: 'null' }],
    ['no token', { token: '' }, {}],
    ['another token', { token: TOKEN.replace('t', 'x') }, {}],
  ])('refuses a post with %s, and does nothing', async (_what, fields, headers) => {
    const response = await page.post('/act/sync', { resource: 'invites', ...fields }, headers);

    expect(response.status).toBe(403);
    expect((await page.stores.runs.read('invites', 'company')).activeRun).toBeUndefined();
  });

  it('refuses a body that is no form of ours', async () => {
    const response = await page.post('/act/sync', {}, { 'content-type': 'text/plain' });
    expect(response.status).toBe(403);
  });

  it('changes nothing by GET', async () => {
    for (const path of [
      '/act/sync?resource=invites',
      '/experiments/bang',
      `/confirm/sync-full?resource=invites`,
    ]) {
      await page.get(path);
    }
    expect((await page.stores.runs.read('invites', 'company')).activeRun).toBeUndefined();
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])('knows no %s', async (method) => {
    expect((await page.get('/', { 'x-http-method-override': method })).status).toBe(200);
  });

  it('lets nothing run but its own files, and nobody frame it', async () => {
    for (const path of ['/', '/runs', '/nowhere', '/api/status']) {
      const { headers } = await page.get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it.each([
    '/assets/../../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/__proto__',
    '/assets/constructor',
    '/confirm/constructor',
  ])('serves no file but its own: %s', async (path) => {
    const response = await page.get(path);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('"dependencies"');
  });

  it('makes no option of a field', async () => {
    const text = await (await page.get('/confirm/ack?id=--by')).text();
    expect(text).not.toContain('ack --by --by');
    const response = await page.post('/act/ack', { id: '--help' });
    expect(await page.textOf(response.headers.get('location') ?? '')).toContain('Failed: npm run ops -- ack');
  });

  it('never leads away from itself', async () => {
    for (const back of [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example',
      'javascript:alert(1)',
    ]) {
      const response = await page.post('/act/sync', { resource: 'projects', back });
      const location = response.headers.get('location') ?? '';
      expect(new URL(location, `http://${HOST}`).host, back).toBe(HOST);
    }
  });
});

describe('a console that only looks', () => {
  it('has no forms that act, and refuses what they would send', async () => {
    const looking = await consoleOnFolder({ allowActions: false });
    try {
      expect(await (await looking.get('/operations')).text()).not.toContain('method="post"');
      expect((await looking.post('/act/sync', { resource: 'invites' })).status).toBe(403);
      expect((await looking.get('/confirm/redrive')).status).toBe(404);
    } finally {
      await looking.close();
    }
  });
});
