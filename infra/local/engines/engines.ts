import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import type { EngineAddresses } from './clients.ts';

export interface RunningEngines {
  addresses: EngineAddresses;
  /** Rejects when the engines end without having been told to; never resolves. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

/** What the engines' thread sends once both listen. */
const engineAddresses = z.object({ dynamodb: z.url(), queues: z.url() });

/**
 * Starts the embedded DynamoDB, SQS and SNS in a thread of their own on free ports of 127.0.0.1, with their data
 * in `folder`. One process at a time may do so; the lock of the data folder sees to it.
 */
export async function startEngines(folder: string): Promise<RunningEngines> {
  const dynamodbPath = join(folder, 'dynamodb');
  const queuesPath = join(folder, 'queues');
  await Promise.all([dynamodbPath, queuesPath].map((path) => mkdir(path, { recursive: true, mode: 0o700 })));
  const thread = new Worker(new URL('./engines-thread.ts', import.meta.url), {
    workerData: { dynamodbPath, queuesPath },
  });
  const failed = new Promise<never>((_resolve, reject) => {
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('The embedded engines stopped unexpectedly.')));
  });
  // Whoever waits for it hears of it; without anybody waiting it must not end the process.
  failed.catch(() => {});
  const [[message]] = await Promise.all([
    Promise.race([once(thread, 'message'), failed]),
    // Loaded in this thread as well. Its database has native code with a background thread of its own, which crashes
    // the process when the end of the last thread that loaded the code takes it out of memory.
    import('dynalite'),
  ]);
  return {
    addresses: engineAddresses.parse(message),
    failed,
    async stop() {
      const stopped = once(thread, 'message');
      thread.postMessage('stop');
      // It dies instead where requests were still in hand, which their data survives.
      await Promise.race([stopped, failed.catch(() => {})]);
      await thread.terminate();
    },
  };
}
