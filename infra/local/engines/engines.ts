import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { COMPILED } from '../../compile-cache.ts';
import type { EngineAddresses } from './clients.ts';
import type { DynamoAnswer, DynamoRequest } from './dynalite.ts';
import type { EngineFolders, FromEngines, ToEngines } from './engine-messages.ts';

export interface RunningEngines {
  /** For other processes, and for queues. */
  addresses: EngineAddresses;
  /** Has the embedded DynamoDB answer a request without a connection: half of what a put costs is the connection. */
  send(request: DynamoRequest): Promise<DynamoAnswer>;
  /** Rejects when the engines end without having been told to; never resolves. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

/** A thread that loads the code of the engines, which takes as long as the code of a command, and waits. */
export interface LoadedEngines {
  thread: Worker;
  /** Ends it where it turned out that nobody needs it. */
  unload(): Promise<void>;
}

export function loadEngines(): LoadedEngines {
  const code = new URL('./engines-thread.ts', import.meta.url).href;
  // In JavaScript, so that the code of all that it imports is found compiled.
  const entry = `require('node:module').enableCompileCache(${JSON.stringify(COMPILED)}); import(${JSON.stringify(code)})`;
  const thread = new Worker(entry, { eval: true });
  return {
    thread,
    async unload() {
      await loadNativeCode();
      await thread.terminate();
    },
  };
}

/**
 * The embedded database has native code with a background thread of its own, which crashes the process when the end
 * of the last thread that loaded the code takes it out of memory: it has to be loaded in this thread as well.
 */
async function loadNativeCode(): Promise<void> {
  await import('dynalite/db/index.js');
}

/**
 * Starts the embedded DynamoDB, SQS, SNS and S3 in a thread of their own on free ports of 127.0.0.1, with their data
 * in `folder`. One process at a time may do so; the lock of the data folder sees to it.
 */
export async function startEngines(folder: string, { thread } = loadEngines()): Promise<RunningEngines> {
  const folders: EngineFolders = {
    dynamodb: join(folder, 'dynamodb'),
    queues: join(folder, 'queues'),
    landed: join(folder, 'landed'),
  };
  const paths = Object.values(folders);
  await Promise.all(paths.map((path) => mkdir(path, { recursive: true, mode: 0o700 })));
  thread.postMessage(folders);
  const asked = new Map<number, PromiseWithResolvers<DynamoAnswer>>();
  const listening = Promise.withResolvers<EngineAddresses>();
  const stopped = Promise.withResolvers<void>();
  const hear = (message: FromEngines) => {
    switch (message.kind) {
      case 'answer':
        asked.get(message.id)?.resolve(message.answer);
        asked.delete(message.id);
        return;
      case 'listening':
        return listening.resolve(message.addresses);
      case 'stopped':
        return stopped.resolve();
    }
  };
  thread.on('message', hear);
  const tell = (message: ToEngines) => thread.postMessage(message);
  const failed = new Promise<never>((_resolve, reject) => {
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('The embedded engines stopped unexpectedly.')));
  });
  let failure: { error: unknown } | undefined;
  // Whoever waits for an answer hears of it; without anybody waiting it must not end the process.
  failed.catch((error: unknown) => {
    failure = { error };
    for (const { reject } of asked.values()) reject(error);
  });
  const [addresses] = await Promise.all([Promise.race([listening.promise, failed]), loadNativeCode()]);
  let requests = 0;
  return {
    addresses,
    failed,
    async send(request) {
      if (failure !== undefined) throw failure.error;
      const id = requests++;
      const answer = Promise.withResolvers<DynamoAnswer>();
      asked.set(id, answer);
      tell({ kind: 'request', id, request });
      return answer.promise;
    },
    async stop() {
      tell({ kind: 'stop' });
      // It dies instead where requests were still in hand, which their data survives.
      await Promise.race([stopped.promise, failed.catch(() => {})]);
      await thread.terminate();
    },
  };
}
