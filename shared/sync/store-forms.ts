import type { PagePosition } from '../autodesk/api.ts';
import { mapConcurrently } from '../concurrency.ts';
import type { RecordHead } from '../records/record.ts';
import { keyText } from '../records/record-store.ts';
import type { NestedList, Resource } from '../resources/resource.ts';
import type { Engine } from './engine.ts';
import { closeForm, isSuperseded, type ListPart, type OpenForm, storePart } from './form-list.ts';
import { watchCursor } from './loop-detector.ts';
import { type OwnedPartition, stepOf } from './owned-partition.ts';
import { PAGE_LIMIT, PAGE_TIME_MS } from './page-limits.ts';
import { addCounts, type Checkpoint, noCounts } from './partition.ts';
import type { Counts } from './run.ts';
import type { PageEntry } from './store-page.ts';
import { type Change, countChanges, type PageOrigin } from './store-versions.ts';

/** Forms whose list came whole are stored side by side; each has writes of its own under way. */
const FORMS_AT_ONCE = 4;

export interface FormPage {
  entries: readonly PageEntry[];
  heads: ReadonlyMap<string, RecordHead>;
  origin: PageOrigin;
  owned: OwnedPartition;
  resource: Resource;
  engine: Engine;
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
  const { entries, owned, resource } = page;
  const nested = resource.nested;
  if (nested === undefined) throw new TypeError(`${resource.name} has no nested list`);
  const whole = entries.filter((entry) => entry.part !== undefined && entry.part.next === undefined);
  const long = entries.filter((entry) => !whole.includes(entry));
  const inside = owned.current.checkpoint.inside;
  const resumed = inside && long.findIndex((entry) => entry.version.id === inside.formId);
  // The page may have changed since the checkpoint inside it; then it is stored again from its start.
  const from = resumed === undefined || resumed < 0 ? undefined : resumed;

  let result: FormPageResult = { counts: noCounts(), lineItems: noCounts(), pages: 0 };
  if (from === undefined) {
    const stored = await mapConcurrently(whole, FORMS_AT_ONCE, (entry) => storeWhole(entry, nested, page));
    result = stored.reduce(addResults, result);
  }
  for (const [index, entry] of long.entries()) {
    if (from !== undefined && index < from) continue;
    const stored = await storeLong(entry, nested, page, index === from ? inside : undefined, result);
    if (stored === 'out-of-time') return stored;
    result = stored;
  }
  return result;
}

function openForm(entry: PageEntry, nested: NestedList, page: FormPage): OpenForm {
  const { version: form } = entry;
  return { form, head: page.heads.get(keyText(form)), nested, origin: page.origin };
}

async function storeWhole(entry: PageEntry, nested: NestedList, page: FormPage): Promise<FormPageResult> {
  const open = openForm(entry, nested, page);
  if (isSuperseded(open) || entry.part === undefined) return resultOf('unchanged', noCounts(), 0);
  const { entries, counts } = await storePart(open, entry.part, page.engine);
  const closed = await closeForm(open, entries, entry.part.readAt, page.engine);
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
  const { owned, engine, resource } = page;
  const open = openForm(entry, nested, page);
  if (isSuperseded(open)) return addResults(before, resultOf('unchanged', noCounts(), 0));
  const { origin, id } = owned.current;
  const formId = open.form.id;
  const list = inside ? await engine.partitions.listChunks(origin, id, formId, inside.chunks) : [];
  let chunks = inside?.chunks ?? 0;
  let result = before;
  let coming = inside || entry.part === undefined ? fetchPart(inside?.position) : Promise.resolve(entry.part);

  function fetchPart(position: PagePosition | undefined): Promise<ListPart> {
    const part = engine.api
      .nested(resource, open.form.scope, formId, position, PAGE_LIMIT)
      .then(({ records, readAt, next }) => ({ items: records, readAt, ...(next && { next }) }));
    // As for pages: a failure belongs to whoever awaits the part.
    part.catch(() => {});
    return part;
  }

  let loop = inside?.loop;
  let fetched = inside !== undefined || entry.part === undefined ? 1 : 0;
  for (;;) {
    const part = await coming;
    if (part.next !== undefined && 'cursor' in part.next) {
      loop = watchCursor(loop, part.next.cursor, nested.name);
    }
    const goOn = part.next !== undefined && engine.timeLeftMs() > PAGE_TIME_MS;
    if (goOn) coming = fetchPart(part.next);
    const stored = await storePart(open, part, engine);
    list.push(...stored.entries);
    result = addResults(result, { counts: noCounts(), lineItems: stored.counts, pages: fetched });
    if (part.next === undefined) {
      const closed = await closeForm(open, list, part.readAt, engine);
      return addResults(result, resultOf(closed.change, { ...noCounts(), deleted: closed.deleted }, 0));
    }
    await engine.partitions.addListChunk(origin, id, formId, chunks, stored.entries);
    chunks += 1;
    await owned.checkpoint(
      { ...owned.current.checkpoint, inside: { formId, position: part.next, chunks, ...(loop && { loop }) } },
      stepOf(result.counts, result.pages, result.lineItems),
      false,
    );
    result = { counts: noCounts(), lineItems: noCounts(), pages: 0 };
    fetched = 1;
    if (!goOn) return 'out-of-time';
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
