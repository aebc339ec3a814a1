import type { z } from 'zod';
import type { Item, ItemKey, Table } from './table.ts';

/** Small documents of one shape under one partition key of the State table: JSON text beside its key and its `rev`. */
export class DynamoDocuments<Document> {
  readonly #table: Table;
  readonly #partition: string;
  readonly #schema: z.ZodType<Document>;

  constructor(table: Table, partition: string, schema: z.ZodType<Document>) {
    this.#table = table;
    this.#partition = partition;
    this.#schema = schema;
  }

  async get(sk: string): Promise<Document | undefined> {
    const item = await this.#table.get(this.#key(sk));
    return item && this.#parse(item);
  }

  /** All of them in the order of their sort keys, from one on where it is given. */
  async list(fromSk = ''): Promise<{ sk: string; document: Document }[]> {
    const documents: { sk: string; document: Document }[] = [];
    const pages = this.#table.query({
      KeyConditionExpression: fromSk === '' ? 'pk = :pk' : 'pk = :pk AND sk >= :from',
      ExpressionAttributeValues: {
        ':pk': { S: this.#partition },
        ...(fromSk !== '' && { ':from': { S: fromSk } }),
      },
    });
    for await (const items of pages) {
      documents.push(...items.map((item) => ({ sk: item.sk?.S ?? '', document: this.#parse(item) })));
    }
    return documents;
  }

  /** Stores it whatever is there. */
  async replace(sk: string, document: Document, more: Item = {}): Promise<void> {
    await this.#table.put({ ...this.#item(sk, document), ...more });
  }

  /** Stores it with the next `rev` if the stored one is `rev`, or nothing is stored and `rev` is 0. */
  async put(sk: string, rev: number, document: Document): Promise<boolean> {
    const item = { ...this.#item(sk, document), rev: { N: String(rev + 1) } };
    return this.#table.put(
      item,
      rev === 0 ? { expression: 'attribute_not_exists(pk)' } : unchangedSince(rev),
    );
  }

  /** Removes it if its stored `rev` is still this one. */
  async remove(sk: string, rev: number): Promise<boolean> {
    return this.#table.remove(this.#key(sk), unchangedSince(rev));
  }

  #key(sk: string): ItemKey {
    return { pk: this.#partition, sk };
  }

  #item(sk: string, document: Document): Item {
    return { pk: { S: this.#partition }, sk: { S: sk }, document: { S: JSON.stringify(document) } };
  }

  #parse(item: Item): Document {
    const document: unknown = JSON.parse(item.document?.S ?? 'null');
    // The counter beside the document is the one that conditions compare.
    const rev = Number(item.rev?.N ?? 0);
    return this.#schema.parse(typeof document === 'object' ? { ...document, rev } : document);
  }
}

function unchangedSince(rev: number) {
  return { expression: 'rev = :rev', values: { ':rev': { N: String(rev) } } };
}
