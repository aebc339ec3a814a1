import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, describe } from 'vitest';
import {
  type DocumentedServer,
  settingsFor,
  startDocumentedServer,
} from '../support/autodesk/documented-server.ts';
import { START, startCommand } from '../support/processes/run-command.ts';

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

function start({ server, dataDir }: Place, args: string[] = [], environment: Record<string, string> = {}) {
  const env = {
    ...settingsFor(server),
    RESOURCES: 'opportunity-project-pairs',
    ...environment,
  };
  return startCommand(START, ['--live', '--once', ...args, '--data-dir', dataDir], { cwd: dataDir, env });
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
    ['the token endpoint is down', isToken, notNow, /^Waiting .*Autodesk.*\.$/m],
    ['the token endpoint does not answer', isToken, nothing, /^Waiting .*Autodesk.*\.$/m],
    ['the API is down', isList, notNow, /^Waiting .*Autodesk.*\.$/m],
    ['the API does not answer', isList, nothing, /^Waiting until .* at the latest for Autodesk to respond/m],
  ] as const) {
    it(`says for what and until when, once, and stops on Ctrl-C: ${what}`, async ({ place, expect }) => {
      place.server.intercept = (path, response) => {
        if (!isMeant(path)) return false;
        send(response);
        return true;
      };
      const { child, output, ended } = start(place);
      await expect.poll(() => output.stderr, { timeout: 60_000 }).toMatch(sentence);

      const stoppedMs = performance.now();
      child.kill('SIGINT');
      const { code, stderr } = await ended;

      expect(code, stderr).toBe(1);
      // Not as long as a request may hang.
      expect(performance.now() - stoppedMs).toBeLessThan(30_000);
      const told = stderr.split('\n').filter((line) => line.startsWith('Waiting'));
      expect(new Set(told).size, stderr).toBe(told.length);
    });
  }

  it('ends when its time is over, with the reason, and resumes another time', async ({ place, expect }) => {
    place.server.intercept = (path, response) => {
      if (isToken(path)) return false;
      notNow(response);
      return true;
    };
    const { code, stderr } = await start(place, ['--timeout', '0.05']).ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/^Not finished within 0\.05 minutes \(--timeout\)\. .*Run again to resume/m);

    place.server.intercept = () => false;
    const again = await start(place).ended;
    expect(again.code, again.stderr).toBe(0);
  });

  it('does not wait for a person: it says who has to sign in, and how', async ({ place, expect }) => {
    const { code, stderr } = await start(place, [], { AUTODESK_REFRESH_TOKEN: '' }).ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/sign.* in.*npm run ops -- authorize/i);
    expect(stderr).not.toContain('--timeout');
  });
});
