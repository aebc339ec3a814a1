import type { Page, UpdatedAtWindow } from '../../autodesk/client/api.ts';
import { isoTime } from '../../clock.ts';
import { PAGE_LIMIT } from '../state/page-limits.ts';
import type { InOrder, Partition, SplitPlan, WalkProgress } from '../state/partition.ts';
import { listOrderOf, momentsOf, timesOf } from './list-order.ts';
import {
  evenSpread,
  grows,
  isSampleOf,
  type Spread,
  spreadAhead,
  spreadBack,
  spreadFromStart,
  spreadOfSample,
} from './spread.ts';

/** Pages that a part of a window has at least. */
export const LEAST_PAGES = 2;
/** Pages read, for each that is needed. */
const MOST_READ = 1.1;
/** Each part ends with a page that is not full: half of it is lost as a rule. */
const LOST_A_PART = 0.5;
/** Parts that each worker gets one after another of a list that cannot be cut again without reading pages twice. */
const PARTS_A_WORKER = 3;
/** Parts made where one page is all that tells how the rest lies in time: each of them will know more. */
const PARTS_TO_LEARN = 4;
/** Pages of a list of which nothing tells how long it is. */
const PAGES_UNKNOWN = 40;
const LEAST_PAGES_UNKNOWN = 8;
/** Cuts that read a page twice lead to a window at most: estimates can stay wrong. */
const LEVELS = 3;

export interface SplitQuestion {
  window: UpdatedAtWindow;
  /** Absent for a list that was not cut yet. */
  plan?: SplitPlan;
  /** The page that the walk has just got. */
  page: Page;
  /** The walk has come to its first page. */
  isFirst: boolean;
  /** What the walk knows, that page included. */
  progress: WalkProgress;
  /** Records in the window, where Autodesk or the mirror tells. */
  total: number | undefined;
  /** Moments of `updatedAt` in the window, in order, from the mirror; none where it knows none. */
  moments: readonly string[];
  /** The other partitions of the run that read the same list. */
  others: readonly Partition[];
  /** Partitions worked on at once. */
  workers: number;
  now: string;
}

export interface Split {
  /** The moments at which the parts begin, in order, the first part excepted. */
  cuts: string[];
  /** For each of the parts. */
  plan: SplitPlan;
  /** Which of the windows that the cuts make has been read. None: all of them are read from their start. */
  hasRead?: 'first' | 'last';
}

/**
 * Where to cut a window of `updatedAt`; undefined when it is better walked as it is. A walk in order of time, in a list
 * that tells totals, is cut after any page: what it has read is a window of its own. Any other is cut at its first
 * page, which is then read again. A record without `updatedAt` on the page forbids a cut, since windows would miss it.
 */
export function splitOf(question: SplitQuestion): Split | undefined {
  const { page, workers, isFirst, plan } = question;
  const onPage = momentsOf(page);
  if (page.next === undefined || onPage === undefined || workers < 2) return undefined;
  // Nothing tells of the rest but that there is more of the same.
  if (new Set(onPage).size === 1) return undefined;
  const rest = restOf(question);
  if (rest === undefined && (!isFirst || (plan?.level ?? 0) >= LEVELS)) return undefined;
  const records = rest?.records ?? question.total ?? guessedTotal(onPage, question);
  const window = rest?.window ?? question.window;
  const spread = spreadOf(window, records, onPage, rest?.inOrder, question);
  const pages = records / page.records.length;
  const parts = partsOf(pages, rest !== undefined, spread, question);
  if (parts < 2) return undefined;
  const cuts = sharesOf(pages, parts)
    .map(spread.at)
    .filter((cut) => isInside(cut, window));
  if (cuts.length === 0) return undefined;
  const border = rest?.inOrder.direction === 'oldest-first' ? rest.window.from : rest?.window.to;
  return {
    cuts: [...new Set(border === undefined ? cuts : [...cuts, border])].sort(),
    plan: {
      partPages: pages / parts,
      level: (plan?.level ?? 0) + 1,
      listPages: plan?.listPages ?? pages,
      readTwice: rest === undefined ? 1 : 0,
    },
    ...(rest && { hasRead: rest.inOrder.direction === 'oldest-first' ? 'first' : 'last' }),
  };
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

interface Rest {
  inOrder: InOrder;
  window: UpdatedAtWindow;
  records: number;
}

/** What a walk in order of time has not read yet. The records of the last moment belong to it: more may follow them. */
function restOf({ window, progress: { total, inOrder } }: SplitQuestion): Rest | undefined {
  if (total === undefined || inOrder === undefined || inOrder.atLast > PAGE_LIMIT / 4) return undefined;
  const isUp = inOrder.direction === 'oldest-first';
  const border = isUp ? inOrder.last : isoTime(Date.parse(inOrder.last) + 1);
  if (!isInside(border, window)) return undefined;
  return {
    inOrder,
    window: { ...window, [isUp ? 'from' : 'to']: border },
    records: recordsAhead(total, inOrder),
  };
}

/** Those of the last moment, which more may follow, included. */
export function recordsAhead(total: number, { seen, atLast }: InOrder): number {
  return total - (seen - atLast);
}

function isInside(moment: string, { from, to }: UpdatedAtWindow): boolean {
  return (from === undefined || moment > from) && (to === undefined || moment < to);
}

/** How many parts give every worker its share, at a price in calls that the list can bear. */
function partsOf(pages: number, keepsPages: boolean, spread: Spread, question: SplitQuestion): number {
  const { others, workers, plan } = question;
  const open = pages + others.reduce((sum, other) => sum + pagesLeft(other, question.page.records.length), 0);
  const share = open / workers;
  const listPages = plan?.listPages ?? pages;
  const mayLose = (Math.ceil(listPages) * MOST_READ - listPages - lostBy(others, question)) * (pages / open);
  const affordable = Math.floor((mayLose - (keepsPages ? 0 : 1)) / LOST_A_PART);
  const least = question.total === undefined ? LEAST_PAGES_UNKNOWN : LEAST_PAGES;
  const wanted = keepsPages
    ? Math.round(pages / Math.max(share, least))
    : Math.floor(pages / Math.max(share / PARTS_A_WORKER, least));
  const learning = keepsPages && spread.isGuess && plan === undefined ? PARTS_TO_LEARN : wanted;
  const parts = Math.min(wanted, affordable, learning, Math.floor(pages / least));
  // A last round of parts would leave workers idle.
  return !keepsPages && parts > workers ? parts - (parts % workers) : parts;
}

/** Calls that cuts have cost the list for good. Windows that may still be cut have their share of what is left. */
function lostBy(others: readonly Partition[], { plan, page }: SplitQuestion): number {
  const readTwice = ({ work }: Partition) => (work.kind === 'list' ? (work.plan?.readTwice ?? 0) : 0);
  return others.reduce(
    (sum, other) => sum + readTwice(other) + lostAtEnd(other, page.records.length),
    plan?.readTwice ?? 0,
  );
}

/** Of the last page of a window, the share that is not filled. */
function lostAtEnd(partition: Partition, perPage: number): number {
  const { state, checkpoint } = partition;
  if (checkpoint.handedOver !== undefined || checkpoint.total === undefined) return 0;
  const isInOrder = state === 'open' && checkpoint.inOrder !== undefined;
  if (isInOrder && pagesLeft(partition, perPage) >= 2 * LEAST_PAGES) return 0;
  const pages = checkpoint.total / perPage;
  return Math.max(1, Math.ceil(pages)) - pages;
}

function pagesLeft({ state, work, checkpoint }: Partition, perPage: number): number {
  if (state === 'done') return 0;
  const planned = work.kind === 'list' ? work.plan?.partPages : undefined;
  const all = checkpoint.total === undefined ? planned : checkpoint.total / perPage;
  return Math.max(0, (all ?? 0) - checkpoint.pages);
}

/** Of the records, which shares to cut after: whole pages, so that as few as can be are not full. */
function sharesOf(pages: number, parts: number): number[] {
  const whole = Math.max(parts, Math.ceil(pages));
  const spare = (whole - pages) / parts;
  return Array.from({ length: parts - 1 }, (_, index) => {
    const pagesBefore = Math.round((whole * (index + 1)) / parts) - spare * (index + 1);
    return pagesBefore / pages;
  });
}

/** The order of the list decides what its page says of the rest, `window`, of so many records. */
function spreadOf(
  window: UpdatedAtWindow,
  records: number,
  onPage: readonly string[],
  inOrder: InOrder | undefined,
  question: SplitQuestion,
): Spread {
  const { page, moments, now } = question;
  const known = moments.filter((moment) => isInside(moment, window));
  if (known.length > 0) return spreadOfSample(known);
  const sorted = onPage.toSorted();
  const order = inOrder?.direction ?? listOrderOf(page.records);
  if (order === 'newest-first') return spreadTowardsStart(window, records, sorted, inOrder, question);
  if (order === 'unknown' && isSampleOf(window, sorted, now)) return spreadOfSample(sorted);
  const isStart = order === 'oldest-first' && question.window.from === undefined;
  return spreadTowardsEnd(window, records, sorted, inOrder, isStart, question);
}

function spreadTowardsStart(
  window: UpdatedAtWindow,
  records: number,
  onPage: readonly string[],
  inOrder: InOrder | undefined,
  { plan, page, now }: SplitQuestion,
): Spread {
  const end = window.to ?? now;
  if (window.from === undefined) {
    const found = (plan?.listPages ?? 0) * page.records.length - records;
    return spreadBack(onPage.toReversed(), records, found > 0 ? { found, now } : undefined);
  }
  if (inOrder === undefined) return evenSpread(end, window.from);
  return spreadAhead(inOrder.last, window.from, records, onPage);
}

/** `isStart`: the walk began where the list does, so that its first page tells how the list began. */
function spreadTowardsEnd(
  window: UpdatedAtWindow,
  records: number,
  onPage: readonly string[],
  inOrder: InOrder | undefined,
  isStart: boolean,
  { page, now }: SplitQuestion,
): Spread {
  const end = window.to ?? now;
  if (inOrder !== undefined) {
    const read = inOrder.seen - inOrder.atLast;
    return isStart && inOrder.seen === onPage.length && grows(onPage)
      ? spreadFromStart(onPage, end, records + read, read)
      : spreadAhead(inOrder.last, end, records, onPage);
  }
  const created = isStart ? timesOf(page, 'createdAt')?.toSorted() : undefined;
  const [first] = created ?? [];
  if (created === undefined || first === undefined) return evenSpread(window.from ?? onPage[0] ?? end, end);
  return grows(created)
    ? spreadFromStart(created, end, records, 0)
    : spreadAhead(first, end, records, created);
}

/** A list in the order of time is as long as the time that its first page leaves; nothing tells of any other. */
function guessedTotal(onPage: readonly string[], { page, window, now }: SplitQuestion): number {
  const guess = PAGES_UNKNOWN * PAGE_LIMIT;
  const order = listOrderOf(page.records);
  if (order === 'newest-first') return 0;
  if (order === 'unknown') return guess;
  const sorted = onPage.toSorted();
  const [first = now] = sorted;
  const seenMs = Date.parse(sorted.at(-1) ?? now) - Date.parse(first);
  const wholeMs = Date.parse(window.to ?? now) - Date.parse(first);
  return Math.min(guess, seenMs === 0 ? guess : (page.records.length * wholeMs) / seenMs);
}
