import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../clock.ts';
import type { Usage } from '../observability/usage.ts';

export type Item = Record<string, AttributeValue>;

/** An item's key; both tables call its attributes so. */
export interface ItemKey {
  pk: string;
  sk: string;
}

/** What a write depends on: an expression with its names (`#x`) and values (`:x`). */
export interface Condition {
  expression: string;
  names?: Record<string, string>;
  values?: Item;
}

export interface TableOptions {
  client: DynamoDBClient;
  tableName: string;
  clock: Clock;
  /** Where the consumed capacity is counted. */
  usage: Usage;
}

/** BatchGetItem takes at most 100 keys (an AWS limit). */
const KEYS_A_BATCH = 100;
/** BatchWriteItem takes at most 25 requests (an AWS limit). */
const WRITES_A_BATCH = 25;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 5_000;

/**
 * One DynamoDB table with the few operations the stores need: consistent reads, conditional writes that answer
 * whether they took place, queries that follow every page; consumed capacity is counted throughout.
 */
export class Table {
  readonly #client: DynamoDBClient;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #usage: Usage;

  constructor(options: TableOptions) {
    this.#client = options.client;
    this.#name = options.tableName;
    this.#clock = options.clock;
    this.#usage = options.usage;
  }

  async get(key: ItemKey): Promise<Item | undefined> {
    const answer = await this.#client.send(
      new GetItemCommand({ ...this.#common, Key: keyOf(key), ConsistentRead: true }),
    );
    this.#countRead(answer.ConsumedCapacity);
    return answer.Item;
  }

  /** Reads many items consistently, only the attributes named; those that do not exist are left out. */
  async getMany(keys: readonly ItemKey[], attributes: readonly string[]): Promise<Item[]> {
    const items: Item[] = [];
    const names = Object.fromEntries(attributes.map((attribute, index) => [`#a${index}`, attribute]));
    for (let start = 0; start < keys.length; start += KEYS_A_BATCH) {
      let wanted: Item[] = keys.slice(start, start + KEYS_A_BATCH).map(keyOf);
      let backoffMs = FIRST_BACKOFF_MS;
      while (wanted.length > 0) {
        const answer = await this.#client.send(
          new BatchGetItemCommand({
            ReturnConsumedCapacity: 'TOTAL',
            RequestItems: {
              [this.#name]: {
                Keys: wanted,
                ConsistentRead: true,
                ProjectionExpression: Object.keys(names).join(', '),
                ExpressionAttributeNames: names,
              },
            },
          }),
        );
        answer.ConsumedCapacity?.forEach((capacity) => {
          this.#countRead(capacity);
        });
        items.push(...(answer.Responses?.[this.#name] ?? []));
        wanted = answer.UnprocessedKeys?.[this.#name]?.Keys ?? [];
        if (wanted.length > 0) {
          await this.#clock.sleep(backoffMs);
          backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
        }
      }
    }
    return items;
  }

  /** Answers whether the condition held and the item was written. */
  async put(item: Item, condition?: Condition): Promise<boolean> {
    return this.#conditionally(async () => {
      const answer = await this.#client.send(
        new PutItemCommand({
          ...this.#common,
          Item: item,
          ...(condition && {
            ConditionExpression: condition.expression,
            ExpressionAttributeNames: condition.names,
            ExpressionAttributeValues: condition.values,
          }),
        }),
      );
      this.#countWrite(answer.ConsumedCapacity);
    });
  }

  /** Answers whether the condition held and the item was changed. */
  async update(
    key: ItemKey,
    change: Pick<
      UpdateItemCommandInput,
      'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
    >,
  ): Promise<boolean> {
    return this.#conditionally(async () => {
      const answer = await this.#client.send(
        new UpdateItemCommand({ ...this.#common, Key: keyOf(key), ...change }),
      );
      this.#countWrite(answer.ConsumedCapacity);
    });
  }

  /** Answers whether the condition held; an item that does not exist counts as removed. */
  async remove(key: ItemKey, condition?: Condition): Promise<boolean> {
    return this.#conditionally(async () => {
      const answer = await this.#client.send(
        new DeleteItemCommand({
          ...this.#common,
          Key: keyOf(key),
          ...(condition && {
            ConditionExpression: condition.expression,
            ExpressionAttributeNames: condition.names,
            ExpressionAttributeValues: condition.values,
          }),
        }),
      );
      this.#countWrite(answer.ConsumedCapacity);
    });
  }

  /** Removes many items, without conditions. */
  async removeMany(keys: readonly ItemKey[]): Promise<void> {
    for (let start = 0; start < keys.length; start += WRITES_A_BATCH) {
      let wanted: WriteRequest[] = keys
        .slice(start, start + WRITES_A_BATCH)
        .map((key) => ({ DeleteRequest: { Key: keyOf(key) } }));
      let backoffMs = FIRST_BACKOFF_MS;
      while (wanted.length > 0) {
        const answer = await this.#client.send(
          new BatchWriteItemCommand({
            ReturnConsumedCapacity: 'TOTAL',
            RequestItems: { [this.#name]: wanted },
          }),
        );
        answer.ConsumedCapacity?.forEach((capacity) => {
          this.#countWrite(capacity);
        });
        wanted = answer.UnprocessedItems?.[this.#name] ?? [];
        if (wanted.length > 0) {
          await this.#clock.sleep(backoffMs);
          backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
        }
      }
    }
  }

  /** Every page of a query, to the last `LastEvaluatedKey`. Consistent, unless it names an index. */
  async *query(query: Omit<QueryCommandInput, 'TableName'>): AsyncIterable<Item[]> {
    let startKey: Item | undefined;
    do {
      const answer = await this.#client.send(
        new QueryCommand({
          ...this.#common,
          ConsistentRead: query.IndexName === undefined,
          ...query,
          ExclusiveStartKey: startKey,
        }),
      );
      this.#countRead(answer.ConsumedCapacity);
      if (answer.Items !== undefined && answer.Items.length > 0) yield answer.Items;
      startKey = answer.LastEvaluatedKey;
    } while (startKey !== undefined);
  }

  /** All items of one partition key whose sort key starts with a prefix ('' for any), consistently. */
  async *items(pk: string, skPrefix: string, attributes?: readonly string[]): AsyncIterable<Item[]> {
    const names = Object.fromEntries((attributes ?? []).map((attribute, index) => [`#a${index}`, attribute]));
    const named = skPrefix !== '';
    yield* this.query({
      KeyConditionExpression: named ? '#pk = :pk AND begins_with(#sk, :prefix)' : '#pk = :pk',
      ExpressionAttributeNames: { '#pk': 'pk', ...(named && { '#sk': 'sk' }), ...names },
      ExpressionAttributeValues: { ':pk': { S: pk }, ...(named && { ':prefix': { S: skPrefix } }) },
      ...(attributes && { ProjectionExpression: Object.keys(names).join(', ') }),
    });
  }

  get #common() {
    return { TableName: this.#name, ReturnConsumedCapacity: 'TOTAL' } as const;
  }

  async #conditionally(write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // A write whose condition fails is charged as well; its answer does not say how much, so at least one unit.
      this.#usage.writeUnits += 1;
      return false;
    }
  }

  #countRead(capacity: ConsumedCapacity | undefined): void {
    this.#usage.readUnits += capacity?.CapacityUnits ?? 0;
  }

  #countWrite(capacity: ConsumedCapacity | undefined): void {
    this.#usage.writeUnits += capacity?.CapacityUnits ?? 0;
  }
}

function keyOf(key: ItemKey): Item {
  return { pk: { S: key.pk }, sk: { S: key.sk } };
}
