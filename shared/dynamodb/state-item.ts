import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { z } from 'zod';

/** A small value that all workers share and change one after the other. */
export interface StateItem<Value> {
  /** The newest value, and the revision to write the next one on; revision 0 where nothing was written yet. */
  read(): Promise<Revision<Value>>;
  /** Writes revision `rev + 1` if nobody has written since `rev` was read, and tells whether it did. */
  write(value: Value, rev: number): Promise<boolean>;
}

export interface Revision<Value> {
  value: Value;
  rev: number;
}

/** One item of the State table, its value as JSON. `initial` is the value before the first write. */
export class DynamoStateItem<Value> implements StateItem<Value> {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #key: { pk: { S: string }; sk: { S: string } };
  readonly #schema: z.ZodType<Value>;
  readonly #initial: Value;

  constructor(
    client: DynamoDBClient,
    table: string,
    key: { pk: string; sk: string },
    schema: z.ZodType<Value>,
    initial: Value,
  ) {
    this.#client = client;
    this.#table = table;
    this.#key = { pk: { S: key.pk }, sk: { S: key.sk } };
    this.#schema = schema;
    this.#initial = initial;
  }

  async read(): Promise<Revision<Value>> {
    const { Item: item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: this.#key, ConsistentRead: true }),
    );
    if (item === undefined) return { value: this.#initial, rev: 0 };
    return { value: this.#schema.parse(JSON.parse(item.value?.S ?? '')), rev: Number(item.rev?.N) };
  }

  async write(value: Value, rev: number): Promise<boolean> {
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: { ...this.#key, rev: { N: String(rev + 1) }, value: { S: JSON.stringify(value) } },
          ...(rev === 0
            ? { ConditionExpression: 'attribute_not_exists(pk)' }
            : {
                ConditionExpression: '#rev = :rev',
                ExpressionAttributeNames: { '#rev': 'rev' },
                ExpressionAttributeValues: { ':rev': { N: String(rev) } },
              }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
