import { parentPort } from 'node:worker_threads';
import { startDynalite } from './dynalite.ts';
import type { EngineFolders, FromEngines, ToEngines } from './engine-messages.ts';
import { startFauxqs } from './fauxqs.ts';

/**
 * The thread of the embedded engines, so that their work and the functions' share two processors. Told to start, it
 * sends the addresses once both listen; then it answers the requests of its process, and stops when it is told to.
 */
parentPort?.once('message', async (folders: EngineFolders) => {
  const [dynamodb, queues] = await Promise.all([
    startDynalite({ path: folders.dynamodb }),
    startFauxqs({ path: folders.queues, landed: folders.landed }),
  ]);
  parentPort?.on('message', async (message: ToEngines) => {
    switch (message.kind) {
      case 'request':
        return tell({ kind: 'answer', id: message.id, answer: await dynamodb.answer(message.request) });
      case 'stop':
        await Promise.all([dynamodb.stop(), queues.stop()]);
        return tell({ kind: 'stopped' });
    }
  });
  tell({ kind: 'listening', addresses: { dynamodb: dynamodb.endpoint, queues: queues.endpoint } });
});

function tell(message: FromEngines) {
  parentPort?.postMessage(message);
}
