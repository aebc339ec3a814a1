import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { Resource, Scope } from '../resources/resource.ts';
import { comparableTime, contentHash } from './content-hash.ts';
import type { RecordKey } from './record.ts';
import type { RecordVersion } from './record-store.ts';
import { acceptRecord, checkSize } from './refusal.ts';

/** Makes a version of a record from what Autodesk sent. Throws `RecordRefusedError` where it cannot be stored. */
export function versionOf(resource: Resource, scope: Scope, sent: Json, readAt: string): RecordVersion {
  const { nested } = resource;
  // The nested list is judged apart, so that one bad element does not keep its parent out.
  const { id, data: own } = acceptRecord(nested && isJsonObject(sent) ? without(sent, nested.field) : sent);
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

/** The same for an element of a form's list. It has no time of its own: its readings are ordered by `readAt`. */
export function lineItemVersionOf(
  nestedName: string,
  form: RecordKey,
  scope: Scope,
  sent: Json,
  readAt: string,
): RecordVersion {
  const { id, data } = acceptRecord(sent);
  return {
    resource: nestedName,
    formId: form.id,
    id,
    scope,
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

function without(data: JsonObject, field: string): JsonObject {
  const { [field]: _left, ...rest } = data;
  return rest;
}
