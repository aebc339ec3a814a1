import type { ListRequest, Page, PagePosition } from '../../autodesk/client/api.ts';
import { mayBeRefusedCursor, PageCapError } from '../../autodesk/http/errors.ts';
import { isUsableId } from '../../ids.ts';
import { isJsonObject, type Json } from '../../json.ts';
import type { RecordHead } from '../../records/record.ts';
import { hashIds } from '../deletions/seen-ids.ts';
import { type LeasedPartition, stepOf } from '../partitions/leased-partition.ts';
import { progressAfter, timeOf } from '../partitions/list-order.ts';
import { finishSplit, splitPartition } from '../partitions/split-partition.ts';
import { PAGE_CAP, PAGE_LIMIT, PAGE_TIME_MS, type WalkOutcome } from '../state/page-limits.ts';
import { addCounts, type Checkpoint, noCounts } from '../state/partition.ts';
import { acceptPage } from '../storing/store-page.ts';
import { storeVersions } from '../storing/store-versions.ts';
import { watchCursor } from './loop-detector.ts';
import { hasLongList, storeNested } from './store-nested.ts';

/**
 * Reads a list from its checkpoint to its end. The order of effects for each page: records and ids seen, checkpoint;
 * a crash between them repeats a page and skips none. The next page is on its way while one is stored, unless lists
 * on that one go on beyond it: whoever resumes a walk reads two pages again at most.
 */
export async function walkList(leased: LeasedPartition): Promise<WalkOutcome> {
  try {
    return await walk(leased);
  } catch (error) {
    const { checkpoint, restarted } = leased.current;
    if (restarted || checkpoint.position === undefined || !mayBeRefusedCursor(error)) throw error;
    await leased.restart();
    return walk(leased);
  }
}

async function walk(leased: LeasedPartition): Promise<WalkOutcome> {
  const { resource, ports } = leased;
  await finishSplit(leased);
  const fetch = (position: PagePosition | undefined) => {
    const page = ports.api.list({ ...requestOf(leased), ...(position && { position }) });
    // It may fail while the page before it is still being stored; whoever awaits it gets the failure.
    page.catch(() => {});
    return page;
  };
  let coming = fetch(leased.current.checkpoint.position);
  for (;;) {
    const page = await coming;
    const progress = progressAfter(leased.current.checkpoint, leased.current.checkpoint.pages === 0, page);
    const cut = await splitPartition(page, progress, leased);
    if (cut?.kind === 'read-again') {
      coming = fetch(undefined);
      continue;
    }
    const { checkpoint } = leased.current;
    const end = cut !== undefined || page.next === undefined || isPastWindow(page, leased.current.work);
    const loop =
      page.next !== undefined && 'cursor' in page.next
        ? watchCursor(checkpoint.loop, page.next.cursor, resource.name)
        : checkpoint.loop;
    if (checkpoint.pages + 1 >= PAGE_CAP) throw new PageCapError(resource.name, PAGE_CAP);
    const goOn = !end && ports.timeLeftMs() > PAGE_TIME_MS;
    const ahead = goOn && !hasLongList(page, resource);
    if (ahead) coming = fetch(page.next);

    const step = await storePage(page, leased);
    if (step === 'out-of-time') return step;
    const next: Checkpoint = {
      pages: checkpoint.pages + 1,
      ...(page.next && !end && { position: page.next }),
      ...(loop && { loop }),
      ...progress,
      ...(cut && { handedOver: cut.handedOver }),
    };
    await leased.checkpoint(next, step, end, {
      readSince: earlier(page.serverDate, page.readAt),
      ...(progress.total !== undefined && { total: progress.total }),
      ...(cut && { window: cut.window }),
    });
    if (end) return 'done';
    if (!goOn) return 'out-of-time';
    if (!ahead) coming = fetch(page.next);
  }
}

function requestOf({ resource, scope, current: { work } }: LeasedPartition): Omit<ListRequest, 'position'> {
  return {
    resource,
    scope,
    limit: PAGE_LIMIT,
    ...(work.kind === 'list' && work.window && { window: work.window }),
    ...(work.kind === 'newest-first' && { newestFirst: true }),
  };
}

async function storePage(page: Page, leased: LeasedPartition) {
  const { resource, scope, run, ports } = leased;
  const { id, checkpoint } = leased.current;
  const origin = { runId: run.id, page: `${id}/${checkpoint.pages}` };
  const accepted = await acceptPage(resource, scope, page.records, page.readAt, run.id, ports);
  const aside = { ...noCounts(), fetched: accepted.quarantined, quarantined: accepted.quarantined };
  await keepSeen(page.records, leased);
  const versions = accepted.entries.map((entry) => entry.version);
  // In a first load next to nothing is stored, and what is shows when it is written.
  const isNew = run.first === true && resource.nested === undefined;
  const heads = isNew ? NO_HEADS : await ports.records.heads(versions);
  if (resource.nested === undefined) {
    return stepOf(addCounts(aside, await storeVersions(versions, heads, origin, ports)), 1);
  }
  const believesHash = run.mode === 'incremental';
  const { entries } = accepted;
  const stored = await storeNested({ entries, heads, origin, believesHash, leased });
  if (stored === 'out-of-time') return stored;
  return stepOf(addCounts(aside, stored.counts), 1 + stored.pages, stored.lineItems);
}

const NO_HEADS: ReadonlyMap<string, RecordHead> = new Map();

/**
 * A full run keeps all ids, to find what is gone: a first load, too, because the run after a failed one goes on with
 * its partitions. Any run keeps those that need not be read again at its end. What cannot be stored is there all the
 * same: an older version that is stored is not gone.
 */
async function keepSeen(sent: readonly Json[], leased: LeasedPartition): Promise<void> {
  const { resource, run, ports } = leased;
  const { origin, id, checkpoint } = leased.current;
  const kept = sent
    .filter(isJsonObject)
    .filter((record) => run.mode === 'full' || resource.attention?.needed(record))
    .map(({ id }) => id)
    .filter(isUsableId);
  if (kept.length > 0) await ports.partitions.addSeen(origin, id, checkpoint.pages, hashIds(kept));
}

/** Whether a walk from the newest record has reached one from before its window. A page out of order proves nothing. */
function isPastWindow(page: Page, work: LeasedPartition['current']['work']): boolean {
  if (work.kind !== 'newest-first' || work.until === undefined) return false;
  const created = page.records
    .map((record) => timeOf(record, 'createdAt'))
    .filter((moment) => moment !== undefined);
  const ordered = created.every((moment, index) => index === 0 || moment <= (created[index - 1] ?? moment));
  const last = created.at(-1);
  return ordered && last !== undefined && created.length > 1 && last < work.until;
}

function earlier(serverDate: string | undefined, readAt: string): string {
  return serverDate !== undefined && serverDate < readAt ? serverDate : readAt;
}
