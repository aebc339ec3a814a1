import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { build } from 'esbuild';
import { afterEach, expect, it } from 'vitest';
import { startDynalite } from '../../infra/local/engines/dynalite.ts';
import { createTables } from '../../infra/local/engines/tables.ts';
import { FileTokenVault } from '../../shared/autodesk/connection/file-token-vault.ts';
import { systemClock } from '../../shared/clock.ts';
import { FakeTokenServer } from '../support/autodesk/token-server.ts';

const WORKERS = 16;
const CALLS = 1_000;
const CALLS_PER_TOKEN = 20;
/** Some seconds on a quiet machine; two busy cores for sixteen processes can take many times that. */
const TIMEOUT_MS = 120_000;

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

it(
  'sixteen processes make 1,000 calls over tokens that die every 20, and refresh once for each death',
  async () => {
    const tokenServer = new FakeTokenServer(systemClock);
    const used = new Map<string, number>();
    let answered = 0;
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      if (request.method === 'POST') {
        const chunks: Uint8Array[] = [];
        for await (const chunk of request) chunks.push(chunk);
        const reply = await tokenServer.fetch('', { body: Buffer.concat(chunks).toString() });
        response.writeHead(reply.status).end(await reply.text());
        return;
      }
      const token = request.headers.authorization ?? '';
      const calls = (used.get(token) ?? 0) + 1;
      used.set(token, calls);
      if (calls > CALLS_PER_TOKEN) {
        response.writeHead(401).end('{}');
        return;
      }
      answered += 1;
      response.end('{"id":"u1"}');
    };
    const server = createServer((request, response) => void answer(request, response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    cleanups.push(() => server.close().closeAllConnections());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');

    const dynalite = await startDynalite();
    cleanups.push(() => dynalite.stop());
    const dynamodb = new DynamoDBClient({
      endpoint: dynalite.endpoint,
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    await createTables(dynamodb);
    dynamodb.destroy();

    const tokens = await mkdtemp(join(tmpdir(), 'worker-processes-'));
    cleanups.push(() => rm(tokens, { recursive: true }));
    const vault = new FileTokenVault(tokens);
    await vault.store({
      generation: 1,
      accessToken: 'access-0',
      accessTokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      refreshToken: 'refresh-0',
      obtainedAt: new Date().toISOString(),
    });

    const task = { api: `http://127.0.0.1:${address.port}`, dynamodb: dynalite.endpoint, tokens };
    const run = promisify(execFile);
    // Bundled, and without the parts of the SDK that it does not use, a process starts in a quarter of the time.
    const script = join(tokens, 'worker.cjs');
    await build({
      entryPoints: [join(import.meta.dirname, '../support/autodesk/token-worker.ts')],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      mainFields: ['module', 'main'],
      minify: true,
      outfile: script,
      logLevel: 'error',
    });
    const results = await Promise.all(
      Array.from({ length: WORKERS }, (_, worker) => {
        const calls = Math.floor(CALLS / WORKERS) + (worker < CALLS % WORKERS ? 1 : 0);
        return run(process.execPath, ['--throw-deprecation', script, JSON.stringify({ ...task, calls })], {
          timeout: TIMEOUT_MS,
        });
      }),
    );

    expect(results.map(({ stdout }) => stdout)).toEqual(Array(WORKERS).fill('done'));
    expect(answered).toBe(CALLS);
    const sent = tokenServer.sent.map(({ refreshToken }) => refreshToken);
    expect(new Set(sent).size).toBe(sent.length);
    expect(tokenServer.sent.every(({ granted }) => granted)).toBe(true);
    const deaths = [...used.values()].filter((calls) => calls > CALLS_PER_TOKEN).length;
    expect(deaths).toBeGreaterThanOrEqual(CALLS / CALLS_PER_TOKEN - 1);
    expect(sent.length).toBeLessThanOrEqual(deaths);
    expect((await vault.read())?.refreshToken).toBe(tokenServer.valid);
  },
  TIMEOUT_MS,
);
