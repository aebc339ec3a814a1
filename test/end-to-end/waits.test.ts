import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, describe } from 'vitest';
import {
  ACCOUNT_ID,
  CLIENT,
  type DocumentedServer,
  startDocumentedServer,
} from '../support/autodesk/documented-server.ts';
import { START, startCommand } from '../support/processes/run-command.ts';

/** Fifteen seconds: a busy machine needs some of them to start. */
const TIMEOUT = ['--timeout', '0.25'];

const isToken = (path: string) => path.endsWith('/token');
const isList = (path: string) => !isToken(path);
const tooMany = (response: ServerResponse) => response.writeHead(429, { 'retry-after': '600' }).end('{}');
const notNow = (response: ServerResponse) => response.writeHead(503).end();
const nothing = () => {};

interface Place {
  server: DocumentedServer;
  dataDir: string;
}

/** A server and a data folder of its own, so that tests that mostly wait can wait side by side. */
const it = base.extend<{ place: Place }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it which fixtures this one needs.
  place: async ({}, use) => {
    const server = await startDocumentedServer();
    const dataDir = await mkdtemp(join(tmpdir(), 'waits-'));
    await use({ server, dataDir });
    await server.close();
    await rm(dataDir, { recursive: true });
  },
});

function start({ server, dataDir }: Place, environment: Record<string, string> = {}, time = TIMEOUT) {
  const env = {
    AUTODESK_BASE_URL: server.origin,
    AUTODESK_CLIENT_ID: CLIENT.id,
    AUTODESK_CLIENT_SECRET: CLIENT.secret,
    AUTODESK_REFRESH_TOKEN: server.refreshToken,
    AUTODESK_ACCOUNT_IDS: ACCOUNT_ID,
    RESOURCES: 'opportunity-project-pairs',
    ...environment,
  };
  const args = ['--live', '--once', ...time, '--data-dir', dataDir];
  return startCommand(START, args, { cwd: dataDir, env });
}

describe.concurrent('npm start -- --live --once where it can only wait', { timeout: 90_000 }, () => {
  for (const [what, isMeant, send, sentence] of [
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
  ] as const) {
    it(`says for what and until when, once, and ends in time: ${what}`, async ({ place, expect }) => {
      place.server.intercept = (path, response) => {
        if (!isMeant(path)) return false;
        send(response);
        return true;
      };

      const startedMs = performance.now();
      const { code, stderr } = await start(place).ended;

      expect(code, stderr).toBe(1);
      // Not as long as a request may hang.
      expect(performance.now() - startedMs).toBeLessThan(30_000);
      expect(stderr).toMatch(sentence);
      expect(stderr).toMatch(
        /^Not finished within 0\.25 minutes \(--timeout\)\. Waiting for Autodesk .*\. Run again/m,
      );
      const told = stderr.split('\n').filter((line) => line.startsWith('Waiting'));
      expect(new Set(told).size, stderr).toBe(told.length);
    });
  }

  it('does not wait for a person: it says who has to sign in, and how', async ({ place, expect }) => {
    const { code, stderr } = await start(place, { AUTODESK_REFRESH_TOKEN: '' }).ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/sign.* in.*npm run ops -- authorize/i);
    expect(stderr).not.toContain('--timeout');
  });

  it('resumes what it did not finish in its time', async ({ place, expect }) => {
    place.server.intercept = (path, response) => {
      if (isToken(path)) return false;
      notNow(response);
      return true;
    };
    expect((await start(place).ended).code).toBe(1);
    place.server.intercept = () => false;
    const { code, stderr } = await start(place, {}, []).ended;
    expect(code, stderr).toBe(0);
  });
});
