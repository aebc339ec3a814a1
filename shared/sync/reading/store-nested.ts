import type { Page, PagePosition } from '../../autodesk/client/api.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { isJsonObject } from '../../json.ts';
import type { RecordHead } from '../../records/record.ts';
import { keyText } from '../../records/record-store.ts';
import type { NestedList, Resource } from '../../resources/resource.ts';
import { type LeasedPartition, stepOf } from '../partitions/leased-partition.ts';
import { PAGE_LIMIT, PAGE_TIME_MS } from '../state/page-limits.ts';
import { addCounts, type Checkpoint, noCounts } from '../state/partition.ts';
import type { Counts } from '../state/run.ts';
import type { KeptPart } from '../state/stores.ts';
import {
  areListsStored,
  areWhole,
  closeChanged,
  closeUnchanged,
  isStored,
  isSuperseded,
  type JudgedPart,
  judgePart,
  type ListPart,
  type OpenRecord,
  partsIn,
  storeAndClose,
  storePart,
  unchangedPart,
} from '../storing/nested-lists.ts';
import { AbsenceProof, hasVanished } from '../storing/read-by-id.ts';
import type { PageEntry } from '../storing/store-page.ts';
import { type Change, countChanges, type PageOrigin } from '../storing/store-versions.ts';
import { watchCursor } from './loop-detector.ts';

/** Records whose lists came whole are stored side by side; each has writes of its own under way. */
const RECORDS_AT_ONCE = 4;

export interface NestedPage {
  entries: readonly PageEntry[];
  heads: ReadonlyMap<string, RecordHead>;
  origin: PageOrigin;
  believesHash: boolean;
  leased: LeasedPartition;
}

/** What a page came to, apart from what checkpoints inside it have counted already. */
export interface NestedPageResult {
  counts: Counts;
  lineItems: Counts;
  pages: number;
}

/**
 * Stores the records of a page with the elements of their lists. A list that goes on beyond its record is read part by
 * part, with a checkpoint after each, so that a record of any size cannot hold a run up.
 */
export async function storeNested(page: NestedPage): Promise<NestedPageResult | 'out-of-time'> {
  const { entries, leased } = page;
  const nested = leased.resource.nested ?? [];
  const whole = entries.filter((entry) => areWhole(entry.parts, nested));
  const long = entries.filter((entry) => !whole.includes(entry));
  // A page that is resumed inside may show other records by now, or show them otherwise: each is looked at again, and
  // what an earlier worker has stored is not counted twice.
  const inside = leased.current.checkpoint.inside;
  const countedBefore = new Set(inside?.counted);
  const wasCounted = (entry: PageEntry) =>
    countedBefore.has(entry.version.id) && isStored(openRecord(entry, nested, page));

  const stored = await mapConcurrently(whole, RECORDS_AT_ONCE, async (entry) => {
    const result = await storeWhole(entry, nested, page);
    return wasCounted(entry) && !changesElements(result) ? NONE : result;
  });
  let result = stored.reduce(addResults, NONE);
  const counted = [...countedBefore, ...whole.map(({ version }) => version.id)];
  for (const entry of long) {
    const resumed = entry.version.id === inside?.recordId;
    if (!resumed && wasCounted(entry)) continue;
    const next = await storeLong(entry, nested, page, {
      inside: resumed ? inside : undefined,
      counted,
      result,
    });
    if (next === 'out-of-time') return next;
    result = next;
    counted.push(entry.version.id);
  }
  return result;
}

const NONE: NestedPageResult = { counts: noCounts(), lineItems: noCounts(), pages: 0 };

function changesElements({ lineItems: { created, updated, deleted } }: NestedPageResult): boolean {
  return created + updated + deleted > 0;
}

/** Whether a list on a page goes on beyond its record, so that more has to be read before the page is stored. */
export function hasLongList(page: Page, { nested = [] }: Resource): boolean {
  return page.records.some(
    (record) => isJsonObject(record) && !areWhole(partsIn(record, nested, page.readAt), nested),
  );
}

function openRecord({ version }: PageEntry, nested: readonly NestedList[], page: NestedPage): OpenRecord {
  const { heads, origin, believesHash } = page;
  return { version, head: heads.get(keyText(version)), nested, origin, believesHash };
}

async function storeWhole(
  entry: PageEntry,
  nested: readonly NestedList[],
  page: NestedPage,
): Promise<NestedPageResult> {
  const { ports } = page.leased;
  const open = openRecord(entry, nested, page);
  if (isSuperseded(open)) return resultOf('unchanged', noCounts());
  const parts: JudgedPart[] = [];
  for (const list of nested) {
    const part = entry.parts.get(list.name);
    if (part !== undefined) parts.push(await judgePart(open, list, part, parts, ports));
  }
  const { change, elements } = await storeAndClose(open, parts, ports);
  return resultOf(change, elements);
}

/** How far a page has come when one of its records is begun. */
interface PageProgress {
  /** Where an earlier worker has stopped in the record. */
  inside: Checkpoint['inside'];
  /** The ids of the records that are counted, in `result` or in a checkpoint. */
  counted: readonly string[];
  /** What is not in a checkpoint yet. */
  result: NestedPageResult;
}

/** Stores a record with a list that has further parts. Counts that a checkpoint has stored are not answered again. */
async function storeLong(
  entry: PageEntry,
  nested: readonly NestedList[],
  page: NestedPage,
  { inside, counted, result: before }: PageProgress,
): Promise<NestedPageResult | 'out-of-time'> {
  const { leased } = page;
  const { resource, ports } = leased;
  const open = openRecord(entry, nested, page);
  const { id: recordId, scope } = open.version;
  if (isSuperseded(open)) return addResults(before, resultOf('unchanged', noCounts()));
  const { origin, id } = leased.current;
  let chunks = inside?.chunks ?? 0;
  const parts: KeptPart[] = inside ? await ports.partitions.keptParts(origin, id, recordId, chunks) : [];
  let kept = parts.length;
  let result = before;

  for (const [index, list] of nested.entries()) {
    if (inside !== undefined && index < inside.list) continue;
    const resumed = index === inside?.list ? inside : undefined;
    const isLast = index === nested.length - 1;
    const inRecord = resumed ? undefined : entry.parts.get(list.name);
    const fetchPart = (position: PagePosition | undefined): Promise<ListPart> =>
      ports.api
        .nested({ resource, list, scope, id: recordId, ...(position && { position }), limit: PAGE_LIMIT })
        .then(({ records, readAt, next }) => ({ items: records, readAt, ...(next && { next }) }));

    let loop = resumed?.loop;
    let fetched = inRecord === undefined ? 1 : 0;
    let coming = inRecord ? Promise.resolve(inRecord) : fetchPart(resumed?.position);
    for (;;) {
      const part = await unlessGone(coming, entry, page);
      if (part === undefined) return addResults(result, resultOf('unchanged', noCounts()));
      if (part.next !== undefined && 'cursor' in part.next) {
        loop = watchCursor(loop, part.next.cursor, list.name);
      }
      const judged = await judgePart(open, list, part, parts, ports);
      parts.push(judged);
      if (isLast && part.next === undefined && (await areListsStored(open, parts, ports))) {
        result = addResults(result, { counts: noCounts(), lineItems: unchangedPart(judged), pages: fetched });
        return addResults(result, resultOf(await closeUnchanged(open, parts, ports), noCounts()));
      }
      const lineItems = await storePart(open, judged, ports);
      result = addResults(result, { counts: noCounts(), lineItems, pages: fetched });
      if (part.next === undefined) break;
      await ports.partitions.keepParts(origin, id, recordId, chunks, parts.slice(kept).map(keptOf));
      kept = parts.length;
      chunks += 1;
      await leased.checkpoint(
        {
          ...leased.current.checkpoint,
          inside: {
            recordId,
            list: index,
            position: part.next,
            chunks,
            counted: [...new Set(counted)],
            ...(loop && { loop }),
          },
        },
        stepOf(result.counts, result.pages, result.lineItems),
        false,
      );
      result = NONE;
      fetched = 1;
      if (ports.timeLeftMs() <= PAGE_TIME_MS) return 'out-of-time';
      // Not before: whoever resumes here reads the record's page again as well, and no more than two pages should be.
      coming = fetchPart(part.next);
    }
  }
  const { change, deleted } = await closeChanged(open, parts, ports);
  return addResults(result, resultOf(change, { ...noCounts(), deleted }));
}

function keptOf({ list, readAt, entries }: KeptPart): KeptPart {
  return { list, readAt, entries };
}

/**
 * A part of a record's list, or undefined when the record has vanished since its page was read: no reason to fail a
 * run. A 404 for the list alone proves nothing.
 */
async function unlessGone(
  coming: Promise<ListPart>,
  entry: PageEntry,
  { entries, leased }: NestedPage,
): Promise<ListPart | undefined> {
  try {
    return await coming;
  } catch (error) {
    const { id, scope } = entry.version;
    const { resource, ports } = leased;
    if (!(await hasVanished(error, id, resource, scope, ports))) throw error;
    const proof = new AbsenceProof(resource, scope, ports);
    const others = entries.map(({ version }) => version.id).filter((other) => other !== id);
    if (!(await proof.trusts404(async () => others[0]))) throw error;
    ports.log.info('record was deleted while its lists were being read', { runId: leased.current.runId, id });
    return undefined;
  }
}

function resultOf(record: Change, lineItems: Counts): NestedPageResult {
  return { counts: countChanges([record]), lineItems, pages: 0 };
}

function addResults(a: NestedPageResult, b: NestedPageResult): NestedPageResult {
  return {
    counts: addCounts(a.counts, b.counts),
    lineItems: addCounts(a.lineItems, b.lineItems),
    pages: a.pages + b.pages,
  };
}
