import * as z from 'zod';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../json.ts';
import type { Pagination } from '../../resources/resource.ts';
import { UnexpectedResponseError } from '../http/errors.ts';
import type { HttpResponse } from '../http/http.ts';
import type { PagePosition } from './api.ts';

/** The records are left as they came: only what the list is followed by is checked. */
const results = z.array(z.custom<Json>());
const cursorPage = z.object({
  pagination: z.object({ cursorState: z.string().nullish(), totalResults: z.int().min(0).nullish() }),
  results,
});
const offsetPage = z.object({
  pagination: z.object({ totalResults: z.int().min(0) }),
  results,
});

export interface ReadPage {
  records: Json[];
  next?: PagePosition;
  total?: number;
}

/**
 * A page from the body of a 200. Cursor lists end when there is no cursor. Offset lists end at `totalResults`;
 * an empty page before it is passed over by the page's whole `limit`, because the records meant to stand there
 * may be hidden from the user, and asking for the same offset again would never end.
 */
export function pageFrom(
  json: Json,
  style: Pagination['style'],
  position: PagePosition | undefined,
  limit: number,
): ReadPage {
  if (style === 'cursor') {
    const { pagination, results: records } = shaped(cursorPage, json);
    const total = pagination.totalResults ?? undefined;
    return {
      records,
      ...(pagination.cursorState ? { next: { cursor: pagination.cursorState } } : {}),
      ...(total === undefined ? {} : { total }),
    };
  }
  const { pagination, results: records } = shaped(offsetPage, json);
  const offset = position !== undefined && 'offset' in position ? position.offset : 0;
  const next = offset + (records.length || limit);
  return {
    records,
    ...(next < pagination.totalResults ? { next: { offset: next } } : {}),
    total: pagination.totalResults,
  };
}

/** A record from the body of a 200 to a read by id. */
export function recordFrom(json: Json, id: string): JsonObject {
  if (!isJsonObject(json) || json.id !== id) {
    throw new UnexpectedResponseError('a read by id returned something other than the record');
  }
  return json;
}

/** The JSON of an answer; HTML and JSON that was cut are not taken for anything else. */
export function jsonOf(answer: HttpResponse): Json {
  if (/^\s*</.test(answer.body)) throw new UnexpectedResponseError('HTML, not JSON');
  try {
    return parseJson(answer.body);
  } catch {
    // The parser's own message quotes the body.
    throw new UnexpectedResponseError(`incomplete JSON (${answer.body.length} characters)`);
  }
}

function shaped<Schema extends z.ZodType>(schema: Schema, json: Json): z.infer<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => issue.path.join('.') || 'the whole');
  throw new UnexpectedResponseError(`not a list page; wrong: ${[...new Set(fields)].slice(0, 5).join(', ')}`);
}
