import { type Clock, isoTime } from '../clock.ts';
import type { Randomness } from '../randomness.ts';

/** Names a publication's files, and sorts by time. */
export function newPublication(clock: Clock, randomness: Randomness): string {
  return `${momentIn(isoTime(clock.now()))}-${randomness.hex(4)}`;
}

/**
 * Those of the publications that no reader can be reading any more: replaced, or given up half-way, before a moment in
 * ISO 8601. The next one in time is taken for what replaced it.
 */
export function outdated(
  publications: readonly string[],
  current: string | undefined,
  before: string,
): string[] {
  const sorted = [...publications].sort();
  return sorted.filter((publication, index) => {
    if (publication === current) return false;
    const replacedBy = sorted[index + 1] ?? publication;
    return replacedBy < momentIn(before);
  });
}

function momentIn(isoMoment: string): string {
  return isoMoment.replaceAll(/\W/g, '');
}
