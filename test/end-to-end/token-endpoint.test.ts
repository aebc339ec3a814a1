import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ACCOUNT_ID,
  type DocumentedServer,
  settingsFor,
  startDocumentedServer,
} from '../support/autodesk/documented-server.ts';
import { type Ended, START, startCommand } from '../support/processes/run-command.ts';

describe('npm start -- --live --once where the token endpoint is not itself', { timeout: 60_000 }, () => {
  let server: DocumentedServer;
  let dataDir: string;

  beforeEach(async () => {
    server = await startDocumentedServer();
    dataDir = await mkdtemp(join(tmpdir(), 'token-endpoint-'));
  });
  afterEach(async () => {
    await server.close();
    await rm(dataDir, { recursive: true });
  });

  function answerTokensWith(send: (response: ServerResponse) => void): void {
    server.intercept = (path, response) => {
      if (!path.endsWith('/token')) return false;
      send(response);
      return true;
    };
  }

  function once(accountIds = ACCOUNT_ID): Promise<Ended> {
    const env = {
      ...settingsFor(server),
      AUTODESK_ACCOUNT_IDS: accountIds,
      RESOURCES: 'opportunity-project-pairs,data-connector-jobs',
    };
    return startCommand(START, ['--live', '--once', '--data-dir', dataDir], { cwd: dataDir, env }).ended;
  }

  it.each<[string, (response: ServerResponse) => void]>([
    [
      'an HTML page',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
    ],
    [
      'JSON without an access token',
      (response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"expires_in":3600}'),
    ],
  ])('ends with what came in the place of a token: %s', async (what, send) => {
    answerTokensWith(send);
    const startedMs = performance.now();

    const { code, stderr } = await once();

    expect(code, stderr).toBe(1);
    expect(stderr).toContain(`the token endpoint returned ${what} instead of a token`);
    // Two seconds on an idle machine; not as long as waiting for another answer would take.
    expect(performance.now() - startedMs).toBeLessThan(30_000);
  });

  it('mirrors with a token response that has nothing but the token', async () => {
    answerTokensWith((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token":"access-1"}'),
    );

    const { code, stderr } = await once(`b.${ACCOUNT_ID.toUpperCase()}`);

    expect(code, stderr).toBe(0);
  });
});
