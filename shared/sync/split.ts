import type { Page, UpdatedAtWindow } from '../autodesk/api.ts';
import { isJsonObject } from '../json.ts';
import { comparableTime } from '../records/content-hash.ts';

/**
 * A window is cut only into parts that fill this many pages, because each part ends with a page that is not full:
 * so the pages read beyond the needed ones stay within a tenth.
 */
const PAGES_A_PART = 10;
/** Parts of a list of unknown length. */
const PARTS_UNKNOWN = 5;

/** Of a window's time, what its first page may leave unseen at the end and still count as a sample. */
const UNSEEN_SHARE = 0.1;

export interface SplitQuestion {
  window: UpdatedAtWindow;
  /** The first page of the window. */
  page: Page;
  /** Records in the window, where Autodesk or the mirror tells. */
  total: number | undefined;
  /** Moments of `updatedAt` in the window, in order: from the mirror, or from the page where there are none. */
  moments: readonly string[];
  pageLimit: number;
  maxParts: number;
  now: string;
}

/**
 * Where to cut a window of `updatedAt`: the moments at which its parts begin, in order, the first part excepted;
 * none when it is better walked as it is. A record without `updatedAt` on the page forbids a cut, since windows
 * would miss it.
 */
export function cutsOf(question: SplitQuestion): string[] {
  const { window, page, total, moments, pageLimit, maxParts, now } = question;
  const onPage = momentsOf(page);
  if (page.next === undefined || onPage === undefined) return [];
  const pages = total === undefined ? PARTS_UNKNOWN * PAGES_A_PART : Math.ceil(total / pageLimit);
  const parts = Math.min(maxParts, Math.floor(pages / PAGES_A_PART));
  if (parts < 2) return [];
  const end = window.to ?? now;
  const sample = moments.length > 0 ? moments : [...onPage].sort();
  const cuts =
    moments.length > 0 || reaches(sample, end)
      ? quantiles(sample, parts)
      : evenCuts(sample[0] ?? end, end, parts);
  const inside = cuts.filter(
    (cut) => (window.from === undefined || cut > window.from) && (window.to === undefined || cut < window.to),
  );
  return [...new Set(inside)].sort();
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

/** `updatedAt` of every record on a page, or undefined where one has none. */
function momentsOf(page: Page): string[] | undefined {
  const moments = page.records.map((record) =>
    isJsonObject(record) ? comparableTime(record.updatedAt) : undefined,
  );
  const known = moments.filter((moment) => moment !== undefined);
  return known.length === moments.length && known.length > 0 ? known : undefined;
}

/**
 * Whether a first page speaks for its whole window. A page of a list in the order of time, or of ids that grow with
 * time, shows the beginning of the window only, and its latest moment lies far from the end.
 */
function reaches(sorted: readonly string[], end: string): boolean {
  const first = Date.parse(sorted[0] ?? end);
  const last = Date.parse(sorted.at(-1) ?? end);
  return Date.parse(end) - last <= (Date.parse(end) - first) * UNSEEN_SHARE;
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
