import { describe, expect, it } from 'vitest';
import { timeText, timeZoneName } from '../../shared/time-text.ts';

describe('a time for people', () => {
  it.each([
    ['2026-07-18T02:07:00.000Z', 'UTC', 'Jul 18, 2026, 2:07 AM UTC'],
    ['2026-07-18T02:07:59.999Z', 'America/Chicago', 'Jul 17, 2026, 9:07 PM CDT'],
    ['2026-01-05T18:00:00Z', 'America/Chicago', 'Jan 5, 2026, 12:00 PM CST'],
    ['2026-01-05T06:30:00Z', 'America/Chicago', 'Jan 5, 2026, 12:30 AM CST'],
  ])('says %s in %s as %s', (iso, zone, text) => {
    expect(timeText(iso, zone)).toBe(text);
  });

  it('is plain ASCII', () => {
    expect(timeText('2026-07-18T02:07:00.000Z', 'America/New_York')).toMatch(/^[\x20-\x7e]+$/);
  });

  it('does not fail for a text that is no time', () => {
    expect(timeText('soon', 'UTC')).toBe('unknown time');
  });
});

describe('the setting of the time zone', () => {
  it.each(['UTC', 'America/Chicago', 'Europe/Berlin'])('may be %s', (name) => {
    expect(timeZoneName.parse(name)).toBe(name);
  });

  it.each(['Chicago', 'America/Springfield', '', '+05:00'])('may not be %j', (name) => {
    expect(timeZoneName.safeParse(name).error?.issues[0]?.message).toContain('America/Chicago');
  });
});
