import * as z from 'zod';
import { type Counts, type RunTotals, runPhase, runTotals } from './run.ts';

const moment = z.string();
const pagePosition = z.union([z.object({ cursor: z.string() }), z.object({ offset: z.number() })]);

/** How a window came about by cutting a longer one; it may be cut again. */
const splitPlan = z.object({
  /** Pages that each part was meant to have. */
  partPages: z.number(),
  /** Cuts that have led to this window. */
  level: z.number(),
  /** Pages of the whole list, as far as was known when it was first cut. */
  listPages: z.number().exactOptional(),
  /** Pages that are read again because of this cut, by the part that keeps the partition. */
  readTwice: z.number().exactOptional(),
  /** It is to be read from start to end, because its order was not what it seemed. */
  uncut: z.literal(true).exactOptional(),
});
export type SplitPlan = z.infer<typeof splitPlan>;

/** What all pages of a walk have shown so far when each record came after the one before by `updatedAt`. */
const inOrder = z.object({
  direction: z.enum(['oldest-first', 'newest-first']),
  /** The moment of the last record. */
  last: moment,
  /** Records read, and how many of them have that moment. */
  seen: z.number(),
  atLast: z.number(),
});
export type InOrder = z.infer<typeof inOrder>;

/** What a walk knows of its window. */
const walkProgress = z.object({
  /** Records in it, where Autodesk tells. */
  total: z.number().exactOptional(),
  inOrder: inOrder.exactOptional(),
});
export type WalkProgress = z.infer<typeof walkProgress>;

/** What a partition of a run has to do. */
const partitionWork = z.discriminatedUnion('kind', [
  /** Read a list, or the part of it whose `updatedAt` lies in `[from, to)`. */
  z.object({
    kind: z.literal('list'),
    window: z.object({ from: moment.exactOptional(), to: moment.exactOptional() }).exactOptional(),
    plan: splitPlan.exactOptional(),
  }),
  /** Read a list from its newest record back to the first that was created before a moment. */
  z.object({ kind: z.literal('newest-first'), until: moment.exactOptional() }),
  /** Read the lists of parents: all of them or those of one shard, or those that were updated since a moment. */
  z.object({
    kind: z.literal('children'),
    shard: z.number().exactOptional(),
    since: moment.exactOptional(),
  }),
  /** Read by id the records that need attention, are not settled and were not read in this run. */
  z.object({ kind: z.literal('re-read') }),
  /** Find the stored records that a full sweep did not see, or whose parents are gone, and judge each. */
  z.object({ kind: z.literal('reconcile') }),
]);
export type PartitionWork = z.infer<typeof partitionWork>;

/** The reference cursor of the loop detector. */
const loop = z.object({ cursor: z.string(), power: z.number(), steps: z.number() }).exactOptional();

/** How far a partition has come: everything before it is stored. */
const checkpoint = z.object({
  ...walkProgress.shape,
  /** Pages stored. */
  pages: z.number(),
  /** The next page; absent at the start. */
  position: pagePosition.exactOptional(),
  /** For walks over ids: the last id done. */
  afterId: z.string().exactOptional(),
  /**
   * Inside the page at `position`: the record one of whose lists is being read, that list by its place among them, where
   * it goes on, the chunks of parts kept so far, and the records of the page that are counted already. What an earlier version wrote in another shape counts as none: the
   * page is read again from its start.
   */
  inside: z
    .object({
      recordId: z.string(),
      list: z.number(),
      position: pagePosition,
      chunks: z.number(),
      counted: z.array(z.string()),
      loop,
    })
    .optional()
    .catch(undefined),
  /**
   * Of child lists: the parents whose lists are being read, since when, where they go on, and the chunks of parts kept
   * so far under the first one's id.
   */
  batch: z
    .object({
      parents: z.array(z.string()),
      readAt: moment,
      position: pagePosition,
      chunks: z.number(),
      loop,
    })
    .exactOptional(),
  loop,
  /** A split that is under way: the moments at which it cuts the window, and what its parts are to know. */
  split: z
    .object({ cuts: z.array(moment), plan: splitPlan, hasRead: z.enum(['first', 'last']).exactOptional() })
    .exactOptional(),
  /**
   * Of a walk that has ended early: the partitions that read the rest of its window, and how many records that was by
   * its total. If theirs hold fewer, the list did not come in order.
   */
  handedOver: z.object({ children: z.array(z.string()), records: z.number() }).exactOptional(),
});
export type Checkpoint = z.infer<typeof checkpoint>;

export const partition = z.object({
  runId: z.string(),
  id: z.string(),
  phase: runPhase,
  work: partitionWork,
  state: z.enum(['open', 'done']),
  /** The run that created it, under which its seen ids are kept. Differs from `runId` when a successor adopted it. */
  origin: z.string(),
  checkpoint,
  totals: runTotals,
  /** Raised by every owner; a write with an older fence fails. */
  fence: z.number(),
  /** The present owner; absent when none works on it. */
  lease: z.object({ owner: z.string(), untilMs: z.number() }).exactOptional(),
  /** Not to be taken up before this moment, in milliseconds. */
  notBeforeMs: z.number(),
  /** Taken up after an owner had vanished, since the last progress. */
  resumes: z.number(),
  /** Failures that may pass, since the last progress. */
  failures: z.number(),
  /** A refused cursor has made it start again. */
  restarted: z.boolean(),
  /** Records in the window it was made for, as its first page told. */
  firstTotal: z.number().exactOptional(),
  /** When its first page was read: the server's date, or ours where that is earlier or none was sent. */
  readSince: moment.exactOptional(),
  finishedAt: moment.exactOptional(),
});
export type Partition = z.infer<typeof partition>;

export const LEASE_MS = 60_000;

export function noCounts(): Counts {
  return { fetched: 0, created: 0, updated: 0, unchanged: 0, deleted: 0, quarantined: 0 };
}

export function noTotals(): RunTotals {
  return { counts: noCounts(), pages: 0, apiCalls: 0, readUnits: 0, writeUnits: 0 };
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    fetched: a.fetched + b.fetched,
    created: a.created + b.created,
    updated: a.updated + b.updated,
    unchanged: a.unchanged + b.unchanged,
    deleted: a.deleted + b.deleted,
    quarantined: a.quarantined + b.quarantined,
  };
}

export function addTotals(a: RunTotals, b: RunTotals): RunTotals {
  const lineItems =
    a.lineItems && b.lineItems ? addCounts(a.lineItems, b.lineItems) : (a.lineItems ?? b.lineItems);
  return {
    counts: addCounts(a.counts, b.counts),
    ...(lineItems && { lineItems }),
    pages: a.pages + b.pages,
    apiCalls: a.apiCalls + b.apiCalls,
    readUnits: a.readUnits + b.readUnits,
    writeUnits: a.writeUnits + b.writeUnits,
  };
}
