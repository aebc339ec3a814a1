import { isDeepStrictEqual } from 'node:util';
import { ELEMENT_LISTS } from '../../../infra/sandbox/company/elements.ts';
import { SANDBOX_RESOURCES } from '../../../infra/sandbox/data/bidding-data.ts';
import type { Sandbox } from '../../../infra/sandbox/sandbox.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../../shared/json.ts';
import {
  findNested,
  findResource,
  listNamesOf,
  requireResource,
} from '../../../shared/resources/registry.ts';

export const LINE_ITEMS = 'scope-specific-bid-form-line-items';

/** Every list that `ops export` knows and the sandbox has. */
export const EXPORTED_LISTS: readonly string[] = SANDBOX_RESOURCES.flatMap((name) =>
  listNamesOf(requireResource(name)),
);

/** What `ops export` printed, a record a line. */
export function exportedLines(printed: string): JsonObject[] {
  return printed.split('\n').filter(Boolean).map(parseJson).filter(isJsonObject);
}

/** Records as the sandbox would send them now, elements of lists inside records by their record. */
function sentBy({ data }: Sandbox, list: string): { key: string; record: JsonObject }[] {
  const nested = findNested(list);
  if (nested !== undefined) {
    const holder = SANDBOX_RESOURCES.find((name) => name === nested.parent.name);
    const elements = ELEMENT_LISTS.find((name) => name === list);
    if (holder === undefined || elements === undefined) throw new Error(`The sandbox has no ${list}.`);
    return data.records(holder).flatMap(({ id }) =>
      data.elements(elements, String(id)).map((record, place) => ({
        // What has no id is compared by its place, as it is exported in order.
        key: `${id}/${record.id ?? place}`,
        record,
      })),
    );
  }
  const resource = SANDBOX_RESOURCES.find((name) => name === list);
  if (resource === undefined) throw new Error(`The sandbox has no ${list}.`);
  const isRemoved = findResource(list)?.removed ?? (() => false);
  return data
    .records(resource)
    .filter((record) => !isRemoved(record))
    .map((record) => ({ key: String(record.id), record }));
}

/** What differs between the exported lines of a list and what the sandbox has now; empty where nothing does. */
export function differencesFrom(sandbox: Sandbox, list: string, lines: readonly JsonObject[]): string[] {
  const sent = sentBy(sandbox, list);
  const places = new Map<string, number>();
  // Versions before `parentId` said `formId`.
  const keyOf = ({ id, formId, parentId = formId, data }: JsonObject) => {
    if (parentId === undefined) return String(id);
    const place = places.get(String(parentId)) ?? 0;
    places.set(String(parentId), place + 1);
    const sentId = isJsonObject(data) ? data.id : undefined;
    return `${parentId}/${sentId ?? place}`;
  };
  const stored = new Map(lines.map((line) => [keyOf(line), line.data]));
  const wanted = new Set(sent.map(({ key }) => key));
  return [
    ...(lines.length === stored.size ? [] : [`${list}: ${lines.length - stored.size} twice`]),
    ...[...stored.keys()].filter((key) => !wanted.has(key)).map((key) => `${list} ${key}: not sent`),
    ...sent.flatMap(({ key, record }) => {
      if (!stored.has(key)) return [`${list} ${key}: missing`];
      return isDeepStrictEqual(stored.get(key), record) ? [] : [`${list} ${key}: not as sent`];
    }),
  ];
}
