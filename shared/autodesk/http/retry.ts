import type { Randomness } from '../../randomness.ts';

/** A random wait between nothing and `baseMs`, doubled with each attempt up to `capMs`: "full jitter". */
export function backoffMs(attempt: number, baseMs: number, capMs: number, randomness: Randomness): number {
  return Math.round(randomness.fraction() * Math.min(capMs, baseMs * 2 ** attempt));
}
