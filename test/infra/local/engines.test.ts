import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startEngines } from '../../../infra/local/engines/engines.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engines-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A thread that says it listens, and dies of the first request. */
function mortalThread() {
  const thread = new Worker(
    `const { parentPort } = require('node:worker_threads');
     parentPort.once('message', () => {
       parentPort.once('message', () => process.exit(1));
       parentPort.postMessage({ kind: 'listening', addresses: { dynamodb: 'http://127.0.0.1:1', queues: 'http://127.0.0.1:1' } });
     });`,
    { eval: true },
  );
  return { thread, unload: async () => void (await thread.terminate()) };
}

it('tells whoever waits for an answer, and whoever asks later, that the engines have died', async () => {
  const engines = await startEngines(folder, mortalThread());
  const request = { target: 'DynamoDB_20120810.ListTables', body: '{}' };
  await expect(engines.send(request)).rejects.toThrow('stopped unexpectedly');
  await expect(engines.send(request)).rejects.toThrow('stopped unexpectedly');
  await expect(engines.failed).rejects.toThrow('stopped unexpectedly');
  await engines.stop();
});
