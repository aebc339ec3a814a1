import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { NestedList, Resource, Scope } from '../resources/resource.ts';
import { comparableTime, contentHash } from './content-hash.ts';
import type { RecordVersion } from './record-store.ts';
import { acceptRecord, checkSize, RecordRefusedError } from './refusal.ts';

/** Makes a version of a record from what Autodesk sent. Throws `RecordRefusedError` where it cannot be stored. */
export function versionOf(resource: Resource, scope: Scope, sent: Json, readAt: string): RecordVersion {
  // Nested lists are judged apart, so that one bad element does not keep its record out.
  const { idField } = resource;
  const { id, data: own } = acceptRecord(isJsonObject(sent) ? withoutLists(sent, resource) : sent, idField);
  const updatedAt = comparableTime(own.updatedAt);
  const projectId = own.projectId;
  const removed = resource.removed?.(own) === true;
  return {
    resource: resource.name,
    id,
    scope,
    data: own,
    readAt,
    contentHash: hashOf(own),
    attention: !removed && (resource.attention?.needed(own) ?? false),
    ...(removed && { deletedAt: readAt }),
    ...(updatedAt !== undefined && { updatedAt }),
    ...(typeof projectId === 'string' && projectId !== '' && { projectId }),
  };
}

/** The same for a row of a list that has parents; `parentId` is undefined where the row names none that was asked for. */
export function childVersionOf(
  resource: Resource,
  parentId: string | undefined,
  scope: Scope,
  sent: Json,
  readAt: string,
): RecordVersion {
  if (parentId === undefined) {
    throw new RecordRefusedError('NO_PARENT', 'it belongs to none of the records that were asked for');
  }
  return { ...versionOf(resource, scope, sent, readAt), parentId };
}

/**
 * The same for an element of a nested list. It has no time of its own: its readings are ordered by `readAt`. One that
 * comes without an id gets one from what tells it apart; `taken`: the ids of the list's elements before it.
 */
export function elementVersionOf(
  list: NestedList,
  parent: Pick<RecordVersion, 'id' | 'scope'>,
  sent: Json,
  readAt: string,
  taken: ReadonlySet<string>,
): RecordVersion {
  const { id, data } = acceptRecord(sent, 'id', (element) => idFor(element, list, taken));
  return {
    resource: list.name,
    parentId: parent.id,
    id,
    scope: parent.scope,
    data,
    readAt,
    contentHash: hashOf(data),
    attention: false,
  };
}

function hashOf(data: JsonObject): string {
  const text = canonicalJson(data);
  checkSize(text);
  return contentHash(text);
}

/** Stays the same when the element changes in anything else; a second one like it gets a number. */
function idFor(
  element: JsonObject,
  { identity }: NestedList,
  taken: ReadonlySet<string>,
): string | undefined {
  if (identity === undefined) return undefined;
  const own = `no-id-${contentHash(canonicalJson(identity.map((field) => element[field] ?? null)))}`;
  let id = own;
  for (let number = 2; taken.has(id); number += 1) id = `${own}.${number}`;
  return id;
}

function withoutLists(data: JsonObject, { nested = [] }: Resource): JsonObject {
  if (nested.length === 0) return data;
  const fields = new Set(nested.map(({ field }) => field));
  return Object.fromEntries(Object.entries(data).filter(([field]) => !fields.has(field)));
}
