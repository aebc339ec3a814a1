import { describe, expect, it } from 'vitest';
import { EMPTY_WINDOW, type RateWindow } from '../../../shared/autodesk/budget/rate-window.ts';
import { SharedRateBudget } from '../../../shared/autodesk/budget/shared-rate-budget.ts';
import { RateLimitedError } from '../../../shared/autodesk/http/errors.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { StateItem } from '../../../shared/dynamodb/state-item.ts';
import { memoryStateItem } from '../../support/autodesk/memory-state-item.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const MINUTE_MS = 60_000;
const randomness = { fraction: () => 0, hex: () => 'ab' };

/** Budgets of several processes over the same items. */
function processes(count: number, requestsPerMinute: number, clock: Clock) {
  const windows = {
    buildingconnected: memoryStateItem(EMPTY_WINDOW),
    'data-connector': memoryStateItem(EMPTY_WINDOW),
  };
  const limits = { buildingconnected: requestsPerMinute, 'data-connector': requestsPerMinute };
  return Array.from(
    { length: count },
    () => new SharedRateBudget({ windows, requestsPerMinute: limits, clock, randomness }),
  );
}

/** Takes places as fast as it may until `untilMs`, one call of 120 ms after the other; notes when. */
async function work(budget: SharedRateBudget, clock: Clock, untilMs: number, sentAt: number[]) {
  while (clock.now() < untilMs) {
    try {
      await budget.take('buildingconnected');
      sentAt.push(clock.now());
      await clock.sleep(120);
    } catch (error) {
      if (!(error instanceof RateLimitedError)) throw error;
      await clock.sleep(error.retryAfterMs);
    }
  }
}

function mostInAnyMinute(sentAt: number[]): number {
  const sorted = sentAt.toSorted((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [last, at] of sorted.entries()) {
    while (at - (sorted[first] ?? at) >= MINUTE_MS) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

describe('a rate budget shared by processes', () => {
  it('gives an urgent request a place at once, however many others there are, and stays within the limit', async () => {
    const clock = new VirtualClock();
    const untilMs = clock.now() + 10 * MINUTE_MS;
    const sentAt: number[] = [];
    const budgets = processes(4, 300, clock);
    let longestMs = 0;
    const look = async (budget: SharedRateBudget) => {
      while (clock.now() < untilMs) {
        const askedMs = clock.now();
        await budget.take('buildingconnected', true);
        longestMs = Math.max(longestMs, clock.now() - askedMs);
        sentAt.push(clock.now());
        await clock.sleep(30_000);
      }
    };

    await Promise.all([
      ...budgets.flatMap((budget) => Array.from({ length: 8 }, () => work(budget, clock, untilMs, sentAt))),
      ...budgets.map(look),
    ]);

    expect(mostInAnyMinute(sentAt)).toBeLessThanOrEqual(300);
    // A caller that waits in the same process for less than that is not disturbed.
    expect(longestMs).toBeLessThanOrEqual(3_000);
  });

  it('never lets any minute hold more than the limit, and uses at least four fifths of it', async () => {
    const clock = new VirtualClock();
    const untilMs = clock.now() + 10 * MINUTE_MS;
    const sentAt: number[] = [];

    await Promise.all(
      processes(4, 1_000, clock).flatMap((budget) =>
        Array.from({ length: 4 }, () => work(budget, clock, untilMs, sentAt)),
      ),
    );

    expect(mostInAnyMinute(sentAt)).toBeLessThanOrEqual(1_000);
    expect(sentAt.length).toBeGreaterThanOrEqual(0.8 * 1_000 * 10);
  });

  it('serves a hundred callers of a process with few writes', async () => {
    const clock = new VirtualClock();
    const window = memoryStateItem(EMPTY_WINDOW);
    let writes = 0;
    const counted: StateItem<RateWindow> = {
      read: () => window.read(),
      write: (value, rev) => {
        writes += 1;
        return window.write(value, rev);
      },
    };
    const budget = new SharedRateBudget({
      windows: { buildingconnected: counted, 'data-connector': memoryStateItem(EMPTY_WINDOW) },
      requestsPerMinute: { buildingconnected: 900, 'data-connector': 54 },
      clock,
      randomness,
    });

    await Promise.all(Array.from({ length: 100 }, () => budget.take('buildingconnected')));

    expect(writes).toBeLessThanOrEqual(2);
  });

  it('sends a caller back with the time to wait when the minute is spent', async () => {
    const clock = new VirtualClock();
    const [one, other] = processes(2, 2, clock);
    await one?.take('buildingconnected');
    await one?.take('buildingconnected');

    const refused = other?.take('buildingconnected');

    await expect(refused).rejects.toThrow(RateLimitedError);
    await expect(refused).rejects.toMatchObject({ disposition: 'wait', retryAfterMs: 65_000 });
  });

  it('keeps the APIs apart', async () => {
    const [budget] = processes(1, 1, new VirtualClock());
    await budget?.take('buildingconnected');

    await budget?.take('data-connector');
    await expect(budget?.take('data-connector')).rejects.toThrow(RateLimitedError);
  });

  it('lets no process send anything during a pause, and all of them after it', async () => {
    const clock = new VirtualClock();
    const budgets = processes(3, 1_000, clock);
    const startMs = clock.now();
    const sentAt: number[] = [];
    const working = budgets.map((budget) => work(budget, clock, startMs + 30_000, sentAt));
    await clock.sleep(5_000);
    const pausedAtMs = clock.now();
    await budgets[0]?.pause('buildingconnected', 10_000, 'rate-limit');
    await Promise.all(working);

    const during = sentAt.filter((at) => at > pausedAtMs && at < pausedAtMs + 10_000);
    expect(during).toEqual([]);
    expect(sentAt.filter((at) => at >= pausedAtMs + 10_000).length).toBeGreaterThan(100);
  });

  it('sleeps through a pause of a few seconds and sends callers back from a longer one', async () => {
    const clock = new VirtualClock();
    const [one, other] = processes(2, 10, clock);
    const startMs = clock.now();
    await one?.pause('buildingconnected', 2_500, 'rate-limit');

    await other?.take('buildingconnected');
    expect(clock.now() - startMs).toBe(2_500);

    await one?.pause('buildingconnected', 20_000, 'rate-limit');
    await expect(other?.take('buildingconnected')).rejects.toMatchObject({ retryAfterMs: 20_000 });
  });

  it('lets a longer pause stand', async () => {
    const clock = new VirtualClock();
    const [one, other] = processes(2, 10, clock);
    await one?.pause('buildingconnected', 20_000, 'rate-limit');
    await other?.pause('buildingconnected', 1_000, 'rate-limit');

    await expect(one?.take('buildingconnected')).rejects.toMatchObject({ retryAfterMs: 20_000 });
  });

  it('neither forgets requests nor stops for ever when a clock jumps back', async () => {
    const clock = new VirtualClock();
    const [budget] = processes(1, 2, clock);
    await budget?.take('buildingconnected');
    await budget?.take('buildingconnected');
    await budget?.pause('buildingconnected', 1_000, 'rate-limit');
    clock.jump(-24 * 60 * MINUTE_MS);

    await expect(budget?.take('buildingconnected')).rejects.toMatchObject({ retryAfterMs: 65_000 });
    await clock.sleep(66_000);
    await budget?.take('buildingconnected');
  });

  it.each([
    ['a little', 15 * MINUTE_MS + 1],
    ['317 years', 9_999_999_999_000],
  ])('does not hold a pause that was stored for %s too long', async (_name, tooLongMs) => {
    const clock = new VirtualClock();
    const pausedUntilMs = clock.now() + tooLongMs;
    const windows = {
      buildingconnected: memoryStateItem({ ...EMPTY_WINDOW, pausedUntilMs }),
      'data-connector': memoryStateItem(EMPTY_WINDOW),
    };
    const limits = { buildingconnected: 1, 'data-connector': 1 };
    const budget = new SharedRateBudget({ windows, requestsPerMinute: limits, clock, randomness });
    const startMs = clock.now();

    await budget.take('buildingconnected');

    expect(clock.now()).toBe(startMs);
  });

  it('tells its callers when the table cannot be reached, and works again when it can', async () => {
    const clock = new VirtualClock();
    const window = memoryStateItem(EMPTY_WINDOW);
    let broken = true;
    const budget = new SharedRateBudget({
      windows: {
        buildingconnected: {
          read: () => (broken ? Promise.reject(new Error('no table')) : window.read()),
          write: window.write,
        },
        'data-connector': memoryStateItem(EMPTY_WINDOW),
      },
      requestsPerMinute: { buildingconnected: 1, 'data-connector': 1 },
      clock,
      randomness,
    });

    await expect(budget.take('buildingconnected')).rejects.toThrow('no table');
    broken = false;
    await budget.take('buildingconnected');
  });
});
