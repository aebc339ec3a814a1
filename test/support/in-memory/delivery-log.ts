import type { DeliveryLog } from '../../../shared/webhooks/delivery-log.ts';

export function inMemoryDeliveryLog(): DeliveryLog {
  const taken = new Map<string, number>();
  return {
    wasTaken: async (key, sinceMs) => (taken.get(key) ?? Number.NEGATIVE_INFINITY) >= sinceMs,
    async take(key, takenAtMs) {
      taken.set(key, takenAtMs);
    },
    summary: async (nowMs) => ({
      takenLastDay: [...taken.values()].filter((at) => at > nowMs - 86_400_000).length,
    }),
  };
}
