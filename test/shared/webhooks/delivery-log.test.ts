import { beforeEach, describe, expect, it } from 'vitest';
import { deliveryLog } from '../../../shared/composition/stores.ts';
import type { DeliveryLog } from '../../../shared/webhooks/delivery-log.ts';
import { embeddedTables } from '../../support/embedded-tables.ts';
import { inMemoryDeliveryLog } from '../../support/in-memory/delivery-log.ts';

const NOW_MS = Date.parse('2026-11-20T10:30:00.000Z');
const HOUR_MS = 3_600_000;

describe('the log of deliveries in memory', () => {
  keepsDeliveries(inMemoryDeliveryLog);
});

describe('the log of deliveries in the State table', () => {
  const tables = embeddedTables();

  keepsDeliveries(async () => deliveryLog(await tables()));

  it('tells when the last one came, also when that is days ago', async () => {
    const log = deliveryLog(await tables());
    expect((await log.summary(NOW_MS)).lastAt).toBeUndefined();
    await log.take('id d1', NOW_MS - 50 * HOUR_MS);

    expect(await log.summary(NOW_MS)).toEqual({ takenLastDay: 0, lastAt: '2026-11-18T08:30:00.000Z' });
  });
});

function keepsDeliveries(create: () => DeliveryLog | Promise<DeliveryLog>) {
  let log: DeliveryLog;
  beforeEach(async () => {
    log = await create();
  });

  it('knows what was taken since a moment', async () => {
    await log.take('id d1', NOW_MS);

    expect(await log.wasTaken('id d1', NOW_MS)).toBe(true);
    expect(await log.wasTaken('id d1', NOW_MS + 1)).toBe(false);
    expect(await log.wasTaken('id d2', 0)).toBe(false);
  });

  it('counts from the last time that one was taken', async () => {
    await log.take('body b', NOW_MS);
    await log.take('body b', NOW_MS + 5_000);

    expect(await log.wasTaken('body b', NOW_MS + 4_000)).toBe(true);
  });

  it('counts those of a day', async () => {
    await log.take('id d1', NOW_MS - 2 * HOUR_MS);
    await log.take('id d2', NOW_MS - HOUR_MS);
    await log.take('id d3', NOW_MS - 30 * HOUR_MS);

    expect((await log.summary(NOW_MS)).takenLastDay).toBe(2);
  });
}
