import { mapConcurrently, withNextOnItsWay } from '../../concurrency.ts';
import type { Item, ItemKey, Table } from '../../dynamodb/table.ts';
import { listNamesOf } from '../../resources/registry.ts';
import type { Resource, Scope } from '../../resources/resource.ts';
import { DynamoRecordHistory, textOf } from '../dynamo-record-history.ts';
import { deletedFeedOf, RECORD_ATTRIBUTES, shardFeed, tableKeyOf } from '../dynamo-record-store.ts';
import type { StoredRecord, StoredVersion } from '../record.ts';
import { storedRecordOf } from '../record-item.ts';
import { SHARDS, shardOf } from '../shards.ts';
import type { RecordScan } from './record-scan.ts';

const READS_AT_ONCE = 8;
/** What one BatchGetItem takes (an AWS limit). */
const KEYS_A_READ = 100;

/** The `Records` table, list by list. */
export class DynamoRecordScan implements RecordScan {
  readonly #table: Table;
  readonly #history: DynamoRecordHistory;

  constructor(table: Table) {
    this.#table = table;
    this.#history = new DynamoRecordHistory(table);
  }

  async *recordMarks({ name, nested = [] }: Resource, scope: Scope): AsyncIterable<string> {
    for await (const entries of this.#entries(name, scope)) {
      // The index does not know of the lists inside records.
      const lists =
        nested.length > 0 ? await this.#listHashes(entries.map(keyOf)) : new Map<string, string>();
      for (const entry of entries) {
        const { pk } = keyOf(entry);
        yield [pk, entry.feedAt?.S, entry.contentHash?.S, lists.get(pk)].join(' ');
      }
    }
  }

  everyRecord(resource: Resource, scope: Scope): AsyncIterable<StoredRecord[]> {
    return withNextOnItsWay(this.#records(resource, scope));
  }

  async *versionMarks(resource: Resource, scope: Scope): AsyncIterable<string> {
    for await (const keys of this.#versionKeys(resource, scope)) yield* keys.map(textOf);
  }

  everyVersion(resource: Resource, scope: Scope): AsyncIterable<StoredVersion[]> {
    return withNextOnItsWay(this.#versions(resource, scope));
  }

  async *#records(resource: Resource, scope: Scope): AsyncIterable<StoredRecord[]> {
    const holdsLists = (resource.nested ?? []).length > 0;
    for (let shard = 0; shard < SHARDS; shard += 1) {
      const seen = new Set<string>();
      for await (const entries of this.#shardEntries(resource.name, scope, shard)) {
        const keys = entries.map(keyOf).filter((key) => seen.size < seen.add(textOf(key)).size);
        const read = (some: readonly ItemKey[]) =>
          holdsLists ? this.#partitions(some) : this.#table.getMany(some, RECORD_ATTRIBUTES);
        for await (const items of readsOf(keys, holdsLists ? 1 : KEYS_A_READ, read)) {
          yield items.map(storedRecordOf);
        }
      }
    }
  }

  async *#versions(resource: Resource, scope: Scope): AsyncIterable<StoredVersion[]> {
    for await (const keys of this.#versionKeys(resource, scope)) yield this.#history.read(keys);
  }

  /**
   * What the index says of the records of a shard. A record that is deleted, or comes back, moves in it: so live ones are
   * looked for once more after the deleted ones, and some are named twice.
   */
  async *#shardEntries(name: string, scope: Scope, shard: number): AsyncIterable<Item[]> {
    yield* this.#feed(shardFeed(name, scope, shard));
    for await (const entries of this.#feed(deletedFeedOf(name, scope))) {
      yield entries.filter((entry) => shardOf(tableKeyOf(entry).id) === shard);
    }
    yield* this.#feed(shardFeed(name, scope, shard));
  }

  async *#versionKeys(resource: Resource, scope: Scope): AsyncIterable<ItemKey[]> {
    for (const name of listNamesOf(resource)) yield* this.#history.keysOf(name, scope);
  }

  /** Records with the elements of their lists, which are in the same partition. */
  async #partitions(keys: readonly ItemKey[]): Promise<Item[]> {
    const items: Item[] = [];
    for (const { pk } of keys) {
      for await (const page of this.#table.items(pk, '')) {
        // The order of a list is there, too.
        items.push(...page.filter(({ data }) => data !== undefined));
      }
    }
    return items;
  }

  async #listHashes(keys: readonly ItemKey[]): Promise<Map<string, string>> {
    const items = await this.#table.getMany(keys, ['pk', 'listHash']);
    return new Map(items.map(({ pk, listHash }) => [pk?.S ?? '', listHash?.S ?? '']));
  }

  /** What the index says of all records of a list, deleted ones last. */
  async *#entries(name: string, scope: Scope): AsyncIterable<Item[]> {
    for (let shard = 0; shard < SHARDS; shard += 1) yield* this.#feed(shardFeed(name, scope, shard));
    yield* this.#feed(deletedFeedOf(name, scope));
  }

  #feed(feed: string): AsyncIterable<Item[]> {
    return this.#table.query({
      IndexName: 'by-update',
      KeyConditionExpression: 'feed = :feed',
      ExpressionAttributeValues: { ':feed': { S: feed } },
    });
  }
}

/** The items of many keys, so many keys a read, a few reads at once. */
async function* readsOf(
  keys: readonly ItemKey[],
  keysARead: number,
  read: (keys: readonly ItemKey[]) => Promise<Item[]>,
): AsyncIterable<Item[]> {
  const atOnce = keysARead * READS_AT_ONCE;
  for (let start = 0; start < keys.length; start += atOnce) {
    const reads: ItemKey[][] = [];
    for (let from = start; from < Math.min(start + atOnce, keys.length); from += keysARead) {
      reads.push(keys.slice(from, Math.min(from + keysARead, start + atOnce)));
    }
    yield (await mapConcurrently(reads, READS_AT_ONCE, read)).flat();
  }
}

function keyOf({ pk, sk }: Item): ItemKey {
  return { pk: pk?.S ?? '', sk: sk?.S ?? '' };
}
