import { describe, expect, it } from 'vitest';
import { startTimer } from '../../../infra/local/functions/timer.ts';
import type { Clock } from '../../../shared/clock.ts';
import { silentLog } from '../../../shared/observability/log.ts';

/** A clock whose sleepers are woken by hand. */
function manualClock() {
  const sleepers: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    sleep: (_ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        sleepers.push(resolve);
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
  };
  const tick = async () => {
    await expect.poll(() => sleepers.length).toBe(1);
    sleepers.pop()?.();
  };
  return { clock, tick };
}

describe('the timer', () => {
  it('does its task each time the interval is over, also after one that failed', async () => {
    const { clock, tick } = manualClock();
    let count = 0;
    const task = async () => {
      count += 1;
      if (count === 1) throw new Error('broken');
    };
    const timer = startTimer({ name: 'tick', intervalMs: 1_000, task, clock, log: silentLog });
    expect(count).toBe(0);
    await tick();
    await expect.poll(() => count).toBe(1);
    await tick();
    await expect.poll(() => count).toBe(2);
    await timer.stop();
    expect(count).toBe(2);
  });

  it('waits for the running occurrence when it stops', async () => {
    const { clock, tick } = manualClock();
    let finish = () => {};
    let started = false;
    let ended = false;
    const task = async () => {
      started = true;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      ended = true;
    };
    const timer = startTimer({ name: 'tick', intervalMs: 1_000, task, clock, log: silentLog });
    await tick();
    await expect.poll(() => started).toBe(true);
    const stopped = timer.stop();
    finish();
    await stopped;
    expect(ended).toBe(true);
  });
});
