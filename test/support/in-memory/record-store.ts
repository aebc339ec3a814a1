import { canonicalJson } from '../../../shared/json.ts';
import { toAttributes } from '../../../shared/records/attribute-value.ts';
import type { RecordHead, RecordKey, StoredRecord } from '../../../shared/records/record.ts';
import {
  comesAfter,
  keyText,
  type LineItemList,
  type RecordStore,
  type RecordVersion,
  type WriteOutcome,
} from '../../../shared/records/record-store.ts';
import { RecordRefusedError } from '../../../shared/records/refusal.ts';
import type { Scope } from '../../../shared/resources/resource.ts';

interface Entry {
  record: StoredRecord;
  attention: boolean;
  listHash?: string;
  listReadAt?: string;
  writtenBy?: string;
  absentIn?: string;
}

const KEYS_A_PAGE = 100;
/** What the table takes for sure; far longer ids do not fit into an item. */
const MAX_ID_LENGTH = 128;
const MAX_BYTES = 400 * 1024;

/** The mirror in memory, held to the same contract as the table. */
export class InMemoryRecordStore implements RecordStore {
  readonly #entries = new Map<string, Entry>();
  readonly #orders = new Map<string, LineItemList>();

  async heads(keys: readonly RecordKey[]): Promise<Map<string, RecordHead>> {
    const heads = new Map<string, RecordHead>();
    for (const key of keys) {
      const head = this.headNow(key);
      if (head !== undefined) heads.set(keyText(key), head);
    }
    return heads;
  }

  async get(key: RecordKey): Promise<StoredRecord | undefined> {
    return this.#entries.get(keyText(key))?.record;
  }

  async create(version: RecordVersion): Promise<'stored' | 'exists'> {
    refuseUnfit(version);
    if (this.headNow(version) !== undefined) return 'exists';
    this.overwrite(version);
    return 'stored';
  }

  async put(version: RecordVersion): Promise<WriteOutcome> {
    refuseUnfit(version);
    if (!comesAfter(version, this.headNow(version))) return 'superseded';
    this.overwrite(version);
    return 'stored';
  }

  /** Stores a version whatever stands there. */
  overwrite(version: RecordVersion): void {
    const { attention, listHash, writtenBy, ...record } = version;
    this.#entries.set(keyText(version), {
      record,
      attention,
      ...(listHash !== undefined && { listHash, listReadAt: version.readAt }),
      ...(writtenBy !== undefined && { writtenBy }),
    });
  }

  async markDeleted(key: RecordKey, readAt: string): Promise<WriteOutcome> {
    const entry = this.#entries.get(keyText(key));
    if (entry === undefined || entry.record.deletedAt !== undefined) return 'superseded';
    if (entry.record.readAt > readAt) return 'superseded';
    const { listHash, ...rest } = entry;
    this.#entries.set(keyText(key), {
      ...rest,
      ...(key.formId !== undefined && listHash !== undefined && { listHash }),
      record: { ...entry.record, readAt, deletedAt: readAt },
      attention: false,
    });
    return 'stored';
  }

  async noteAbsence(key: RecordKey, runId: string): Promise<string | undefined> {
    const entry = this.#entries.get(keyText(key));
    if (entry !== undefined) this.#entries.set(keyText(key), { ...entry, absentIn: runId });
    return entry?.absentIn;
  }

  async *liveKeys(resource: string, scope: Scope): AsyncIterable<RecordKey[]> {
    const keys = this.#live(resource, scope).map(({ record: { id } }) => ({ resource, id }));
    for (let start = 0; start < keys.length; start += KEYS_A_PAGE)
      yield keys.slice(start, start + KEYS_A_PAGE);
  }

  async updateSample(resource: string, scope: Scope): Promise<{ total: number; moments: string[] }> {
    const live = this.#live(resource, scope);
    const moments = live.map(({ record }) => record.updatedAt).filter((moment) => moment !== undefined);
    return { total: live.length, moments: moments.sort() };
  }

  async *attention(resource: string): AsyncIterable<RecordKey> {
    const entries = [...this.#entries.values()]
      .filter((entry) => entry.attention && entry.record.resource === resource)
      .sort((a, b) => ((a.record.updatedAt ?? '') < (b.record.updatedAt ?? '') ? -1 : 1));
    for (const { record } of entries) yield { resource, id: record.id };
  }

  async *all(
    resource: string,
    scope: Scope,
    options: { includeDeleted?: boolean } = {},
  ): AsyncIterable<StoredRecord> {
    for (const { record } of [...this.#entries.values()]) {
      if (record.resource !== resource || record.scope !== scope || record.formId !== undefined) continue;
      if (record.deletedAt === undefined || options.includeDeleted) yield record;
    }
  }

  async *lineItems(form: RecordKey, options: { includeDeleted?: boolean } = {}): AsyncIterable<StoredRecord> {
    const items = new Map(this.#itemsOf(form).map(({ record }) => [record.id, record]));
    for (const id of this.#orders.get(form.id)?.ids ?? []) {
      const record = items.get(id);
      if (record === undefined || record.deletedAt !== undefined) continue;
      items.delete(id);
      yield record;
    }
    for (const record of items.values()) {
      if (record.deletedAt === undefined || options.includeDeleted) yield record;
    }
  }

  async lineItemHeads(form: RecordKey): Promise<Map<string, RecordHead>> {
    const heads = new Map<string, RecordHead>();
    for (const { record } of this.#itemsOf(form)) {
      const head = this.headNow(record);
      if (head !== undefined) heads.set(record.id, head);
    }
    return heads;
  }

  async openList(form: RecordKey): Promise<void> {
    const entry = this.#entries.get(keyText(form));
    if (entry === undefined) return;
    const { listHash: _open, ...rest } = entry;
    this.#entries.set(keyText(form), rest);
  }

  async closeList(form: RecordKey, list: LineItemList): Promise<WriteOutcome> {
    if (list.ids.some((id) => id.length > MAX_ID_LENGTH)) throw new Error('The item is too large.');
    const order = this.#orders.get(form.id);
    if (order !== undefined && order.readAt > list.readAt) return 'superseded';
    this.#orders.set(form.id, list);
    const entry = this.#entries.get(keyText(form));
    if (entry === undefined || entry.record.deletedAt !== undefined) return 'superseded';
    if (entry.listReadAt !== undefined && entry.listReadAt > list.readAt) return 'superseded';
    const { listHash: _before, ...rest } = entry;
    this.#entries.set(keyText(form), {
      ...rest,
      listReadAt: list.readAt,
      ...(list.listHash !== undefined && { listHash: list.listHash }),
    });
    return 'stored';
  }

  async *deletedBefore(resource: string, scope: Scope, moment: string): AsyncIterable<RecordKey> {
    for await (const { id, deletedAt } of this.all(resource, scope, { includeDeleted: true })) {
      if (deletedAt !== undefined && deletedAt < moment) yield { resource, id };
    }
  }

  async purge(key: RecordKey): Promise<void> {
    if (this.#entries.get(keyText(key))?.record.deletedAt === undefined) return;
    this.#entries.delete(keyText(key));
    if (key.formId !== undefined) return;
    for (const { record } of this.#itemsOf(key)) await this.purge(record);
    this.#orders.delete(key.id);
  }

  /** The head of a record, for those who watch the writes. */
  headNow(key: RecordKey): RecordHead | undefined {
    const entry = this.#entries.get(keyText(key));
    if (entry === undefined) return undefined;
    const { contentHash, readAt, updatedAt, deletedAt } = entry.record;
    return {
      contentHash,
      readAt,
      ...(updatedAt !== undefined && { updatedAt }),
      ...(deletedAt !== undefined && { deletedAt }),
      ...(entry.listHash !== undefined && { listHash: entry.listHash }),
      ...(entry.writtenBy !== undefined && { writtenBy: entry.writtenBy }),
    };
  }

  #live(resource: string, scope: Scope): Entry[] {
    return [...this.#entries.values()].filter(
      ({ record }) =>
        record.resource === resource &&
        record.scope === scope &&
        record.formId === undefined &&
        record.deletedAt === undefined,
    );
  }

  #itemsOf(form: RecordKey): Entry[] {
    return [...this.#entries.values()]
      .filter(({ record }) => record.formId === form.id)
      .sort((a, b) => (a.record.id < b.record.id ? -1 : 1));
  }
}

function refuseUnfit({ data }: RecordVersion): void {
  toAttributes(data);
  if (canonicalJson(data).length > MAX_BYTES) {
    throw new RecordRefusedError('REFUSED_BY_STORE', 'the item is too large');
  }
}
