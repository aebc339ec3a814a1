import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../json.ts';

/** One difference between two versions of a record; a side without the field lacks `before` or `after`. */
export interface Change {
  /** Where it is, such as `bidder.name`, `lines[2].amount` or `["a name"]`. */
  path: string;
  before?: Json;
  after?: Json;
}

/**
 * What differs between two payloads, field by field, as deep as both have objects there. Lists are compared entry by
 * entry where they are equally long, and else count as one value.
 */
export function changesBetween(before: JsonObject, after: JsonObject): Change[] {
  return objectChanges(before, after, '');
}

function objectChanges(before: JsonObject, after: JsonObject, path: string): Change[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].flatMap((field) =>
    valueChanges(ownValue(before, field), ownValue(after, field), `${path}${segmentOf(field, path === '')}`),
  );
}

function valueChanges(before: Json | undefined, after: Json | undefined, path: string): Change[] {
  if (isJsonObject(before) && isJsonObject(after)) return objectChanges(before, after, path);
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((entry, index) => valueChanges(entry, after[index], `${path}[${index}]`));
  }
  if (before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after))
    return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

/** A field called like something that every object has is only there if it was sent. */
function ownValue(object: JsonObject, field: string): Json | undefined {
  return Object.hasOwn(object, field) ? object[field] : undefined;
}

function segmentOf(field: string, isFirst: boolean): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(field)) return `[${JSON.stringify(field)}]`;
  return isFirst ? field : `.${field}`;
}

const MOST_CHARACTERS = 100;

/** A value in one line of bounded length, for people. */
export function shortText(value: Json | undefined): string {
  if (value === undefined) return '(none)';
  const text = JSON.stringify(value);
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
}
