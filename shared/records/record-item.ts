import * as z from 'zod';
import type { Item } from '../dynamodb/table.ts';
import { fromAttributes } from './attribute-value.ts';
import type { RecordHead, RecordKey, StoredRecord } from './record.ts';

const text = z.object({ S: z.string() }).transform((attribute) => attribute.S);

const keySchema = z.object({ resource: text, id: text, formId: text.exactOptional() });

const headSchema = z.object({
  contentHash: text,
  readAt: text,
  updatedAt: text.exactOptional(),
  deletedAt: text.exactOptional(),
  listHash: text.exactOptional(),
  writtenBy: text.exactOptional(),
});

const recordSchema = keySchema.extend({
  scope: text,
  contentHash: text,
  readAt: text,
  updatedAt: text.exactOptional(),
  deletedAt: text.exactOptional(),
  projectId: text.exactOptional(),
});

/** What an item of the `Records` table says; an item of another shape throws. */
export function storedRecordOf(item: Item): StoredRecord {
  return { ...recordSchema.parse(item), data: fromAttributes(item.data?.M ?? {}) };
}

export function headOf(item: Item): RecordHead {
  return headSchema.parse(item);
}

export function indexedKeyOf(item: Item): RecordKey {
  return keySchema.parse(item);
}
