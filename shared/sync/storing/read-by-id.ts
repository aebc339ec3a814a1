import type { RecordReading } from '../../autodesk/client/api.ts';
import { RequestRefusedError } from '../../autodesk/http/errors.ts';
import { isJsonObject } from '../../json.ts';
import { versionOf } from '../../records/reading.ts';
import type { RecordKey } from '../../records/record.ts';
import { keyText, type RecordVersion } from '../../records/record-store.ts';
import type { NestedList, Resource, Scope } from '../../resources/resource.ts';
import { PAGE_LIMIT } from '../state/page-limits.ts';
import { addCounts, noCounts } from '../state/partition.ts';
import type { Counts } from '../state/run.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import {
  isSuperseded,
  type JudgedPart,
  judgePart,
  type ListPart,
  type ListParts,
  type OpenRecord,
  partsIn,
  storeAndClose,
} from './nested-lists.ts';
import { versionUnlessRefused } from './quarantine-record.ts';
import { countChanges, deleteRecord, type PageOrigin, storeVersion } from './store-versions.ts';

/** What came of reading one record by its id. */
export interface ByIdResult {
  counts: Counts;
  /** Elements of nested lists. */
  lineItems?: Counts;
}

export const NOTHING: ByIdResult = { counts: noCounts() };

export function addByIdResults(a: ByIdResult, b: ByIdResult): ByIdResult {
  const lineItems =
    a.lineItems && b.lineItems ? addCounts(a.lineItems, b.lineItems) : (a.lineItems ?? b.lineItems);
  return { counts: addCounts(a.counts, b.counts), ...(lineItems && { lineItems }) };
}

/** Stores a record that was read by its id, with the whole of its nested lists. */
export async function storeReading(
  resource: Resource,
  scope: Scope,
  reading: Extract<RecordReading, { kind: 'found' }>,
  origin: PageOrigin,
  ports: SyncPorts,
): Promise<ByIdResult> {
  const { record, readAt } = reading;
  const version = await versionUnlessRefused(
    () => versionOf(resource, scope, record, readAt),
    { resource: resource.name, scope, sent: record, readAt },
    origin.runId,
    ports,
  );
  if (version === undefined) return { counts: countChanges(['quarantined']) };
  const heads = await ports.records.heads([version]);
  const head = heads.get(keyText(version));
  if (resource.nested === undefined) {
    return { counts: countChanges([await storeVersion(version, head, origin, ports)]) };
  }
  const open = { version, head, nested: resource.nested, origin, believesHash: false };
  if (isSuperseded(open)) return { counts: countChanges(['unchanged']) };
  const inRecord = isJsonObject(record) ? partsIn(record, resource.nested, readAt) : new Map();
  return storeNested(open, inRecord, resource, ports);
}

async function storeNested(
  open: OpenRecord,
  inRecord: ListParts,
  resource: Resource,
  ports: SyncPorts,
): Promise<ByIdResult> {
  const { id, scope } = open.version;
  const parts: JudgedPart[] = [];
  try {
    for (const list of open.nested) {
      for await (const part of partsOf(list, resource, open.version, inRecord.get(list.name), ports)) {
        parts.push(await judgePart(open, list, part, parts, ports));
      }
    }
  } catch (error) {
    if (await hasVanished(error, id, resource, scope, ports)) return NOTHING;
    throw error;
  }
  const { change, elements } = await storeAndClose(open, parts, ports);
  return { counts: countChanges([change]), lineItems: elements };
}

/** Marks a record that a reading by id did not find. */
export async function storeAbsence(
  resource: Resource,
  key: RecordKey,
  readAt: string,
  ports: SyncPorts,
): Promise<ByIdResult> {
  const gone = await deleteRecord(key, resource.nested ?? [], readAt, ports);
  return {
    counts: { ...noCounts(), deleted: gone.records },
    ...(resource.nested && { lineItems: { ...noCounts(), deleted: gone.elements } }),
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

/** Whether a 404 for a record's list means that the record went after it was read. The next sweep judges it. */
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

/** The parts of a record's list from the one that came with it to the last. */
export async function* partsOf(
  list: NestedList,
  resource: Resource,
  { id, scope }: Pick<RecordVersion, 'id' | 'scope'>,
  inRecord: ListPart | undefined,
  ports: SyncPorts,
): AsyncIterable<ListPart> {
  let part = inRecord;
  let position = inRecord?.next;
  if (part !== undefined) yield part;
  while (part === undefined || position !== undefined) {
    const request = { resource, list, scope, id, ...(position && { position }), limit: PAGE_LIMIT };
    const page = await ports.api.nested(request);
    position = page.next;
    part = { items: page.records, readAt: page.readAt, ...(page.next && { next: page.next }) };
    yield part;
  }
}
