import type { Randomness } from '../../randomness.ts';

/** A message waits in a queue for at most this long (an SQS limit), so a longer pause would be cut there anyway. */
export const LONGEST_PAUSE_MS = 900_000;

/** A random wait between nothing and `baseMs`, doubled with each attempt up to `capMs`: "full jitter". */
export function backoffMs(attempt: number, baseMs: number, capMs: number, randomness: Randomness): number {
  return Math.round(randomness.fraction() * Math.min(capMs, baseMs * 2 ** attempt));
}

/** The wait that a `Retry-After` header asks for, in seconds or as a date; undefined where it says nothing usable. */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(Math.ceil(ms), 0), LONGEST_PAUSE_MS) : undefined;
}
