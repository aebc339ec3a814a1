/**
 * The longest wait that is believed, whoever asks for it. A server that means longer asks again; one that sent
 * nonsense must not stop the mirror. A message can be delayed for as long as that, too (an SQS limit).
 */
const LONGEST_WAIT_MS = 900_000;

/** `Sun, 06 Nov 1994 08:49:37 GMT`, the older forms of it, or ISO 8601: all have a time of day. */
const HAS_TIME_OF_DAY = /\d\d:\d\d/;

/** The wait that a `Retry-After` header asks for, in seconds or as a date; undefined where it asks for none. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : untilDate(text, nowMs);
  return ms > 0 ? Math.ceil(believed(ms)) : undefined;
}

/** Only what is clearly a date: the parser makes a year of any number. */
function untilDate(text: string, nowMs: number): number {
  return HAS_TIME_OF_DAY.test(text) ? Date.parse(text) - nowMs : Number.NaN;
}

/** A wait cut to what is believed. */
export function believed(ms: number): number {
  return Math.min(ms, LONGEST_WAIT_MS);
}

/**
 * What is left of a stored wait. One that ends later than any can have been set is over: a clock has jumped, or an
 * older version believed whatever it was told.
 */
export function waitLeftMs(untilMs: number, nowMs: number): number {
  const ms = untilMs - nowMs;
  return ms > 0 && ms <= LONGEST_WAIT_MS ? ms : 0;
}
