import * as z from 'zod';
import { believed, waitLeftMs } from '../../waits.ts';
import { PAUSE_REASONS, type PauseReason } from '../client/rate-budget.ts';

const SLOT_MS = 5_000;
/** A minute touches 13 slots, the first and the last in part. Both count whole, so no minute ever holds too many. */
const SLOTS = 13;

/** The requests of the last minute, by the slot of five seconds they were sent in, and the pause set for all. */
export const rateWindow = z.object({
  /** `slot` = milliseconds since 1970 / 5,000, rounded down. */
  sent: z.array(z.object({ slot: z.int(), count: z.int().min(1) })),
  pausedUntilMs: z.number(),
  pausedBy: z.enum(PAUSE_REASONS).exactOptional(),
});
export type RateWindow = z.infer<typeof rateWindow>;

export const EMPTY_WINDOW: RateWindow = { sent: [], pausedUntilMs: 0 };

export interface Reservation {
  /** How many requests may be sent now; their places are taken in `window`. */
  granted: number;
  window: RateWindow;
  /** Where none was granted: the milliseconds until one can be. */
  waitMs: number;
}

/** Takes up to `wanted` of the `limit` places that any 60 seconds have. */
export function reserve(window: RateWindow, nowMs: number, wanted: number, limit: number): Reservation {
  const pauseMs = waitLeftMs(window.pausedUntilMs, nowMs);
  if (pauseMs > 0) return { granted: 0, window, waitMs: pauseMs };
  const now = Math.floor(nowMs / SLOT_MS);
  const sent = liveSlots(window, now);
  const granted = Math.min(wanted, limit - total(sent));
  if (granted <= 0) {
    // Slots moved back from the future are stored, or each look would find them new.
    const moved = window.sent.some(({ slot }) => slot > now);
    return {
      granted: 0,
      window: moved ? { ...window, sent } : window,
      waitMs: whenFree(sent, limit) - nowMs,
    };
  }
  return { granted, window: { ...window, sent: added(sent, now, granted) }, waitMs: 0 };
}

/** Sets a pause for all workers; a longer one already set stands. */
export function paused(window: RateWindow, nowMs: number, ms: number, by: PauseReason): RateWindow {
  const pauseMs = believed(ms);
  const stands = waitLeftMs(window.pausedUntilMs, nowMs) > pauseMs;
  return stands ? window : { ...window, pausedUntilMs: nowMs + pauseMs, pausedBy: by };
}

/** The slots of the last minute. What a faster clock put into the future counts as sent now. */
function liveSlots(window: RateWindow, now: number): RateWindow['sent'] {
  let live: RateWindow['sent'] = [];
  for (const { slot, count } of window.sent) {
    if (slot > now - SLOTS) live = added(live, Math.min(slot, now), count);
  }
  return live;
}

function added(sent: RateWindow['sent'], slot: number, count: number): RateWindow['sent'] {
  const before = sent.find((entry) => entry.slot === slot)?.count ?? 0;
  return [...sent.filter((entry) => entry.slot !== slot), { slot, count: before + count }];
}

/** The requests of the last minute by slots of five seconds, the oldest first. */
export function sentBySlot(window: RateWindow, nowMs: number): { startsAtMs: number; count: number }[] {
  const now = Math.floor(nowMs / SLOT_MS);
  const live = liveSlots(window, now);
  return Array.from({ length: SLOTS }, (_, index) => {
    const slot = now - SLOTS + 1 + index;
    return {
      startsAtMs: slot * SLOT_MS,
      count: live.find((entry) => entry.slot === slot)?.count ?? 0,
    };
  });
}

function total(sent: RateWindow['sent']): number {
  return sent.reduce((sum, { count }) => sum + count, 0);
}

/** When enough slots have left the window for one place to be free; milliseconds since 1970. */
function whenFree(sent: RateWindow['sent'], limit: number): number {
  let left = total(sent);
  let freeAtMs = Number.POSITIVE_INFINITY;
  for (const { slot, count } of sent.toSorted((a, b) => a.slot - b.slot)) {
    left -= count;
    freeAtMs = (slot + SLOTS) * SLOT_MS;
    if (left < limit) break;
  }
  return freeAtMs;
}
