import * as z from 'zod';
import type { Item, ItemKey } from '../dynamodb/table.ts';
import { fromAttributes, toAttributes } from './attribute-value.ts';
import type { RecordHead, RecordKey, StoredRecord, StoredVersion } from './record.ts';
import type { RecordVersion } from './record-store.ts';

const text = z.object({ S: z.string() }).transform((attribute) => attribute.S);

/** `formId`: what `parentId` was called when forms were the only records with lists in them. */
const keySchema = z.object({
  resource: text,
  id: text,
  parentId: text.exactOptional(),
  formId: text.exactOptional(),
});

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
  return { ...withParent(recordSchema.parse(item)), data: fromAttributes(item.data?.M ?? {}) };
}

/** What an item of the history says; an item of another shape throws. */
export function storedVersionOf(item: Item): StoredVersion {
  return { ...storedRecordOf(item), replacedAt: text.parse(item.replacedAt) };
}

export function headOf(item: Item): RecordHead {
  return headSchema.parse(item);
}

export function indexedKeyOf(item: Item): RecordKey {
  return withParent(keySchema.parse(item));
}

function withParent<Read extends z.infer<typeof keySchema>>({ formId, ...read }: Read) {
  return { ...read, ...(read.parentId === undefined && formId !== undefined && { parentId: formId }) };
}

/** Sorts before every time: records without `updatedAt` come first. */
export const NO_TIME = '-';

/**
 * The item of a version. `feed`: where the index by update has it; absent for elements of nested lists, which are in
 * no index. `alias`: another name for its `parentId`.
 */
export function itemOf(version: RecordVersion, { pk, sk }: ItemKey, feed?: string, alias?: string): Item {
  return {
    pk: { S: pk },
    sk: { S: sk },
    resource: { S: version.resource },
    id: { S: version.id },
    scope: { S: version.scope },
    data: { M: toAttributes(version.data) },
    readAt: { S: version.readAt },
    contentHash: { S: version.contentHash },
    ...optional('parentId', version.parentId),
    ...(alias !== undefined && optional(alias, version.parentId)),
    ...optional('updatedAt', version.updatedAt),
    ...optional('projectId', version.projectId),
    ...optional('listHash', version.listHash),
    ...optional('listReadAt', version.listHash && version.readAt),
    ...optional('writtenBy', version.writtenBy),
    ...optional('deletedAt', version.deletedAt),
    ...(feed !== undefined && { feed: { S: feed }, ...indexesOf(version) }),
  };
}

function indexesOf(version: RecordVersion): Item {
  if (version.deletedAt !== undefined) return { feedAt: { S: version.deletedAt } };
  return {
    feedAt: { S: version.updatedAt ?? NO_TIME },
    ...optional('project', version.projectId || undefined),
    ...optional('attention', version.attention ? version.resource : undefined),
  };
}

function optional(name: string, value: string | undefined): Item {
  return value === undefined ? {} : { [name]: { S: value } };
}

/** The item of the history that says what a record's item says, and since when it is not the newest any more. */
export function versionItemOf(
  stored: Item,
  { key, replacedAt, feed }: { key: ItemKey; replacedAt: string; feed: string },
): Item {
  const parentId = stored.parentId ?? stored.formId;
  const kept = KEPT_ATTRIBUTES.flatMap((name) => {
    const attribute = stored[name];
    return attribute === undefined ? [] : [[name, attribute] as const];
  });
  return {
    ...Object.fromEntries(kept),
    pk: { S: key.pk },
    sk: { S: key.sk },
    ...(parentId !== undefined && { parentId }),
    replacedAt: { S: replacedAt },
    feed: { S: feed },
    feedAt: { S: replacedAt },
  };
}

const KEPT_ATTRIBUTES = [
  'resource',
  'id',
  'scope',
  'projectId',
  'data',
  'readAt',
  'updatedAt',
  'contentHash',
  'deletedAt',
] as const;
