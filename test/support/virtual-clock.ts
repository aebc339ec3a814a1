import type { Clock } from '../../shared/clock.ts';

/**
 * A clock that stands still while there is anything to do and jumps to the next sleeper when there is not, so
 * that an hour passes in moments and workers take turns as they would.
 */
export class VirtualClock implements Clock {
  #nowMs: number;
  #sleepers: { atMs: number; wake: () => void }[] = [];
  #watching = false;

  constructor(start = '2026-11-22T00:00:00.000Z') {
    this.#nowMs = Date.parse(start);
  }

  now(): number {
    return this.#nowMs;
  }

  /** Moves the clock by hand, backwards too; nobody is woken by it. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((wake) => {
      this.#sleepers.push({ atMs: this.#nowMs + ms, wake });
      if (!this.#watching) void this.#wakeInOrder();
    });
  }

  async #wakeInOrder(): Promise<void> {
    this.#watching = true;
    for (;;) {
      // A few turns of the event loop: enough for whatever is in memory to come to rest.
      for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      this.#sleepers.sort((a, b) => a.atMs - b.atMs);
      const next = this.#sleepers.shift();
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
    this.#watching = false;
  }
}
