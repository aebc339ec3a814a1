import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ACCOUNT_ID,
  CLIENT,
  type DocumentedServer,
  startDocumentedServer,
} from '../support/autodesk/documented-server.ts';
import { START, startCommand } from '../support/processes/run-command.ts';

/** Six seconds. */
const TIMEOUT = ['--timeout', '0.1'];

const isToken = (path: string) => path.endsWith('/token');
const isList = (path: string) => !isToken(path);

describe('npm start -- --live --once where it can only wait', { timeout: 60_000 }, () => {
  let server: DocumentedServer;
  let dataDir: string;

  beforeEach(async () => {
    server = await startDocumentedServer();
    dataDir = await mkdtemp(join(tmpdir(), 'waits-'));
  });
  afterEach(async () => {
    await server.close();
    await rm(dataDir, { recursive: true });
  });

  function start(environment: Record<string, string> = {}, time = TIMEOUT) {
    const env = {
      AUTODESK_BASE_URL: server.origin,
      AUTODESK_CLIENT_ID: CLIENT.id,
      AUTODESK_CLIENT_SECRET: CLIENT.secret,
      AUTODESK_REFRESH_TOKEN: server.refreshToken,
      AUTODESK_ACCOUNT_IDS: ACCOUNT_ID,
      ...environment,
    };
    const args = ['--live', '--once', ...time, '--data-dir', dataDir];
    return startCommand(START, args, { cwd: dataDir, env });
  }

  const tooMany = (response: ServerResponse) => response.writeHead(429, { 'retry-after': '600' }).end('{}');
  const notNow = (response: ServerResponse) => response.writeHead(503).end();
  const nothing = () => {};

  it.each<[string, (path: string) => boolean, (response: ServerResponse) => unknown, RegExp]>([
    ['Autodesk asks for ten minutes', isList, tooMany, /^Waiting for Autodesk until .* \(rate limit\)\.$/m],
    [
      'the token endpoint asks for ten minutes',
      isToken,
      tooMany,
      /^Waiting for Autodesk until .* \(sign-in rate limit\)\.$/m,
    ],
    ['the token endpoint is down', isToken, notNow, /^Waiting for Autodesk .*\.$/m],
    ['the token endpoint does not answer', isToken, nothing, /^Waiting for Autodesk .*\.$/m],
    ['the API is down', isList, notNow, /^Waiting for Autodesk .*\.$/m],
    ['the API does not answer', isList, nothing, /^Waiting for Autodesk to respond, until .*\.$/m],
  ])('says for what and until when, once, and ends in time: %s', async (_what, isMeant, send, sentence) => {
    server.intercept = (path, response) => {
      if (!isMeant(path)) return false;
      send(response);
      return true;
    };
    const { output, ended } = start();
    await expect.poll(() => output.stderr, { timeout: 20_000, interval: 50 }).toContain('Mirroring');
    const openedMs = performance.now();
    await expect.poll(() => output.stderr, { timeout: 8_000, interval: 50 }).toMatch(sentence);

    const { code, stderr } = await ended;

    expect(code, stderr).toBe(1);
    // Not as long as a request may hang; 8 s on an idle machine.
    expect(performance.now() - openedMs).toBeLessThan(20_000);
    expect(stderr).toMatch(
      /^Not finished within 0\.1 minutes \(--timeout\)\. Waiting for Autodesk .*\. Run again/m,
    );
    const told = stderr.split('\n').filter((line) => line.startsWith('Waiting'));
    expect(new Set(told).size, stderr).toBe(told.length);
  });

  it('does not wait for a person: it says who has to sign in, and how', async () => {
    const startedMs = performance.now();
    const { code, stderr } = await start({ AUTODESK_REFRESH_TOKEN: '' }).ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/sign.* in.*npm run ops -- authorize/i);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it('resumes what it did not finish in its time', async () => {
    server.intercept = (path, response) => {
      if (isToken(path)) return false;
      notNow(response);
      return true;
    };
    expect((await start().ended).code).toBe(1);
    server.intercept = () => false;
    const { code, stderr } = await start({}, []).ended;
    expect(code, stderr).toBe(0);
  });
});
