import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import type { Condition, Item, ItemKey, Table } from '../dynamodb/table.ts';
import { findNested, findResource } from '../resources/registry.ts';
import type { Scope } from '../resources/resource.ts';
import { DynamoRecordHistory } from './dynamo-record-history.ts';
import type { ListKey, RecordHead, RecordKey, StoredRecord, StoredVersion } from './record.ts';
import { headOf, indexedKeyOf, itemOf, NO_TIME, storedRecordOf } from './record-item.ts';
import {
  keyText,
  type ListOrder,
  type RecordStore,
  type RecordVersion,
  type VersionKey,
  type WriteOutcome,
} from './record-store.ts';
import { RecordRefusedError } from './refusal.ts';
import { replaceVersion, type Successor } from './replace-version.ts';
import { SHARDS, shardOf } from './shards.ts';

const HEAD_ATTRIBUTES = [
  'resource',
  'id',
  'parentId',
  'formId',
  'contentHash',
  'readAt',
  'updatedAt',
  'deletedAt',
  'listHash',
  'writtenBy',
] as const;

/** Ids in one item of a list's order: 1,000 ids of 128 characters stay below DynamoDB's 400 KB. */
const IDS_AN_ORDER_ITEM = 1_000;
const KEYS_A_PAGE = 100;

/** The `Records` table; docs/data-model.md shows its keys and indexes. */
export class DynamoRecordStore implements RecordStore {
  readonly #table: Table;
  readonly #history: DynamoRecordHistory;
  readonly #keepsHistory: boolean;

  /** `historyDays`: with 0 what is replaced is not kept. */
  constructor(table: Table, { historyDays }: { historyDays: number }) {
    this.#table = table;
    this.#history = new DynamoRecordHistory(table);
    this.#keepsHistory = historyDays > 0;
  }

  async heads(keys: readonly RecordKey[]): Promise<Map<string, RecordHead>> {
    const items = await this.#itemsOf(keys, HEAD_ATTRIBUTES);
    return new Map(items.map((item) => [keyText(indexedKeyOf(item)), headOf(item)]));
  }

  async get(key: RecordKey): Promise<StoredRecord | undefined> {
    const item = await this.#table.get(itemKey(key));
    return item && storedRecordOf(item);
  }

  async getMany(keys: readonly RecordKey[]): Promise<Map<string, StoredRecord>> {
    const items = await this.#itemsOf(keys, RECORD_ATTRIBUTES);
    return new Map(items.map(storedRecordOf).map((record) => [keyText(record), record]));
  }

  async create(version: RecordVersion): Promise<'stored' | 'exists'> {
    return (await this.#write(version, NOT_STORED)) ? 'stored' : 'exists';
  }

  async put(version: RecordVersion): Promise<WriteOutcome> {
    if (this.#keepsHistory) return this.#replace(version, { kind: 'version', version });
    return (await this.#write(version, newerThanStored(version))) ? 'stored' : 'superseded';
  }

  async markDeleted(key: RecordKey, readAt: string): Promise<WriteOutcome> {
    if (this.#keepsHistory) return this.#replace(key, { kind: 'deletion', readAt });
    const stored = await this.get(key);
    if (stored === undefined || stored.deletedAt !== undefined) return 'superseded';
    const condition = {
      expression: 'attribute_exists(pk) AND readAt <= :readAt AND attribute_not_exists(deletedAt)',
    };
    return (await this.#mark(key, stored.scope, readAt, condition)) ? 'stored' : 'superseded';
  }

  async noteAbsence(key: RecordKey, runId: string): Promise<string | undefined> {
    const item = await this.#table.get(itemKey(key));
    const before = item?.absentIn?.S;
    if (item !== undefined && before !== runId) {
      await this.#table.update(itemKey(key), {
        UpdateExpression: 'SET absentIn = :run',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':run': { S: runId } },
      });
    }
    return before;
  }

  async *liveKeys(
    resource: string,
    scope: Scope,
    { shard, since }: { shard?: number; since?: string } = {},
  ): AsyncIterable<RecordKey[]> {
    const shards = shard === undefined ? Array.from({ length: SHARDS }, (_, index) => index) : [shard];
    for (const index of shards) {
      for await (const items of this.#feed(shardFeed(resource, scope, index), since)) {
        yield items.map(tableKeyOf);
      }
    }
  }

  async updateSample(resource: string, scope: Scope): Promise<{ total: number; moments: string[] }> {
    const moments: string[] = [];
    const pages = this.#table.query({
      IndexName: 'by-update',
      KeyConditionExpression: 'feed = :feed',
      ProjectionExpression: 'feedAt',
      ExpressionAttributeValues: { ':feed': { S: shardFeed(resource, scope, 0) } },
    });
    for await (const items of pages) moments.push(...items.map((item) => item.feedAt?.S ?? NO_TIME));
    return { total: moments.length * SHARDS, moments: moments.filter((moment) => moment !== NO_TIME) };
  }

  async *attention(resource: string): AsyncIterable<RecordKey> {
    const pages = this.#table.query({
      IndexName: 'attention',
      KeyConditionExpression: 'attention = :resource',
      ExpressionAttributeValues: { ':resource': { S: resource } },
    });
    for await (const items of pages) yield* items.map(tableKeyOf);
  }

  /** Keys of records of a project from an index, at most so many; of one resource where it is given. */
  async *ofProject(projectId: string, limit: number, resource?: string): AsyncIterable<RecordKey> {
    const pages = this.#table.query({
      IndexName: 'by-project',
      KeyConditionExpression:
        resource === undefined ? '#project = :project' : '#project = :project AND begins_with(pk, :resource)',
      ExpressionAttributeNames: { '#project': 'project' },
      ExpressionAttributeValues: {
        ':project': { S: projectId },
        ...(resource !== undefined && { ':resource': { S: `${resource}#` } }),
      },
      Limit: limit,
    });
    let left = limit;
    for await (const items of pages) {
      yield* items.slice(0, left).map(tableKeyOf);
      left -= items.length;
      if (left <= 0) return;
    }
  }

  async *all(
    resource: string,
    scope: Scope,
    options: { includeDeleted?: boolean } = {},
  ): AsyncIterable<StoredRecord> {
    for await (const keys of this.liveKeys(resource, scope)) yield* this.#readAll(keys, options);
    if (!options.includeDeleted) return;
    for await (const items of this.#feed(`${resource}#${scope}#deleted`)) {
      yield* this.#readAll(items.map(tableKeyOf), options);
    }
  }

  async *elements(list: ListKey, options: { includeDeleted?: boolean } = {}): AsyncIterable<StoredRecord> {
    const { pk, elements, order } = placeOf(list);
    const stored = new Map<string, StoredRecord>();
    for await (const items of this.#table.items(pk, elements)) {
      for (const record of items.map(storedRecordOf)) stored.set(record.id, record);
    }
    for await (const items of this.#table.items(pk, order)) {
      for (const id of items.flatMap(idsOf)) {
        const record = stored.get(id);
        if (record === undefined || record.deletedAt !== undefined) continue;
        stored.delete(record.id);
        yield record;
      }
    }
    for (const record of stored.values()) {
      if (record.deletedAt === undefined || options.includeDeleted) yield record;
    }
  }

  async elementHeads(list: ListKey): Promise<Map<string, RecordHead>> {
    const { pk, elements } = placeOf(list);
    const heads = new Map<string, RecordHead>();
    for await (const items of this.#table.items(pk, elements, HEAD_ATTRIBUTES)) {
      for (const item of items) heads.set(indexedKeyOf(item).id, headOf(item));
    }
    return heads;
  }

  async openLists(record: RecordKey): Promise<void> {
    await this.#table.update(itemKey(record), {
      UpdateExpression: 'REMOVE listHash',
      ConditionExpression: 'attribute_exists(listHash)',
    });
  }

  async putOrder(list: ListKey, order: ListOrder): Promise<WriteOutcome> {
    const place = placeOf(list);
    const { pk } = place;
    const stored = new Map<string, string>();
    for await (const items of this.#table.items(pk, place.order)) {
      for (const item of items) stored.set(item.sk?.S ?? '', idsOf(item).join());
    }
    const notNewer = {
      expression: 'attribute_not_exists(pk) OR readAt <= :readAt',
      values: { ':readAt': { S: order.readAt } },
    };
    for (let start = 0; start < order.ids.length; start += IDS_AN_ORDER_ITEM) {
      const sk = `${place.order}${String(start / IDS_AN_ORDER_ITEM).padStart(6, '0')}`;
      const ids = order.ids.slice(start, start + IDS_AN_ORDER_ITEM);
      if (stored.get(sk) !== ids.join()) {
        const item = {
          pk: { S: pk },
          sk: { S: sk },
          ids: { L: ids.map((id) => ({ S: id })) },
          readAt: { S: order.readAt },
        };
        if (!(await this.#table.put(item, notNewer))) return 'superseded';
      }
      stored.delete(sk);
    }
    for (const sk of stored.keys()) await this.#table.remove({ pk, sk }, notNewer);
    return 'stored';
  }

  async closeLists(record: RecordKey, lists: { listHash?: string; readAt: string }): Promise<WriteOutcome> {
    const written = await this.#table.update(itemKey(record), {
      UpdateExpression:
        lists.listHash === undefined
          ? 'SET listReadAt = :readAt REMOVE listHash'
          : 'SET listReadAt = :readAt, listHash = :hash',
      ConditionExpression:
        'attribute_not_exists(deletedAt) AND listReadAt <= :readAt OR attribute_exists(pk) AND attribute_not_exists(deletedAt) AND attribute_not_exists(listReadAt)',
      ExpressionAttributeValues: {
        ':readAt': { S: lists.readAt },
        ...(lists.listHash !== undefined && { ':hash': { S: lists.listHash } }),
      },
    });
    return written ? 'stored' : 'superseded';
  }

  async *deletedBefore(resource: string, scope: Scope, moment: string): AsyncIterable<RecordKey> {
    const pages = this.#table.query({
      IndexName: 'by-update',
      KeyConditionExpression: 'feed = :feed AND feedAt < :moment',
      ExpressionAttributeValues: {
        ':feed': { S: deletedFeedOf(resource, scope) },
        ':moment': { S: moment },
      },
    });
    for await (const items of pages) yield* items.map(tableKeyOf);
  }

  async purge(key: RecordKey): Promise<void> {
    const [stored] = await this.#table.getMany([itemKey(key)], ['deletedAt', 'scope']);
    if (stored?.deletedAt === undefined) return;
    for (const { name } of findResource(key.resource)?.nested ?? []) {
      const { pk, elements, order } = placeOf({ resource: name, parentId: key.id });
      for await (const items of this.#table.items(pk, elements, KEY_ATTRIBUTES)) {
        for (const item of items) await this.purge(indexedKeyOf(item));
      }
      for await (const items of this.#table.items(pk, order, ['sk'])) {
        for (const item of items) await this.#table.remove({ pk, sk: item.sk?.S ?? '' });
      }
    }
    // Before the record: whoever dies in between finds the record again, and no personal data stays behind.
    await this.#history.forgetRecord(key, stored.scope?.S ?? '');
    await this.#table.remove(itemKey(key), { expression: 'attribute_exists(deletedAt)' });
  }

  history(key: RecordKey, scope: Scope): AsyncIterable<StoredVersion> {
    return this.#history.of(key, scope);
  }

  replacedBefore(resource: string, scope: Scope, moment: string): AsyncIterable<VersionKey[]> {
    return this.#history.replacedBefore(resource, scope, moment);
  }

  forget(versions: readonly VersionKey[]): Promise<void> {
    return this.#history.forget(versions);
  }

  #feed(feed: string, since?: string): AsyncIterable<Item[]> {
    return this.#table.query({
      IndexName: 'by-update',
      KeyConditionExpression: since === undefined ? 'feed = :feed' : 'feed = :feed AND feedAt >= :since',
      ExpressionAttributeValues: {
        ':feed': { S: feed },
        ...(since !== undefined && { ':since': { S: since } }),
      },
    });
  }

  #replace(key: RecordKey, successor: Successor): Promise<WriteOutcome> {
    return replaceVersion(successor, {
      read: async () => {
        const item = await this.#table.get(itemKey(key));
        return item && { ...headOf(item), item };
      },
      keep: async ({ item }, replacedAt) => {
        await this.#put(this.#history.itemFor(item, replacedAt));
      },
      replace: async (stored) => {
        const condition = stored === undefined ? NOT_STORED : stillStored(stored);
        if (successor.kind === 'version') return this.#write(successor.version, condition);
        return this.#mark(key, stored?.item.scope?.S ?? '', successor.readAt, condition);
      },
    });
  }

  #write(version: RecordVersion, condition: Condition): Promise<boolean> {
    const nested = findNested(version.resource);
    const feed = nested === undefined ? feedFor(version) : undefined;
    return this.#put(itemOf(version, itemKey(version), feed, nested?.list.parentIdAlias), condition);
  }

  #mark(key: RecordKey, scope: Scope, readAt: string, condition: Condition): Promise<boolean> {
    const indexed = isIndexed(key.resource);
    return this.#table.update(itemKey(key), {
      UpdateExpression: indexed
        ? 'SET deletedAt = :readAt, readAt = :readAt, feed = :feed, feedAt = :readAt REMOVE #project, attention, listHash'
        : 'SET deletedAt = :readAt, readAt = :readAt',
      ConditionExpression: condition.expression,
      ...(indexed && { ExpressionAttributeNames: { '#project': 'project' } }),
      ExpressionAttributeValues: {
        ...condition.values,
        ':readAt': { S: readAt },
        ...(indexed && { ':feed': { S: deletedFeedOf(key.resource, scope) } }),
      },
    });
  }

  /** DynamoDB refuses a batch that names a key twice. */
  #itemsOf(keys: readonly RecordKey[], attributes: readonly string[]): Promise<Item[]> {
    const distinct = new Map(keys.map((key) => [keyText(key), itemKey(key)]));
    return this.#table.getMany([...distinct.values()], attributes);
  }

  async #put(item: Item, condition?: Condition): Promise<boolean> {
    try {
      return await this.#table.put(item, condition);
    } catch (error) {
      if (error instanceof DynamoDBServiceException && error.name === 'ValidationException') {
        throw new RecordRefusedError('REFUSED_BY_STORE', error.message, { cause: error });
      }
      throw error;
    }
  }

  async *#readAll(keys: RecordKey[], options: { includeDeleted?: boolean }): AsyncIterable<StoredRecord> {
    for (let start = 0; start < keys.length; start += KEYS_A_PAGE) {
      const page = keys.slice(start, start + KEYS_A_PAGE);
      const records = await this.getMany(page);
      for (const key of page) {
        const record = records.get(keyText(key));
        if (record !== undefined && (record.deletedAt === undefined || options.includeDeleted)) yield record;
      }
    }
  }
}

const NOT_STORED = { expression: 'attribute_not_exists(pk)' };
export const RECORD_ATTRIBUTES = [...HEAD_ATTRIBUTES, 'scope', 'projectId', 'data'] as const;
const KEY_ATTRIBUTES = ['resource', 'id', 'parentId', 'formId'] as const;
const RECORD = 'record';

function itemKey({ resource, id, parentId }: RecordKey): ItemKey {
  if (parentId === undefined) return { pk: `${resource}#${id}`, sk: RECORD };
  const { pk, elements } = placeOf({ resource, parentId });
  return { pk, sk: `${elements}${id}` };
}

/** Where the elements of a list and their order are: nested ones beside their record. */
function placeOf({ resource, parentId }: ListKey): { pk: string; elements: string; order: string } {
  const nested = findNested(resource);
  const key = nested?.list.sortKey;
  return {
    pk: `${nested?.parent.name ?? resource}#${parentId}`,
    elements: `${key ?? 'item'}#`,
    order: key === undefined ? 'order#' : `${key}-order#`,
  };
}

/** Elements of nested lists are in no index: they are found by their record. */
function isIndexed(resource: string): boolean {
  return findNested(resource) === undefined;
}

function idsOf(order: Item): string[] {
  return (order.ids?.L ?? []).map((id) => id.S ?? '');
}

function feedOf(resource: string, scope: Scope, id: string): string {
  return shardFeed(resource, scope, shardOf(id));
}

/** The live records of one shard, in the index by update. */
export function shardFeed(resource: string, scope: Scope, shard: number): string {
  return `${resource}#${scope}#${shard}`;
}

function feedFor({ resource, scope, id, deletedAt }: RecordVersion): string {
  return deletedAt === undefined ? feedOf(resource, scope, id) : deletedFeedOf(resource, scope);
}

/** The deleted records of a list, in the index by update. */
export function deletedFeedOf(resource: string, scope: Scope): string {
  return `${resource}#${scope}#deleted`;
}

/** The record a key of the table stands for: what an index gives. */
export function tableKeyOf(item: Item): RecordKey {
  const [resource = '', id = ''] = (item.pk?.S ?? '').split('#');
  const [kind, element] = (item.sk?.S ?? '').split('#');
  return kind === RECORD || element === undefined
    ? { resource, id }
    : { resource, parentId: id, id: element };
}

/**
 * The order (`updatedAt`, `readAt`) as a condition; `comesAfter` in record-store.ts says the same of two heads.
 * Without parentheses, for AND binds closer than OR: with them the embedded engine parses for tens of milliseconds.
 */
function newerThanStored(version: RecordVersion): Condition {
  const notDeleted = 'attribute_not_exists(deletedAt)';
  const byReadAt = 'readAt <= :readAt';
  const cases =
    version.updatedAt === undefined
      ? [`${notDeleted} AND ${byReadAt}`]
      : [
          `${notDeleted} AND attribute_not_exists(updatedAt) AND ${byReadAt}`,
          `${notDeleted} AND updatedAt < :updatedAt`,
          `${notDeleted} AND updatedAt = :updatedAt AND ${byReadAt}`,
        ];
  return {
    expression: [
      'attribute_not_exists(pk)',
      'attribute_exists(deletedAt) AND readAt < :readAt',
      ...cases,
    ].join(' OR '),
    values: {
      ':readAt': { S: version.readAt },
      ...(version.updatedAt !== undefined && { ':updatedAt': { S: version.updatedAt } }),
    },
  };
}

/** That the version is the one that was read; what else is in its item may have changed. */
function stillStored({ readAt, contentHash, deletedAt }: RecordHead): Condition {
  return {
    expression: `readAt = :storedReadAt AND contentHash = :storedHash AND ${
      deletedAt === undefined ? 'attribute_not_exists(deletedAt)' : 'attribute_exists(deletedAt)'
    }`,
    values: { ':storedReadAt': { S: readAt }, ':storedHash': { S: contentHash } },
  };
}
