import { seededRandomness } from '../../infra/sandbox/seed/seeded-randomness.ts';
import { EMPTY_WINDOW } from '../../shared/autodesk/budget/rate-window.ts';
import { SharedRateBudget } from '../../shared/autodesk/budget/shared-rate-budget.ts';
import { memoryStateItem } from '../support/autodesk/memory-state-item.ts';
import { InMemoryRecordStore } from '../support/in-memory/record-store.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { GeneratedInvites, type ListOrder, type ListShape } from './generated-invites.ts';
import { createInMemoryMirror, GeneratedApi, INVITES } from './in-memory-mirror.ts';
import { plainLoop } from './plain-loop.ts';

export interface Latencies {
  /** Of each call to Autodesk. */
  apiMs: number;
  /** Of each call to a table, whatever it does. */
  tableMs: number;
}

export interface FirstLoad extends Latencies {
  invites: number;
  order: ListOrder;
  shape?: ListShape;
  workers: number;
}

/** A first load beside the plain loop, in virtual time: no processor's speed is in it. */
export async function firstLoadBesidePlainLoop(load: FirstLoad) {
  const invites = new GeneratedInvites({
    count: load.invites,
    order: load.order,
    shape: load.shape ?? 'even',
  });
  const plainClock = new VirtualClock();
  const plainApi = new GeneratedApi(invites, plainClock, load.apiMs);
  const startedMs = plainClock.now();
  await plainLoop(plainApi, INVITES, () => plainClock.sleep(load.tableMs));
  const plainMs = plainClock.now() - startedMs;
  const mirror = mirrorOf(invites, load);
  const { run, tookMs, calls } = await mirror.run('full');
  return {
    timesReading: (plainApi.calls * load.apiMs) / tookMs,
    mostInFlight: mirror.api.mostInFlight,
    times: plainMs / tookMs,
    callsBeside: calls / plainApi.calls,
    created: run.totals.counts.created,
    tookMs,
    calls,
  };
}

/** An unchanged sweep beside the same with tables that answer at once. */
export async function sweepBesideReading(load: FirstLoad) {
  const sweep = async (tableMs: number) => {
    const invites = new GeneratedInvites({ count: load.invites, order: load.order });
    const mirror = mirrorOf(invites, { ...load, tableMs });
    await mirror.run('full');
    return mirror.run('full');
  };
  const [reading, whole] = [await sweep(0), await sweep(load.tableMs)];
  return { times: whole.tookMs / reading.tookMs, counts: whole.run.totals.counts };
}

/** How much of a budget a first load uses, as a share of what the time that it took allows. */
export async function shareOfBudget(options: {
  invites: GeneratedInvites;
  requestsPerMinute: number;
  apiMs: number;
  workers: number;
}) {
  const clock = new VirtualClock();
  const budget = new SharedRateBudget({
    windows: {
      buildingconnected: memoryStateItem(EMPTY_WINDOW),
      'data-connector': memoryStateItem(EMPTY_WINDOW),
    },
    requestsPerMinute: { buildingconnected: options.requestsPerMinute, 'data-connector': 1 },
    clock,
    randomness: seededRandomness('virtual'),
  });
  const records = new InMemoryRecordStore();
  const mirror = createInMemoryMirror({ ...options, records, clock, tableMs: 0, budget });
  const { tookMs, calls } = await mirror.run('full');
  return { share: calls / ((tookMs / 60_000) * options.requestsPerMinute), tookMs, calls };
}

function mirrorOf(invites: GeneratedInvites, { apiMs, tableMs, workers }: FirstLoad) {
  const records = new InMemoryRecordStore();
  return createInMemoryMirror({ invites, records, clock: new VirtualClock(), apiMs, tableMs, workers });
}
