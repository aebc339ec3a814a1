import { describe, expect, it } from 'vitest';
import { bestLoads, unorderedLists } from './best-windows.ts';
import { GeneratedInvites } from './generated-invites.ts';
import { firstLoadBesidePlainLoop, shareOfBudget, sweepBesideReading } from './virtual-ratios.ts';

/** What a stage has unless it says otherwise. */
const WORKERS = 16;
/** Three workers, of which two are left to other runs. */
const ONE_PARTITION = 3;

describe('in virtual time', () => {
  it.each(['by-creation', 'by-update', 'scattered'] as const)(
    'a first load of a list that comes %s is four times as fast as the plain loop, with a tenth more calls',
    async (order) => {
      const load = { invites: 5_000, order, workers: WORKERS, apiMs: 700, tableMs: 10 };
      const { times, callsBeside, created } = await firstLoadBesidePlainLoop(load);
      expect(created).toBe(5_000);
      expect(times).toBeGreaterThanOrEqual(4);
      expect(callsBeside).toBeLessThanOrEqual(1.1);
    },
  );

  it.each([
    ['recent', 'by-update', 6],
    ['recent', 'newest-first', 6],
    ['recent', 'by-creation', 6],
    ['recent', 'scattered', 6],
    ['growing', 'by-update', 6],
    ['growing', 'by-creation', 6],
    ['weekly', 'by-update', 5],
    ['weekly', 'newest-first', 5],
    ['weekly', 'scattered', 6],
  ] as const)(
    'a first load of 10,000 that are %s and come %s keeps at least 12 calls in flight, and reads %i times as fast',
    async (shape, order, atLeast) => {
      const load = { invites: 10_000, order, shape, workers: WORKERS, apiMs: 700, tableMs: 10 };
      const { timesReading, callsBeside, created, mostInFlight } = await firstLoadBesidePlainLoop(load);
      expect(created).toBe(10_000);
      expect(timesReading).toBeGreaterThanOrEqual(atLeast);
      expect(mostInFlight).toBeGreaterThanOrEqual(12);
      expect(callsBeside).toBeLessThanOrEqual(1.1);
    },
  );

  it('fifty pages in no order can hardly be read six times as fast within a tenth more calls, whoever cuts them', () => {
    const { fast, both } = bestLoads(unorderedLists(), 12);
    expect(fast).toBeGreaterThan(100);
    expect(both).toBeLessThan(20);
  });

  it('a list whose records all have one moment is not cut, for nothing would be gained', async () => {
    const load = { invites: 5_000, order: 'scattered', shape: 'at-once', workers: WORKERS } as const;
    const { callsBeside, created } = await firstLoadBesidePlainLoop({ ...load, apiMs: 700, tableMs: 10 });
    expect(created).toBe(5_000);
    expect(callsBeside).toBe(1);
  });

  it('one partition is faster by the time that storing takes', async () => {
    const load = {
      invites: 5_000,
      order: 'by-creation',
      workers: ONE_PARTITION,
      apiMs: 700,
      tableMs: 25,
    } as const;
    const { times, callsBeside } = await firstLoadBesidePlainLoop(load);
    expect(times).toBeGreaterThanOrEqual(1.1);
    expect(callsBeside).toBe(1);
  });

  it('a first load of 20,000 at 100 ms a page is eight times as fast as the plain loop', async () => {
    const load = {
      invites: 20_000,
      order: 'by-creation',
      workers: WORKERS,
      apiMs: 100,
      tableMs: 10,
    } as const;
    const { times, callsBeside } = await firstLoadBesidePlainLoop(load);
    expect(times).toBeGreaterThanOrEqual(8);
    expect(callsBeside).toBeLessThanOrEqual(1.1);
  });

  it('a first load uses four fifths of the budget', async () => {
    const invites = new GeneratedInvites({ count: 40_000, order: 'by-creation', pageSize: 5 });
    const { share } = await shareOfBudget({
      invites,
      requestsPerMinute: 1_000,
      apiMs: 700,
      workers: WORKERS,
    });
    expect(share).toBeGreaterThanOrEqual(0.8);
    // More than the budget would mean that it is not looked at; a burst at the start is within it.
    expect(share).toBeLessThanOrEqual(1.1);
  });

  it('an unchanged sweep takes a fifth longer than its reading at most', async () => {
    const load = { invites: 5_000, order: 'by-creation', workers: WORKERS, apiMs: 700, tableMs: 10 } as const;
    const { times, counts } = await sweepBesideReading(load);
    expect(counts).toMatchObject({ created: 0, updated: 0 });
    expect(times).toBeLessThanOrEqual(1.2);
  });
});
