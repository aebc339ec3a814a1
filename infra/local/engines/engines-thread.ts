import { parentPort, workerData } from 'node:worker_threads';
import { keepCompiled } from '../../compile-cache.ts';
import type { FromEngines } from './engine-messages.ts';

keepCompiled();
const z = await import('zod');
const { toEngines } = await import('./engine-messages.ts');
const { startDynalite } = await import('./dynalite.ts');
const { startFauxqs } = await import('./fauxqs.ts');

/**
 * The thread of the embedded engines, so that their work and the functions' share two processors. It sends the
 * addresses once both listen, answers the requests that its process sends, and stops when it is told to.
 */
const folders = z.object({ dynamodbPath: z.string(), queuesPath: z.string() }).parse(workerData);
const [dynamodb, queues] = await Promise.all([
  startDynalite({ path: folders.dynamodbPath }),
  startFauxqs({ path: folders.queuesPath }),
]);
const tell = (message: FromEngines) => parentPort?.postMessage(message);
parentPort?.on('message', async (received: unknown) => {
  const message = toEngines.parse(received);
  switch (message.kind) {
    case 'request':
      return tell({ kind: 'answer', id: message.id, answer: await dynamodb.answer(message.request) });
    case 'stop':
      await Promise.all([dynamodb.stop(), queues.stop()]);
      return tell({ kind: 'stopped' });
  }
});
tell({ kind: 'listening', dynamodb: dynamodb.endpoint, queues: queues.endpoint });
