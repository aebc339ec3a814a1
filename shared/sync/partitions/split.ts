import type { Page, UpdatedAtWindow } from '../../autodesk/client/api.ts';
import { isJsonObject } from '../../json.ts';
import { comparableTime } from '../../records/content-hash.ts';
import type { SplitPlan } from '../state/partition.ts';
import { listOrderOf } from './list-order.ts';

/** Pages that a part of a window has at least. */
const LEAST_PAGES = 8;
/**
 * Pages read, for each that is needed. Cutting reads one page twice, and each part ends with a page that is not full:
 * half a page each as a rule, but parts of equal length may all end with a nearly empty one.
 */
const MOST_READ = 1.1;
/** Parts that each worker gets one after another, so that they end at about the same time though parts differ. */
const PARTS_A_WORKER = 3;
/** Parts of a list of unknown length. */
const PARTS_UNKNOWN = 5;
/** A part that turns out much too long is cut again, but not for ever: estimates can stay wrong. */
const LEVELS = 3;
/** Of a window's time, what its first page may leave unseen at the end and still count as a sample. */
const UNSEEN_SHARE = 0.1;

export interface SplitQuestion {
  window: UpdatedAtWindow;
  /** Absent for a list that was not cut yet. */
  plan?: SplitPlan;
  /** The first page of the window. */
  page: Page;
  /** Records in the window, where Autodesk or the mirror tells. */
  total: number | undefined;
  /** Moments of `updatedAt` in the window, in order, from the mirror; none where it knows none. */
  moments: readonly string[];
  pageLimit: number;
  /** Partitions worked on at once. */
  workers: number;
  now: string;
}

export interface Split {
  /** The moments at which the parts begin, in order, the first part excepted. */
  cuts: string[];
  /** For each of the parts. */
  plan: SplitPlan;
}

/**
 * Where to cut a window of `updatedAt`; undefined when it is better walked as it is. A record without `updatedAt` on
 * the page forbids a cut, since windows would miss it.
 */
export function splitOf(question: SplitQuestion): Split | undefined {
  const { window, page, workers, pageLimit } = question;
  const { level, partPages: planned } = question.plan ?? { level: 0, partPages: undefined };
  const onPage = momentsOf(page);
  if (page.next === undefined || onPage === undefined || workers < 2 || level === LEVELS) return undefined;
  const pages = (question.total ?? guessedTotal(question)) / pageLimit;
  const spread = spreadOf(onPage, pages, question);
  const partPages = planned ?? Math.max(LEAST_PAGES, Math.ceil(pages / (workers * PARTS_A_WORKER)));
  const most = Math.floor(pages / partPages);
  const parts = spread.kind === 'sample' ? most : equalParts(most, pages, workers);
  if (parts < 2) return undefined;
  const inside = cutsInto(parts, spread).filter(
    (cut) => (window.from === undefined || cut > window.from) && (window.to === undefined || cut < window.to),
  );
  const cuts = [...new Set(inside)].sort();
  return cuts.length === 0 ? undefined : { cuts, plan: { partPages, level: level + 1 } };
}

/** The windows that cuts make of a window. */
export function windowsOf(window: UpdatedAtWindow, cuts: readonly string[]): UpdatedAtWindow[] {
  const starts = [window.from, ...cuts];
  const ends = [...cuts, window.to];
  return starts.map((from, index) => {
    const to = ends[index];
    return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  });
}

/** The number of equal parts, at most so many, that are worth their calls and leave no worker idle in a last round. */
function equalParts(most: number, pages: number, workers: number): number {
  if (most > workers) return most - (most % workers);
  for (let parts = most; parts > 1; parts -= 1) {
    const each = pages / parts;
    // Parts that hold whole pages exactly: wherever the cuts fall, one of them at least stays below.
    const read = Number.isInteger(each) ? pages + parts - 1 : Math.ceil(each) * parts;
    if (1 + read <= pages * MOST_READ) return parts;
  }
  return 1;
}

/** How the records of a window lie in its time, as far as anything tells. */
type Spread =
  /** The mirror knows their moments. */
  | { kind: 'known'; moments: readonly string[] }
  /** Some moments, at random. */
  | { kind: 'sample'; moments: readonly string[] }
  /** Nothing is known but where they begin and end. */
  | { kind: 'even'; from: string; to: string };

/** The order of the list decides what its first page says of the rest. */
function spreadOf(
  onPage: readonly string[],
  pages: number,
  { page, moments, window, now }: SplitQuestion,
): Spread {
  if (moments.length > 0) return { kind: 'known', moments };
  const sample = [...onPage].sort();
  const end = window.to ?? now;
  const [first = end] = sample;
  const order = listOrderOf(page.records);
  if (order === 'newest-first') {
    const width = Date.parse(end) - Date.parse(first);
    const from = window.from ?? new Date(Date.parse(end) - width * pages).toISOString();
    return { kind: 'even', from, to: end };
  }
  const isSample = order === 'unknown' && reaches(sample, end);
  return isSample ? { kind: 'sample', moments: sample } : { kind: 'even', from: first, to: end };
}

function cutsInto(parts: number, spread: Spread): string[] {
  switch (spread.kind) {
    case 'known':
      return quantiles(spread.moments, parts);
    case 'sample':
      return cutsOfSample(spread.moments, parts);
    case 'even':
      return evenCuts(spread.from, spread.to, parts);
  }
}

/** A list in the order of time is as long as the time that its first page leaves; nothing tells of any other. */
function guessedTotal({ page, window, now, pageLimit }: SplitQuestion): number {
  const guess = PARTS_UNKNOWN * LEAST_PAGES * pageLimit;
  const order = listOrderOf(page.records);
  if (order === 'newest-first') return 0;
  if (order === 'unknown') return guess;
  const sample = (momentsOf(page) ?? []).sort();
  const [first = now] = sample;
  const seenMs = Date.parse(sample.at(-1) ?? now) - Date.parse(first);
  const wholeMs = Date.parse(window.to ?? now) - Date.parse(first);
  return Math.min(guess, seenMs === 0 ? guess : (page.records.length * wholeMs) / seenMs);
}

/** `updatedAt` of every record on a page, or undefined where one has none. */
function momentsOf(page: Page): string[] | undefined {
  const moments = page.records.map((record) =>
    isJsonObject(record) ? comparableTime(record.updatedAt) : undefined,
  );
  const known = moments.filter((moment) => moment !== undefined);
  return known.length === moments.length && known.length > 0 ? known : undefined;
}

/**
 * Whether a first page speaks for its whole window: one that shows its beginning only ends far from the window's end.
 */
function reaches(sorted: readonly string[], end: string): boolean {
  const first = Date.parse(sorted[0] ?? end);
  const last = Date.parse(sorted.at(-1) ?? end);
  return Date.parse(end) - last <= (Date.parse(end) - first) * UNSEEN_SHARE;
}

/**
 * A hundred moments tell quantiles only roughly: a tenth of them may stand for an eighth of the list. Where they could
 * as well come from an even spread, the cuts lie half-way between theirs and even ones, which halves that error.
 */
function cutsOfSample(sorted: readonly string[], parts: number): string[] {
  const cuts = quantiles(sorted, parts);
  const first = Date.parse(sorted[0] ?? '');
  const last = Date.parse(sorted.at(-1) ?? '');
  const distances = sorted.map((moment, index) =>
    Math.abs((Date.parse(moment) - first) / (last - first) - (index + 0.5) / sorted.length),
  );
  // Kolmogorov and Smirnov: at this distance five of a hundred even samples look uneven.
  if (!(Math.max(...distances) < 1.36 / Math.sqrt(sorted.length))) return cuts;
  return cuts.map((cut, index) => {
    const even = first + ((last - first) * (index + 1)) / parts;
    return new Date(Math.round((Date.parse(cut) + even) / 2)).toISOString();
  });
}

/** Moments that cut sorted ones into parts of equal number. */
function quantiles(sorted: readonly string[], parts: number): string[] {
  return Array.from({ length: parts - 1 }, (_, index) => {
    const place = Math.floor((sorted.length * (index + 1)) / parts);
    return sorted[place];
  }).filter((moment) => moment !== undefined);
}

/** Moments that cut a span of time into parts of equal length. */
function evenCuts(from: string, to: string, parts: number): string[] {
  const start = Date.parse(from);
  const width = (Date.parse(to) - start) / parts;
  return Array.from({ length: parts - 1 }, (_, index) =>
    new Date(Math.round(start + width * (index + 1))).toISOString(),
  );
}
