import type { RecordReading } from '../../autodesk/client/api.ts';
import { RequestRefusedError } from '../../autodesk/http/errors.ts';
import { isJsonObject } from '../../json.ts';
import { versionOf } from '../../records/reading.ts';
import type { RecordKey } from '../../records/record.ts';
import { keyText } from '../../records/record-store.ts';
import { RecordRefusedError } from '../../records/refusal.ts';
import type { Resource, Scope } from '../../resources/resource.ts';
import { PAGE_LIMIT } from '../state/page-limits.ts';
import { addCounts, noCounts } from '../state/partition.ts';
import type { Counts } from '../state/run.ts';
import type { ListEntry } from '../state/stores.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import { closeForm, isSuperseded, type ListPart, type OpenForm, partInForm, storePart } from './form-list.ts';
import { quarantine } from './quarantine-record.ts';
import { countChanges, deleteRecord, type PageOrigin, storeVersion } from './store-versions.ts';

/** What came of reading one record by its id. */
export interface ByIdResult {
  counts: Counts;
  /** Of forms. */
  lineItems?: Counts;
}

export const NOTHING: ByIdResult = { counts: noCounts() };

export function addByIdResults(a: ByIdResult, b: ByIdResult): ByIdResult {
  const lineItems =
    a.lineItems && b.lineItems ? addCounts(a.lineItems, b.lineItems) : (a.lineItems ?? b.lineItems);
  return { counts: addCounts(a.counts, b.counts), ...(lineItems && { lineItems }) };
}

/** Stores a record that was read by its id, a form with its whole list. */
export async function storeReading(
  resource: Resource,
  scope: Scope,
  reading: Extract<RecordReading, { kind: 'found' }>,
  origin: PageOrigin,
  ports: SyncPorts,
): Promise<ByIdResult> {
  const { record, readAt } = reading;
  try {
    const version = versionOf(resource, scope, record, readAt);
    const heads = await ports.records.heads([version]);
    const head = heads.get(keyText(version));
    if (resource.nested === undefined) {
      return { ...NOTHING, counts: countChanges([await storeVersion(version, head, origin, ports)]) };
    }
    const open = { form: version, head, nested: resource.nested, origin, believesHash: false };
    if (isSuperseded(open)) return { ...NOTHING, counts: countChanges(['unchanged']) };
    const inForm = isJsonObject(record) ? partInForm(record, resource.nested, readAt) : undefined;
    return await storeForm(open, partsOf(resource, scope, version.id, inForm, ports), resource, ports);
  } catch (error) {
    if (!(error instanceof RecordRefusedError)) throw error;
    await quarantine({ resource: resource.name, scope, sent: record, readAt }, error, origin.runId, ports);
    return { ...NOTHING, counts: countChanges(['quarantined']) };
  }
}

async function storeForm(
  open: OpenForm,
  parts: AsyncIterable<ListPart>,
  resource: Resource,
  ports: SyncPorts,
): Promise<ByIdResult> {
  const { form } = open;
  const entries: ListEntry[] = [];
  let lineItems = noCounts();
  let lastReadAt = form.readAt;
  try {
    for await (const part of parts) {
      const stored = await storePart(open, part, ports);
      entries.push(...stored.entries);
      lineItems = addCounts(lineItems, stored.counts);
      lastReadAt = part.readAt;
    }
  } catch (error) {
    if (await hasVanished(error, form.id, resource, form.scope, ports)) return NOTHING;
    throw error;
  }
  const closed = await closeForm(open, entries, lastReadAt, ports);
  return { counts: countChanges([closed.change]), lineItems: { ...lineItems, deleted: closed.deleted } };
}

/** Marks a record that a reading by id did not find. */
export async function storeAbsence(
  resource: Resource,
  key: RecordKey,
  readAt: string,
  ports: SyncPorts,
): Promise<ByIdResult> {
  const gone = await deleteRecord(key, resource.nested?.name, readAt, ports);
  return {
    counts: { ...noCounts(), deleted: gone.records },
    ...(resource.nested && { lineItems: { ...noCounts(), deleted: gone.lineItems } }),
  };
}

/**
 * Whether a 404 for one record can be believed. Some lists may have no reading by id at all, and then every 404
 * would look like a deletion: a 404 counts only once the same path has answered for a record that is in the list.
 */
export class AbsenceProof {
  readonly #resource: Resource;
  readonly #scope: Scope;
  readonly #ports: SyncPorts;
  #trusted: boolean | undefined;

  constructor(resource: Resource, scope: Scope, ports: SyncPorts) {
    this.#resource = resource;
    this.#scope = scope;
    this.#ports = ports;
  }

  /** A record was found by its id. */
  found(): void {
    this.#trusted = true;
  }

  /** Asks for one of the records that were just seen in the list, unless it is known already. */
  async trusts404(seenId: () => Promise<string | undefined>): Promise<boolean> {
    if (this.#trusted === undefined) {
      const id = await seenId();
      if (id === undefined) return false;
      const reading = await this.#ports.api.read(this.#resource, this.#scope, id);
      this.#trusted = reading.kind === 'found';
    }
    return this.#trusted;
  }
}

/** Whether a 404 for a form's list means that the form went after it was read. The next sweep judges it. */
export async function hasVanished(
  error: unknown,
  id: string,
  resource: Resource,
  scope: Scope,
  ports: SyncPorts,
): Promise<boolean> {
  if (!(error instanceof RequestRefusedError) || error.status !== 404) return false;
  const { kind } = await ports.api.read(resource, scope, id);
  return kind === 'absent';
}

async function* partsOf(
  resource: Resource,
  scope: Scope,
  id: string,
  inForm: ListPart | undefined,
  ports: SyncPorts,
): AsyncIterable<ListPart> {
  let part = inForm;
  let position = inForm?.next;
  if (part !== undefined) yield part;
  while (part === undefined || position !== undefined) {
    const page = await ports.api.nested(resource, scope, id, position, PAGE_LIMIT);
    position = page.next;
    part = { items: page.records, readAt: page.readAt, ...(page.next && { next: page.next }) };
    yield part;
  }
}
