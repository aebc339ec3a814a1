import { parentPort, workerData } from 'node:worker_threads';
import { keepCompiled } from '../../compile-cache.ts';
import type { EngineAddresses } from './clients.ts';

keepCompiled();
const z = await import('zod');
const { startDynalite } = await import('./dynalite.ts');
const { startFauxqs } = await import('./fauxqs.ts');

/**
 * The thread of the embedded engines, so that their work and the functions' share two processors. It sends the
 * addresses once both listen, and stops when it is told anything.
 */
const folders = z.object({ dynamodbPath: z.string(), queuesPath: z.string() }).parse(workerData);
const [dynamodb, queues] = await Promise.all([
  startDynalite({ path: folders.dynamodbPath }),
  startFauxqs({ path: folders.queuesPath }),
]);
const addresses: EngineAddresses = { dynamodb: dynamodb.endpoint, queues: queues.endpoint };
parentPort?.once('message', async () => {
  await Promise.all([dynamodb.stop(), queues.stop()]);
  parentPort?.postMessage('stopped');
});
parentPort?.postMessage(addresses);
