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
import {
  closeForm,
  isStored,
  isSuperseded,
  type ListPart,
  type OpenForm,
  partInForm,
  storePart,
} from '../storing/form-list.ts';
import { AbsenceProof, hasVanished } from '../storing/read-by-id.ts';
import type { PageEntry } from '../storing/store-page.ts';
import { type Change, countChanges, type PageOrigin } from '../storing/store-versions.ts';
import { watchCursor } from './loop-detector.ts';

/** Forms whose list came whole are stored side by side; each has writes of its own under way. */
const FORMS_AT_ONCE = 4;

export interface FormPage {
  entries: readonly PageEntry[];
  heads: ReadonlyMap<string, RecordHead>;
  origin: PageOrigin;
  believesHash: boolean;
  leased: LeasedPartition;
}

/** What a page of forms came to, apart from what checkpoints inside it have counted already. */
export interface FormPageResult {
  counts: Counts;
  lineItems: Counts;
  pages: number;
}

/**
 * Stores the forms of a page with their line items. A list that goes on beyond its form is read part by part, with
 * a checkpoint after each, so that a form of any size cannot hold a run up.
 */
export async function storeForms(page: FormPage): Promise<FormPageResult | 'out-of-time'> {
  const { entries, leased } = page;
  const { resource } = leased;
  const nested = resource.nested;
  if (nested === undefined) throw new TypeError(`${resource.name} has no nested list`);
  const whole = entries.filter((entry) => entry.part !== undefined && entry.part.next === undefined);
  const long = entries.filter((entry) => !whole.includes(entry));
  // A page that is resumed inside may show other forms by now, or show them otherwise: each is looked at again, and
  // what an earlier worker has stored is not counted twice.
  const inside = leased.current.checkpoint.inside;
  const wasCounted = (entry: PageEntry) => inside !== undefined && isStored(openForm(entry, nested, page));

  const stored = await mapConcurrently(whole, FORMS_AT_ONCE, async (entry) => {
    const result = await storeWhole(entry, nested, page);
    return wasCounted(entry) && !changesItems(result) ? NONE : result;
  });
  let result = stored.reduce(addResults, NONE);
  for (const entry of long) {
    const resumed = entry.version.id === inside?.formId;
    if (!resumed && wasCounted(entry)) continue;
    const next = await storeLong(entry, nested, page, resumed ? inside : undefined, result);
    if (next === 'out-of-time') return next;
    result = next;
  }
  return result;
}

const NONE: FormPageResult = { counts: noCounts(), lineItems: noCounts(), pages: 0 };

function changesItems({ lineItems: { created, updated, deleted } }: FormPageResult): boolean {
  return created + updated + deleted > 0;
}

/** Whether a list on a page goes on beyond its form, so that more has to be read before the page is stored. */
export function hasLongList(page: Page, resource: Resource): boolean {
  const { nested } = resource;
  if (nested === undefined) return false;
  return page.records.some((record) => {
    const part = isJsonObject(record) ? partInForm(record, nested, page.readAt) : undefined;
    return part === undefined || part.next !== undefined;
  });
}

function openForm(entry: PageEntry, nested: NestedList, page: FormPage): OpenForm {
  const { version: form } = entry;
  const { heads, origin, believesHash } = page;
  return { form, head: heads.get(keyText(form)), nested, origin, believesHash };
}

async function storeWhole(entry: PageEntry, nested: NestedList, page: FormPage): Promise<FormPageResult> {
  const open = openForm(entry, nested, page);
  if (isSuperseded(open) || entry.part === undefined) return resultOf('unchanged', noCounts(), 0);
  const { entries, counts, isStoredList } = await storePart(open, entry.part, page.leased.ports);
  const closed = await closeForm(open, entries, entry.part.readAt, page.leased.ports, isStoredList);
  return resultOf(closed.change, { ...counts, deleted: closed.deleted }, 0);
}

/** Stores a form whose list has further parts. Counts that a checkpoint has stored are not answered again. */
async function storeLong(
  entry: PageEntry,
  nested: NestedList,
  page: FormPage,
  inside: Checkpoint['inside'],
  before: FormPageResult,
): Promise<FormPageResult | 'out-of-time'> {
  const { leased } = page;
  const { resource, ports } = leased;
  const open = openForm(entry, nested, page);
  if (isSuperseded(open)) return addResults(before, resultOf('unchanged', noCounts(), 0));
  const { origin, id } = leased.current;
  const formId = open.form.id;
  const list = inside ? await ports.partitions.listChunks(origin, id, formId, inside.chunks) : [];
  let chunks = inside?.chunks ?? 0;
  let result = before;
  let coming = inside || entry.part === undefined ? fetchPart(inside?.position) : Promise.resolve(entry.part);

  function fetchPart(position: PagePosition | undefined): Promise<ListPart> {
    return ports.api
      .nested(resource, open.form.scope, formId, position, PAGE_LIMIT)
      .then(({ records, readAt, next }) => ({ items: records, readAt, ...(next && { next }) }));
  }

  let loop = inside?.loop;
  let fetched = inside !== undefined || entry.part === undefined ? 1 : 0;
  for (;;) {
    const part = await unlessGone(coming, entry, page);
    if (part === undefined) return addResults(result, resultOf('unchanged', noCounts(), 0));
    if (part.next !== undefined && 'cursor' in part.next) {
      loop = watchCursor(loop, part.next.cursor, nested.name);
    }
    const stored = await storePart(open, part, ports);
    list.push(...stored.entries);
    result = addResults(result, { counts: noCounts(), lineItems: stored.counts, pages: fetched });
    if (part.next === undefined) {
      const closed = await closeForm(open, list, part.readAt, ports);
      return addResults(result, resultOf(closed.change, { ...noCounts(), deleted: closed.deleted }, 0));
    }
    await ports.partitions.addListChunk(origin, id, formId, chunks, stored.entries);
    chunks += 1;
    await leased.checkpoint(
      {
        ...leased.current.checkpoint,
        inside: { formId, position: part.next, chunks, ...(loop && { loop }) },
      },
      stepOf(result.counts, result.pages, result.lineItems),
      false,
    );
    result = { counts: noCounts(), lineItems: noCounts(), pages: 0 };
    fetched = 1;
    if (ports.timeLeftMs() <= PAGE_TIME_MS) return 'out-of-time';
    // Not before: whoever resumes here reads the page of the form again as well, and no more than two pages should be.
    coming = fetchPart(part.next);
  }
}

/**
 * A part of a form's list, or undefined when the form has vanished since its page was read: no reason to fail a run.
 * A 404 for the list alone proves nothing.
 */
async function unlessGone(
  coming: Promise<ListPart>,
  entry: PageEntry,
  { entries, leased }: FormPage,
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
    ports.log.info('form was deleted while it was being read', { runId: leased.current.runId, id });
    return undefined;
  }
}

function resultOf(form: Change, lineItems: Counts, pages: number): FormPageResult {
  return { counts: countChanges([form]), lineItems, pages };
}

function addResults(a: FormPageResult, b: FormPageResult): FormPageResult {
  return {
    counts: addCounts(a.counts, b.counts),
    lineItems: addCounts(a.lineItems, b.lineItems),
    pages: a.pages + b.pages,
  };
}
