import { mapConcurrently } from '../concurrency.ts';
import type { Item, ItemKey, Table } from '../dynamodb/table.ts';
import { findNested } from '../resources/registry.ts';
import type { Scope } from '../resources/resource.ts';
import type { RecordKey, StoredVersion } from './record.ts';
import { indexedKeyOf, storedVersionOf, versionItemOf } from './record-item.ts';
import type { VersionKey } from './record-store.ts';
import { SHARDS, shardOf } from './shards.ts';

const VERSIONS_A_PAGE = 100;
const REMOVALS_AT_ONCE = 16;

/**
 * The replaced versions in the `Records` table: a partition of its own for each record, and feeds of their own in the
 * index by update, which have a version when it was replaced. docs/data-model.md shows the keys.
 */
export class DynamoRecordHistory {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** The item that keeps what an item of a record says; the same for the same version. */
  itemFor(stored: Item, replacedAt: string): Item {
    const key = indexedKeyOf(stored);
    const scope = stored.scope?.S ?? '';
    return versionItemOf(stored, {
      key: { pk: partitionOf(key, scope), sk: sortKeyOf(stored) },
      replacedAt,
      feed: feedOf(key.resource, scope, shardFor(key)),
    });
  }

  async *of(key: RecordKey, scope: Scope): AsyncIterable<StoredVersion> {
    const pages = this.#table.query({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: partitionOf(key, scope) } },
      ScanIndexForward: false,
    });
    for await (const items of pages) yield* items.map(storedVersionOf);
  }

  /** The keys of all replaced versions of a list that are kept, of a nested list as well, in pages for `read`. */
  async *keysOf(resource: string, scope: Scope): AsyncIterable<ItemKey[]> {
    for (const shard of ALL_SHARDS) yield* this.#feed(resource, scope, shard);
  }

  async *replacedBefore(resource: string, scope: Scope, moment: string): AsyncIterable<VersionKey[]> {
    for (const shard of ALL_SHARDS) {
      for await (const keys of this.#feed(resource, scope, shard, moment)) {
        yield keys.map(({ pk, sk }) => ({ record: pk, version: sk }));
      }
    }
  }

  async forget(versions: readonly VersionKey[]): Promise<void> {
    await mapConcurrently(versions, REMOVALS_AT_ONCE, ({ record, version }) =>
      this.#table.remove({ pk: record, sk: version }),
    );
  }

  /** Removes all that is kept of one record. */
  async forgetRecord(key: RecordKey, scope: Scope): Promise<void> {
    for await (const items of this.#table.items(partitionOf(key, scope), '', ['pk', 'sk'])) {
      await this.forget(items.map(tableKeyOf).map(({ pk, sk }) => ({ record: pk, version: sk })));
    }
  }

  async *#feed(resource: string, scope: Scope, shard: number, before?: string): AsyncIterable<ItemKey[]> {
    const pages = this.#table.query({
      IndexName: 'by-update',
      KeyConditionExpression: before === undefined ? 'feed = :feed' : 'feed = :feed AND feedAt < :before',
      ExpressionAttributeValues: {
        ':feed': { S: feedOf(resource, scope, shard) },
        ...(before !== undefined && { ':before': { S: before } }),
      },
    });
    for await (const items of pages) {
      for (let start = 0; start < items.length; start += VERSIONS_A_PAGE) {
        yield items.slice(start, start + VERSIONS_A_PAGE).map(tableKeyOf);
      }
    }
  }

  /** In the order of the keys; what was removed meanwhile is left out. */
  async read(keys: readonly ItemKey[]): Promise<StoredVersion[]> {
    const items = await this.#table.getMany(keys, VERSION_ATTRIBUTES);
    const versions = new Map(items.map((item) => [textOf(tableKeyOf(item)), storedVersionOf(item)]));
    return keys.map((key) => versions.get(textOf(key))).filter((version) => version !== undefined);
  }
}

const ALL_SHARDS = Array.from({ length: SHARDS }, (_, shard) => shard);
const VERSION_ATTRIBUTES = [
  'pk',
  'sk',
  'resource',
  'id',
  'parentId',
  'scope',
  'projectId',
  'data',
  'readAt',
  'updatedAt',
  'contentHash',
  'deletedAt',
  'replacedAt',
] as const;

function partitionOf({ resource, id, parentId }: RecordKey, scope: Scope): string {
  return `history#${resource}#${scope}#${parentId === undefined ? id : `${parentId}/${id}`}`;
}

/** Versions that were read in the same millisecond differ in their content, or in being gone. */
function sortKeyOf({ readAt, contentHash, deletedAt }: Item): string {
  return `${readAt?.S}#${contentHash?.S}${deletedAt === undefined ? '' : '#deleted'}`;
}

function feedOf(resource: string, scope: Scope, shard: number): string {
  return `history#${resource}#${scope}#${shard}`;
}

/** Elements are in the shard of their record. */
function shardFor({ resource, id, parentId }: RecordKey): number {
  return shardOf(findNested(resource) === undefined ? id : (parentId ?? id));
}

function tableKeyOf(item: Item): ItemKey {
  return { pk: item.pk?.S ?? '', sk: item.sk?.S ?? '' };
}

export function textOf({ pk, sk }: ItemKey): string {
  return `${pk} ${sk}`;
}
