import { canonicalJson } from '../../../shared/json.ts';
import { toAttributes } from '../../../shared/records/attribute-value.ts';
import type {
  ListKey,
  RecordHead,
  RecordKey,
  StoredRecord,
  StoredVersion,
} from '../../../shared/records/record.ts';
import {
  isSameVersion,
  keyText,
  type ListOrder,
  type RecordStore,
  type RecordVersion,
  type VersionKey,
  type WriteOutcome,
} from '../../../shared/records/record-store.ts';
import { RecordRefusedError } from '../../../shared/records/refusal.ts';
import { replaceVersion, type Successor } from '../../../shared/records/replace-version.ts';
import { shardOf } from '../../../shared/records/shards.ts';
import { findNested, findResource } from '../../../shared/resources/registry.ts';
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
  readonly #orders = new Map<string, ListOrder>();
  /** By `historyText` of the record, then by `versionText`. */
  readonly #history = new Map<string, Map<string, StoredVersion>>();

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

  async getMany(keys: readonly RecordKey[]): Promise<Map<string, StoredRecord>> {
    const found = new Map<string, StoredRecord>();
    for (const key of keys) {
      const record = await this.get(key);
      if (record !== undefined) found.set(keyText(key), record);
    }
    return found;
  }

  async create(version: RecordVersion): Promise<'stored' | 'exists'> {
    refuseUnfit(version);
    if (this.headNow(version) !== undefined) return 'exists';
    this.overwrite(version);
    return 'stored';
  }

  /** `pause`: awaited between the steps of a replacement. */
  async put(version: RecordVersion, pause?: () => Promise<void>): Promise<WriteOutcome> {
    refuseUnfit(version);
    return this.#replace(version, { kind: 'version', version }, pause);
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

  async markDeleted(key: RecordKey, readAt: string, pause?: () => Promise<void>): Promise<WriteOutcome> {
    return this.#replace(key, { kind: 'deletion', readAt }, pause);
  }

  #replace(
    key: RecordKey,
    successor: Successor,
    pause: () => Promise<void> = async () => {},
  ): Promise<WriteOutcome> {
    return replaceVersion(successor, {
      read: async () => this.#entries.get(keyText(key))?.record,
      keep: async (stored, replacedAt) => {
        await pause();
        this.keep(stored, replacedAt);
      },
      replace: async (stored) => {
        await pause();
        const now = this.#entries.get(keyText(key))?.record;
        const isStill = stored === undefined ? now === undefined : now && isSameVersion(stored, now);
        if (!isStill) return false;
        if (successor.kind === 'version') this.overwrite(successor.version);
        else this.markGone(key, successor.readAt);
        return true;
      },
    });
  }

  /** Adds a version to the history. */
  keep(stored: StoredRecord, replacedAt: string): void {
    const text = historyText(stored, stored.scope);
    const versions = this.#history.get(text) ?? new Map<string, StoredVersion>();
    versions.set(versionText(stored), { ...stored, replacedAt });
    this.#history.set(text, versions);
  }

  /** Marks what is stored as gone, whatever it is. */
  markGone(key: RecordKey, readAt: string): void {
    const entry = this.#entries.get(keyText(key));
    if (entry === undefined) return;
    const { listHash: _open, ...rest } = entry;
    this.#entries.set(keyText(key), {
      ...rest,
      record: { ...entry.record, readAt, deletedAt: readAt },
      attention: false,
    });
  }

  async noteAbsence(key: RecordKey, runId: string): Promise<string | undefined> {
    const entry = this.#entries.get(keyText(key));
    if (entry !== undefined) this.#entries.set(keyText(key), { ...entry, absentIn: runId });
    return entry?.absentIn;
  }

  async *liveKeys(
    resource: string,
    scope: Scope,
    { shard, since }: { shard?: number; since?: string } = {},
  ): AsyncIterable<RecordKey[]> {
    const keys = this.#live(resource, scope)
      .filter(({ record }) => shard === undefined || shardOf(record.id) === shard)
      .filter(({ record }) => since === undefined || (record.updatedAt ?? '') >= since)
      .map(({ record }) => keyOf(record));
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
    for (const { record } of entries) yield keyOf(record);
  }

  async *all(
    resource: string,
    scope: Scope,
    options: { includeDeleted?: boolean } = {},
  ): AsyncIterable<StoredRecord> {
    for (const { record } of [...this.#entries.values()]) {
      if (record.resource !== resource || record.scope !== scope || !isIndexed(resource)) continue;
      if (record.deletedAt === undefined || options.includeDeleted) yield record;
    }
  }

  async *elements(list: ListKey, options: { includeDeleted?: boolean } = {}): AsyncIterable<StoredRecord> {
    const items = new Map(this.#elementsOf(list).map(({ record }) => [record.id, record]));
    for (const id of this.#orders.get(listText(list))?.ids ?? []) {
      const record = items.get(id);
      if (record === undefined || record.deletedAt !== undefined) continue;
      items.delete(id);
      yield record;
    }
    for (const record of items.values()) {
      if (record.deletedAt === undefined || options.includeDeleted) yield record;
    }
  }

  async elementHeads(list: ListKey): Promise<Map<string, RecordHead>> {
    const heads = new Map<string, RecordHead>();
    for (const { record } of this.#elementsOf(list)) {
      const head = this.headNow(record);
      if (head !== undefined) heads.set(record.id, head);
    }
    return heads;
  }

  async openLists(record: RecordKey): Promise<void> {
    const entry = this.#entries.get(keyText(record));
    if (entry === undefined) return;
    const { listHash: _open, ...rest } = entry;
    this.#entries.set(keyText(record), rest);
  }

  async putOrder(list: ListKey, order: ListOrder): Promise<WriteOutcome> {
    if (order.ids.some((id) => id.length > MAX_ID_LENGTH)) throw new Error('The item is too large.');
    const stored = this.#orders.get(listText(list));
    if (stored !== undefined && stored.readAt > order.readAt) return 'superseded';
    this.#orders.set(listText(list), order);
    return 'stored';
  }

  async closeLists(record: RecordKey, lists: { listHash?: string; readAt: string }): Promise<WriteOutcome> {
    const entry = this.#entries.get(keyText(record));
    if (entry === undefined || entry.record.deletedAt !== undefined) return 'superseded';
    if (entry.listReadAt !== undefined && entry.listReadAt > lists.readAt) return 'superseded';
    const { listHash: _before, ...rest } = entry;
    this.#entries.set(keyText(record), {
      ...rest,
      listReadAt: lists.readAt,
      ...(lists.listHash !== undefined && { listHash: lists.listHash }),
    });
    return 'stored';
  }

  async *deletedBefore(resource: string, scope: Scope, moment: string): AsyncIterable<RecordKey> {
    for await (const record of this.all(resource, scope, { includeDeleted: true })) {
      if (record.deletedAt !== undefined && record.deletedAt < moment) yield keyOf(record);
    }
  }

  async purge(key: RecordKey): Promise<void> {
    const record = this.#entries.get(keyText(key))?.record;
    if (record?.deletedAt === undefined) return;
    this.#entries.delete(keyText(key));
    this.#history.delete(historyText(record, record.scope));
    for (const { name } of findResource(key.resource)?.nested ?? []) {
      const list = { resource: name, parentId: key.id };
      for (const { record } of this.#elementsOf(list)) await this.purge(record);
      this.#orders.delete(listText(list));
    }
  }

  async *history(key: RecordKey, scope: Scope): AsyncIterable<StoredVersion> {
    yield* this.historyNow(key, scope).sort((a, b) => (versionText(a) > versionText(b) ? -1 : 1));
  }

  async *replacedBefore(resource: string, scope: Scope, moment: string): AsyncIterable<VersionKey[]> {
    for (const version of this.versionsNow(resource, scope)) {
      if (version.replacedAt >= moment) continue;
      yield [{ record: historyText(version, scope), version: versionText(version) }];
    }
  }

  async forget(versions: readonly VersionKey[]): Promise<void> {
    for (const { record, version } of versions) this.#history.get(record)?.delete(version);
  }

  /** The replaced versions of all records of a list. */
  versionsNow(resource: string, scope: Scope): StoredVersion[] {
    return [...this.#history.values()]
      .flatMap((versions) => [...versions.values()])
      .filter((version) => version.resource === resource && version.scope === scope);
  }

  /** The records of a list, deleted ones and elements of nested lists as well. */
  recordsNow(resource: string, scope: Scope): { record: StoredRecord; listHash?: string }[] {
    return [...this.#entries.values()].filter(
      ({ record }) => record.resource === resource && record.scope === scope,
    );
  }

  /** The replaced versions of a record, in the order in which they were first kept. */
  historyNow(key: RecordKey, scope: Scope): StoredVersion[] {
    return [...(this.#history.get(historyText(key, scope))?.values() ?? [])];
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
        isIndexed(resource) &&
        record.deletedAt === undefined,
    );
  }

  #elementsOf(list: ListKey): Entry[] {
    return [...this.#entries.values()]
      .filter(({ record }) => record.resource === list.resource && record.parentId === list.parentId)
      .sort((a, b) => (a.record.id < b.record.id ? -1 : 1));
  }
}

function keyOf({ resource, id, parentId }: StoredRecord): RecordKey {
  return { resource, id, ...(parentId !== undefined && { parentId }) };
}

function historyText(key: RecordKey, scope: Scope): string {
  return `${scope}#${keyText(key)}`;
}

function versionText({ readAt, contentHash, deletedAt }: StoredRecord): string {
  return `${readAt}#${contentHash}${deletedAt === undefined ? '' : '#deleted'}`;
}

function listText({ resource, parentId }: ListKey): string {
  return `${resource}#${parentId}`;
}

/** Elements of nested lists are found by their record alone. */
function isIndexed(resource: string): boolean {
  return findNested(resource) === undefined;
}

function refuseUnfit({ data }: RecordVersion): void {
  toAttributes(data);
  if (canonicalJson(data).length > MAX_BYTES) {
    throw new RecordRefusedError('REFUSED_BY_STORE', 'the item is too large');
  }
}
