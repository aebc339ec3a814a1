import { describe, expect, it } from 'vitest';
import { retryAfterMs, waitLeftMs } from '../../shared/waits.ts';

const NOW_MS = Date.parse('2026-11-22T00:00:00.000Z');
const QUARTER_HOUR_MS = 900_000;

describe('the wait that a server asks for', () => {
  it.each([
    ['7', 7_000],
    [' 7 ', 7_000],
    ['1.5', 1_500],
    ['0.0001', 1],
    ['900', QUARTER_HOUR_MS],
    ['901', QUARTER_HOUR_MS],
    ['9999999999', QUARTER_HOUR_MS],
    ['9'.repeat(400), QUARTER_HOUR_MS],
    ['Sun, 22 Nov 2026 00:00:09 GMT', 9_000],
    ['Sunday, 22-Nov-26 00:00:09 GMT', 9_000],
    ['2026-11-22T00:00:09Z', 9_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', QUARTER_HOUR_MS],
  ])('is believed up to a quarter of an hour: %s', (header, ms) => {
    expect(retryAfterMs(header, NOW_MS)).toBe(ms);
  });

  it.each([
    [null],
    [''],
    ['0'],
    ['0.0'],
    ['-5'],
    ['-9999999999'],
    ['1e9'],
    ['Infinity'],
    ['NaN'],
    ['5, 10'],
    ['120 seconds'],
    ['soon'],
    ['Sun, 06 Nov 1994 08:49:37 GMT'],
    ['Thu, 99 Foo 2026 00:00:00 GMT'],
  ])('is none where nothing usable is said: %s', (header) => {
    expect(retryAfterMs(header, NOW_MS)).toBeUndefined();
  });
});

describe('a stored wait', () => {
  it('is over at its end, and where it ends later than any can have been set', () => {
    expect(waitLeftMs(NOW_MS + QUARTER_HOUR_MS, NOW_MS)).toBe(QUARTER_HOUR_MS);
    expect(waitLeftMs(NOW_MS, NOW_MS)).toBe(0);
    expect(waitLeftMs(NOW_MS - 1, NOW_MS)).toBe(0);
    expect(waitLeftMs(NOW_MS + QUARTER_HOUR_MS + 1, NOW_MS)).toBe(0);
    expect(waitLeftMs(NOW_MS + 9_999_999_999_000, NOW_MS)).toBe(0);
    expect(waitLeftMs(Number.NaN, NOW_MS)).toBe(0);
  });
});
