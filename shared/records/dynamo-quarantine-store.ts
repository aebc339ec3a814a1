import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import type { Item, Table } from '../dynamodb/table.ts';
import { type Json, parseJson } from '../json.ts';
import type { Scope } from '../resources/resource.ts';
import type { QuarantinedRecord, QuarantineStore } from './quarantine.ts';

/** Bytes of the zipped payload in one item, well below DynamoDB's 400 KB. */
const CHUNK_BYTES = 300 * 1024;

/** `formId`: what `parentId` was called when forms were the only records with lists in them. */
const entrySchema = z.object({
  key: z.string(),
  resource: z.string(),
  scope: z.string(),
  parentId: z.string().exactOptional(),
  formId: z.string().exactOptional(),
  reason: z.enum([
    'NOT_AN_OBJECT',
    'NO_ID',
    'NO_PARENT',
    'TOO_LARGE',
    'TOO_DEEP',
    'NUMBER',
    'REFUSED_BY_STORE',
  ]),
  message: z.string(),
  readAt: z.string(),
  runId: z.string(),
});

/** Quarantine in the `State` table: an entry, and the payload zipped and cut beside it. */
export class DynamoQuarantineStore implements QuarantineStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async add(entry: QuarantinedRecord, payload: Json): Promise<void> {
    const zipped = gzipSync(JSON.stringify(payload));
    const body = bodyKey(entry.resource, entry.scope, entry.key);
    let chunks = 0;
    for (let start = 0; start < zipped.length; start += CHUNK_BYTES) {
      const bytes = zipped.subarray(start, start + CHUNK_BYTES);
      await this.#table.put({ pk: { S: body }, sk: { S: chunkKey(chunks) }, bytes: { B: bytes } });
      chunks += 1;
    }
    await this.#table.put({
      pk: { S: listKey(entry.resource, entry.scope) },
      sk: { S: entry.key },
      entry: { S: JSON.stringify(entry) },
      chunks: { N: String(chunks) },
    });
  }

  async list(resource: string, scope: Scope): Promise<QuarantinedRecord[]> {
    const entries: QuarantinedRecord[] = [];
    for await (const items of this.#table.items(listKey(resource, scope), '', ['entry'])) {
      entries.push(...items.map(entryOf));
    }
    return entries;
  }

  async payload(resource: string, scope: Scope, key: string): Promise<Json | undefined> {
    const item = await this.#table.get({ pk: listKey(resource, scope), sk: key });
    if (item === undefined) return undefined;
    const bytes: Uint8Array[] = [];
    for await (const items of this.#table.items(bodyKey(resource, scope, key), '')) {
      bytes.push(...items.map((chunk) => chunk.bytes?.B ?? new Uint8Array()));
    }
    const zipped = Buffer.concat(bytes.slice(0, Number(item.chunks?.N ?? 0)));
    return parseJson(gunzipSync(zipped).toString('utf8'));
  }

  async remove(resource: string, scope: Scope, key: string): Promise<void> {
    await this.#table.remove({ pk: listKey(resource, scope), sk: key });
    const body = bodyKey(resource, scope, key);
    for await (const items of this.#table.items(body, '', ['sk'])) {
      await this.#table.removeMany(items.map((item) => ({ pk: body, sk: item.sk?.S ?? '' })));
    }
  }
}

function listKey(resource: string, scope: Scope): string {
  return `quarantine#${resource}#${scope}`;
}

function bodyKey(resource: string, scope: Scope, key: string): string {
  return `quarantine-body#${resource}#${scope}#${key}`;
}

function chunkKey(chunk: number): string {
  return String(chunk).padStart(4, '0');
}

function entryOf(item: Item): QuarantinedRecord {
  const { formId, ...entry } = entrySchema.parse(JSON.parse(item.entry?.S ?? 'null'));
  return { ...entry, ...(entry.parentId === undefined && formId !== undefined && { parentId: formId }) };
}
