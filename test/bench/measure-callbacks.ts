import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { systemClock } from '../../shared/clock.ts';
import { startTask } from './measured-process.ts';
import type { Place } from './tasks.ts';

export const CALLBACKS_A_SECOND = 200;

export interface CallbackFigures {
  sent: number;
  refused: number;
  p50Ms: number;
  p99Ms: number;
}

/** How long Data Connector waits for its answer, when callbacks come at a steady rate, each of another job. */
export async function measureCallbacks(
  place: Place,
  accountId: string,
  perSecond: number,
  seconds: number,
): Promise<CallbackFigures> {
  const server = startTask({ kind: 'callbacks', place });
  const ended = once(server, 'close');
  const [line] = await once(server.stdout ?? server, 'data');
  const url = String(line).trim();
  const call = async () => {
    const startedMs = performance.now();
    const body = {
      accountId,
      requestId: randomUUID(),
      jobId: randomUUID(),
      state: 'complete',
      success: true,
    };
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await answer.text();
    return { ms: performance.now() - startedMs, accepted: answer.status === 202 };
  };
  // The first ones pay for what a process does once.
  for (let index = 0; index < 20; index += 1) await call();
  const calls: ReturnType<typeof call>[] = [];
  const startedMs = performance.now();
  while (calls.length < perSecond * seconds) {
    const dueMs = (calls.length * 1_000) / perSecond - (performance.now() - startedMs);
    if (dueMs > 0) await systemClock.sleep(dueMs);
    calls.push(call());
  }
  const answers = await Promise.all(calls);
  server.stdin?.end();
  await ended;
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  const refused = answers.filter(({ accepted }) => !accepted).length;
  return { sent: answers.length, refused, p50Ms: at(0.5), p99Ms: at(0.99) };
}
