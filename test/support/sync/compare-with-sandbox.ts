import { isDeepStrictEqual } from 'node:util';
import { SANDBOX_RESOURCES } from '../../../infra/sandbox/data/bidding-data.ts';
import type { Sandbox } from '../../../infra/sandbox/sandbox.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../../shared/json.ts';
import { findResource } from '../../../shared/resources/registry.ts';

export const LINE_ITEMS = 'scope-specific-bid-form-line-items';

/** Every list that `ops export` knows and the sandbox has. */
export const EXPORTED_LISTS: readonly string[] = [...SANDBOX_RESOURCES, LINE_ITEMS];

/** What `ops export` printed, a record a line. */
export function exportedLines(printed: string): JsonObject[] {
  return printed.split('\n').filter(Boolean).map(parseJson).filter(isJsonObject);
}

/** Records as the sandbox would send them now, line items by their form. */
function sentBy({ data }: Sandbox, list: string): { key: string; record: JsonObject }[] {
  if (list === LINE_ITEMS) {
    return data
      .records('scope-specific-bid-forms')
      .flatMap(({ id }) =>
        data.lineItems(String(id)).map((item) => ({ key: `${id}/${item.id}`, record: item })),
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
  const keyOf = ({ id, formId }: JsonObject) => (formId === undefined ? String(id) : `${formId}/${id}`);
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
