import type { UpdatedAtWindow } from '../../autodesk/client/api.ts';

/** Of a window's time, what its first page may leave unseen at the end and still count as a sample. */
const UNSEEN_SHARE = 0.1;
/** The steepest rise and fall that an estimate from one page is believed. */
const STEEPEST = { rise: 0.2, fall: 5, growth: 8 };
const FEW_RECORDS = 10;
/** Of a page's time, one gap between its records, if they come in bursts. */
const BURST_GAP = 0.3;
/** Half-way through a page of an even list, half of its time has passed; of a list that grows, more. */
const GROWING_MEDIAN = 0.6;

/** How the records of a span of time lie in it, as far as anything tells. */
export interface Spread {
  /** The moment that this share of the records lies before; for a walk from the newest record, after. */
  at(share: number): string;
  /** Nothing but one page tells of it. */
  isGuess: boolean;
}

/**
 * A hundred moments tell quantiles only roughly: a tenth of them may stand for an eighth of the list. Where they could
 * as well come from an even spread, the answer lies half-way between theirs and an even one, which halves that error.
 */
export function spreadOfSample(sorted: readonly string[]): Spread {
  const firstMs = Date.parse(sorted[0] ?? '');
  const widthMs = Date.parse(sorted.at(-1) ?? '') - firstMs;
  const distances = sorted.map((moment, index) =>
    Math.abs((Date.parse(moment) - firstMs) / widthMs - (index + 0.5) / sorted.length),
  );
  // Kolmogorov and Smirnov: at this distance five of a hundred even samples look uneven.
  const mayBeEven = Math.max(...distances) < 1.36 / Math.sqrt(sorted.length);
  return {
    isGuess: false,
    at: (share) => {
      const moment = sorted[Math.floor(sorted.length * share)] ?? '';
      return mayBeEven ? iso((Date.parse(moment) + firstMs + widthMs * share) / 2) : moment;
    },
  };
}

/** Nothing is known but where records begin and end. */
export function evenSpread(start: string, end: string): Spread {
  const startMs = Date.parse(start);
  const widthMs = Date.parse(end) - startMs;
  return { isGuess: true, at: (share) => iso(startMs + widthMs * share) };
}

/**
 * From the moment that a walk has reached to the far end of its window: it begins as densely as records lie on the last
 * page, and holds as many as are left. Of these, `1 - (1 - x)^exponent` lie in the first share `x` of the time.
 */
export function spreadAhead(reached: string, far: string, left: number, onPage: readonly string[]): Spread {
  const reachedMs = Date.parse(reached);
  const widthMs = Date.parse(far) - reachedMs;
  const sorted = onPage.toSorted();
  const pageMs = Date.parse(sorted.at(-1) ?? '') - Date.parse(sorted[0] ?? '');
  const perMs = onPage.length / Math.max(1, pageMs);
  const estimate = clamped((perMs * Math.abs(widthMs)) / left, STEEPEST.fall);
  // A page of few records tells little.
  const exponent = estimate ** (onPage.length / (onPage.length + FEW_RECORDS));
  return { isGuess: true, at: (share) => iso(reachedMs + widthMs * (1 - (1 - share) ** (1 / exponent))) };
}

/**
 * Whether a list grows from its beginning on: much of its first page's time has passed when half of it is there. So it
 * may be where records come in bursts, too; their gaps do not end with the first few records.
 */
export function grows(firstPage: readonly string[]): boolean {
  const ages = agesOf(firstPage);
  const pageMs = ages.at(-1) ?? 0;
  const isInBursts = longestGap(ages.slice(ages.length / 10)) > pageMs * BURST_GAP;
  return !isInBursts && (ages[Math.floor(ages.length / 2)] ?? 0) > pageMs * GROWING_MEDIAN;
}

/**
 * From the beginning of a list that grows to its end: its first page tells how long it took to get so many records, its
 * total how many came until the end, and a power of time joins the two. Shares are of what follows the first `read`
 * records.
 */
export function spreadFromStart(
  firstPage: readonly string[],
  end: string,
  total: number,
  read: number,
): Spread {
  const startMs = Date.parse(firstPage[0] ?? '');
  const widthMs = Date.parse(end) - startMs;
  const pageMs = agesOf(firstPage).at(-1) ?? 0;
  // Where Autodesk's clock is ahead of ours, the page may end after the end.
  const estimate = pageMs < widthMs ? Math.log(firstPage.length / total) / Math.log(pageMs / widthMs) : 1;
  const power = Math.min(STEEPEST.growth, Math.max(1, estimate));
  const at = (share: number) => startMs + widthMs * ((read + share * (total - read)) / total) ** (1 / power);
  return { isGuess: true, at: (share) => iso(at(share)) };
}

function agesOf(sorted: readonly string[]): number[] {
  const startMs = Date.parse(sorted[0] ?? '');
  return sorted.map((moment) => Date.parse(moment) - startMs);
}

/**
 * Of a list that comes newest first and began at an unknown time: records grow sparser with age as a power of it. Told
 * by the ages of those on its first page (Hill's estimator), or else by how many were found since a moment, and how
 * densely they lie there.
 */
export function spreadBack(
  newestFirst: readonly string[],
  left: number,
  since?: { found: number; now: string },
): Spread {
  const newestMs = Date.parse(newestFirst[0] ?? '') + 1;
  const ages = newestFirst.map((moment) => newestMs - Date.parse(moment));
  const oldest = Math.max(...ages);
  const count = newestFirst.length;
  if (since === undefined) {
    // Bursts tell how long their list is by how many of them there are, and nothing by where records are within one.
    const isInBursts = longestGap(ages) > oldest * BURST_GAP;
    const logs = ages.reduce((sum, age) => sum + Math.log(oldest / age), 0);
    return powerOfAge(newestMs, oldest, count, left, isInBursts || logs === 0 ? 1 : count / logs);
  }
  const nowMs = Date.parse(since.now);
  const ageMs = nowMs - (newestMs - oldest);
  return powerOfAge(nowMs, ageMs, since.found, left, ((count / oldest) * ageMs) / since.found);
}

function longestGap(ascending: readonly number[]): number {
  return Math.max(0, ...ascending.slice(1).map((age, index) => age - (ascending[index] ?? 0)));
}

/** So many records were found down to an age; those left follow. */
function powerOfAge(newestMs: number, ageMs: number, found: number, left: number, estimate: number): Spread {
  const power = clamped(estimate, 1);
  const at = (share: number) => newestMs - ageMs * ((found + share * left) / found) ** (1 / power);
  return { isGuess: true, at: (share) => iso(Math.max(0, at(share))) };
}

/** Whether a page in no order speaks for its whole window: one that shows its beginning only ends far from its end. */
export function isSampleOf(window: UpdatedAtWindow, sorted: readonly string[], now: string): boolean {
  const end = Date.parse(window.to ?? now);
  const first = Date.parse(sorted[0] ?? now);
  return end - Date.parse(sorted.at(-1) ?? now) <= (end - first) * UNSEEN_SHARE;
}

function clamped(exponent: number, most: number): number {
  return Math.min(most, Math.max(STEEPEST.rise, exponent));
}

function iso(ms: number): string {
  return new Date(Math.round(ms)).toISOString();
}
