import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConsole } from '../../../infra/console/app.ts';
import { Asking } from '../../../infra/console/reading/asking.ts';
import { ConsoleReading } from '../../../infra/console/reading/reading.ts';
import { lockDataFolder } from '../../../infra/local/data/data-folder.ts';
import { startLocalStack } from '../../../infra/local/engines/local-stack.ts';
import { runCommand } from '../../../infra/ops/run-ops.ts';
import { localTarget } from '../../../infra/ops/targets/local-target.ts';
import { type Stores, storesOf } from '../../../infra/ops/targets/stores.ts';
import { queryEngineOf } from '../../../infra/query/engine-of.ts';
import type { QueryEngine } from '../../../infra/query/query-engine.ts';

export const TOKEN = 't'.repeat(64);
export const PORT = 4711;
export const HOST = `127.0.0.1:${PORT}`;

export interface ConsoleOnFolder {
  stores: Stores;
  get(path: string, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>;
  /** As the browser sends a form of ours; fields and headers given win. */
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** What a page shows, without its markup. */
  textOf(path: string): Promise<string>;
  close(): Promise<void>;
}

/** The console over the embedded engines, without a network in front of it. */
export async function consoleOnFolder({
  allowActions = true,
  engine,
  patience = () => new AbortController().signal,
}: {
  allowActions?: boolean;
  /** Asked in place of the one for the folder's lake, which is empty. */
  engine?: () => Promise<QueryEngine>;
  /** Aborted when a question has taken too long. */
  patience?: () => AbortSignal;
} = {}): Promise<ConsoleOnFolder> {
  const dataDir = await mkdtemp(join(tmpdir(), 'console-'));
  const dataFolder = await lockDataFolder(dataDir);
  const stack = await startLocalStack(dataFolder, 'sandbox');
  const lists = {
    accountIds: ['a1'],
    enabledResources: ['opportunity-project-pairs', 'invites', 'projects', 'data-connector-jobs'],
    purgeDeletedAfterDays: 365,
    fieldPolicy: {},
    historyDays: 365,
  };
  const target = localTarget(stack, lists, 'UTC');
  const app = createConsole({
    reading: new ConsoleReading(target),
    place: 'sandbox',
    allowActions,
    token: TOKEN,
    port: () => PORT,
    who: 'ada',
    slackUrl: undefined,
    run: runCommand,
    asking: new Asking(engine ?? (() => queryEngineOf(target)), patience),
    experiments: new Map([['bang', { label: 'Bang', run: async () => 'It banged.' }]]),
  });
  const get: ConsoleOnFolder['get'] = async (path, headers = {}, signal) =>
    app.request(`http://${HOST}${path}`, { headers: { host: HOST, ...headers }, ...(signal && { signal }) });
  return {
    stores: storesOf(target),
    get,
    post: async (path, fields = {}, headers = {}) =>
      app.request(`http://${HOST}${path}`, {
        method: 'POST',
        headers: {
          host: HOST,
          origin: `http://${HOST}`,
          'content-type': 'application/x-www-form-urlencoded',
          ...headers,
        },
        body: new URLSearchParams({ token: TOKEN, ...fields }),
      }),
    async textOf(path) {
      const page = await (await get(path)).text();
      return page
        .replace(/<style[\s\S]*?<\/style>|<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .replaceAll('&quot;', '"');
    },
    async close() {
      await stack.close();
      await dataFolder.release();
      await rm(dataDir, { recursive: true });
    },
  };
}
