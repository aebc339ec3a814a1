import type { Page, PagePosition } from '../../autodesk/client/api.ts';
import { PageCapError } from '../../autodesk/http/errors.ts';
import { isUsableId } from '../../ids.ts';
import { isJsonObject, type Json } from '../../json.ts';
import { requireResource } from '../../resources/registry.ts';
import type { ParentList } from '../../resources/resource.ts';
import { type Learned, type LeasedPartition, stepOf } from '../partitions/leased-partition.ts';
import { PAGE_CAP, PAGE_LIMIT, PAGE_TIME_MS, type WalkOutcome } from '../state/page-limits.ts';
import { addCounts, type Checkpoint, noCounts } from '../state/partition.ts';
import type { Counts } from '../state/run.ts';
import type { KeptPart } from '../state/stores.ts';
import { hasVanished } from '../storing/read-by-id.ts';
import { completeRow, endChildLists, storeRows } from '../storing/store-children.ts';
import { watchCursor } from './loop-detector.ts';

/** Batches between two checkpoints; a longer batch has some of its own. */
const BATCHES_A_STEP = 10;

/**
 * Reads the lists of a partition's parents, one after another or as many as one request may ask for, from the
 * checkpoint on. What a parent's list no longer shows once it has been read whole is marked as gone.
 */
export async function walkChildren(leased: LeasedPartition): Promise<WalkOutcome> {
  const { ports } = leased;
  const { by } = parentOf(leased);
  const learned = await learnedOfParents(leased);
  const { afterId = '', batch } = leased.current.checkpoint;
  let { pages } = leased.current.checkpoint;
  const done = batch?.parents.at(-1) ?? afterId;
  const ids = (await parentIds(leased)).filter((id) => id > done);
  const todo = [...(batch ? [batch.parents] : []), ...batchesOf(ids, by.kind === 'filter' ? by.atOnce : 1)];
  let step: Step = NOTHING;
  for (const [index, parents] of todo.entries()) {
    const read = await readBatch(leased, parents, step, learned);
    if (read === 'out-of-time') return read;
    step = read;
    const pause = ports.timeLeftMs() <= PAGE_TIME_MS;
    const more = index < todo.length - 1;
    if (more && (pause || (index + 1) % BATCHES_A_STEP === 0)) {
      pages += 1;
      const afterBatch = { pages, afterId: parents.at(-1) ?? '' };
      await leased.checkpoint(afterBatch, stepOf(step.counts, step.pages), false, learned);
      step = NOTHING;
      if (pause) return 'out-of-time';
    }
  }
  await leased.checkpoint({ pages: pages + 1 }, stepOf(step.counts, step.pages), true, learned);
  return 'done';
}

interface Step {
  counts: Counts;
  pages: number;
}

const NOTHING: Step = { counts: noCounts(), pages: 0 };

/** Reads the lists of a few parents to their end. Counts that a checkpoint has stored are not answered again. */
async function readBatch(
  leased: LeasedPartition,
  parents: readonly string[],
  before: Step,
  learned: Learned,
): Promise<Step | 'out-of-time'> {
  const { resource, scope, ports, current } = leased;
  const { origin, id } = current;
  const name = parents[0] ?? '';
  const { batch: begun } = current.checkpoint;
  const resumed = begun?.parents[0] === name ? begun : undefined;
  let chunks = resumed?.chunks ?? 0;
  let loop = resumed?.loop;
  let readAt = resumed?.readAt;
  let position: PagePosition | undefined = resumed?.position;
  const parts: KeptPart[] = resumed ? await ports.partitions.keptParts(origin, id, name, chunks) : [];
  let step = before;
  for (;;) {
    const page = await pageUnlessGone(leased, parents, position);
    if (page === undefined) return { ...step, pages: step.pages + 1 };
    readAt ??= page.readAt;
    if (page.next !== undefined && 'cursor' in page.next) {
      loop = watchCursor(loop, page.next.cursor, resource.name);
    }
    const rows = await Promise.all(page.records.map((row) => completeRow(row, resource, scope, ports)));
    const stored = await storeRows(rows, {
      resource,
      scope,
      parentOf: (row) => parentIdOf(row, parents, parentOf(leased)),
      readAt: page.readAt,
      origin: { runId: leased.run.id, page: `${id}/${name}/${chunks}` },
      ports,
    });
    parts.push(...stored.parts);
    step = { counts: addCounts(step.counts, stored.counts), pages: step.pages + 1 };
    if (page.next === undefined) break;
    if (chunks >= PAGE_CAP) throw new PageCapError(resource.name, PAGE_CAP);
    await ports.partitions.keepParts(origin, id, name, chunks, stored.parts);
    chunks += 1;
    position = page.next;
    const batch = { parents: [...parents], readAt, position, chunks, ...(loop && { loop }) };
    const checkpoint: Checkpoint = { ...leased.current.checkpoint, batch };
    await leased.checkpoint(checkpoint, stepOf(step.counts, step.pages), false, learned);
    step = NOTHING;
    if (ports.timeLeftMs() <= PAGE_TIME_MS) return 'out-of-time';
  }
  const deleted = await endChildLists(resource.name, parents, parts, readAt, ports);
  return { ...step, counts: addCounts(step.counts, { ...noCounts(), deleted }) };
}

/** Undefined when the one parent that was asked for has vanished: its own list will tell, and its children go with it. */
async function pageUnlessGone(
  { resource, scope, ports }: LeasedPartition,
  parents: readonly string[],
  position: PagePosition | undefined,
): Promise<Page | undefined> {
  try {
    return await ports.api.list({
      resource,
      scope,
      parents,
      limit: PAGE_LIMIT,
      ...(position && { position }),
    });
  } catch (error) {
    const [id] = parents;
    const parent = resource.parent?.by.kind === 'path' ? requireResource(resource.parent.name) : undefined;
    if (parent === undefined || id === undefined) throw error;
    if (!(await hasVanished(error, id, parent, scope, ports))) throw error;
    return undefined;
  }
}

function parentIdOf(row: Json, parents: readonly string[], { by }: ParentList): string | undefined {
  if (by.kind === 'path') return parents[0];
  const id = isJsonObject(row) ? row[by.field] : undefined;
  return isUsableId(id) && parents.includes(id) ? id : undefined;
}

/** The parents whose lists are due, in the order of their ids. */
async function parentIds(leased: LeasedPartition): Promise<string[]> {
  const { scope, ports, current } = leased;
  if (current.work.kind !== 'children') return [];
  const { since, shard } = current.work;
  const which = { ...(since !== undefined && { since }), ...(shard !== undefined && { shard }) };
  const ids: string[] = [];
  for await (const keys of ports.records.liveKeys(parentOf(leased).name, scope, which)) {
    ids.push(...keys.map((key) => key.id));
  }
  return ids.sort();
}

/**
 * Until when the stored parents are known to be up to date: what changed of them later will only be found by a later
 * run. Undefined where their list was never read whole; then it is still to be, and asks for another run.
 */
async function learnedOfParents(leased: LeasedPartition): Promise<Learned> {
  const { watermark } = await leased.ports.runs.read(parentOf(leased).name, leased.scope);
  return watermark === undefined ? {} : { readSince: watermark };
}

function parentOf({ resource }: LeasedPartition): ParentList {
  if (resource.parent === undefined) throw new TypeError(`${resource.name} belongs to no other list.`);
  return resource.parent;
}

function batchesOf(ids: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, index) =>
    ids.slice(index * size, (index + 1) * size),
  );
}
