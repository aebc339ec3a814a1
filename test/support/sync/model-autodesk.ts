import type {
  ListRequest,
  NestedRequest,
  Page,
  PagePosition,
  RecordReading,
} from '../../../shared/autodesk/client/api.ts';
import { RequestRefusedError } from '../../../shared/autodesk/http/errors.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { requireResource } from '../../../shared/resources/registry.ts';
import type { Resource, Scope } from '../../../shared/resources/resource.ts';

/** What Autodesk holds of one record. */
export interface HeldRecord {
  id: string;
  createdAt: string;
  /** Absent: the record has none. */
  updatedAt?: string;
  /** The payload without its times, id and nested list. */
  fields: JsonObject;
  /** The elements of its lists by the names of these, in order. */
  lists?: Record<string, JsonObject[]>;
  /** Of a list with parents: the record it belongs to. */
  parentId?: string;
  /** When it came back after it had been deleted. */
  heldSince?: string;
  /** The list does not show this version before this moment, in milliseconds. */
  visibleAtMs?: number;
}

/** Under what a list of the model holds a record: one with a parent may have the id of another's. */
export function heldAs({ id, parentId }: { id: string; parentId?: string }): string {
  return parentId === undefined ? id : `${parentId}/${id}`;
}

export interface ModelOptions {
  /** The server's clock, in milliseconds. */
  serverNow: () => number;
  /** Records on the next page: fewer than asked for, or none, although the list goes on. */
  pageSize: () => number;
  /** What a cursor means: the place behind a record, or a number of records to skip. */
  cursors: 'keys' | 'offsets';
  /** The order of cursor lists. `groups`: by the end of the id, and by `updatedAt` within. */
  order: 'id' | 'updatedAt' | 'newest-first' | 'groups';
  /** Whether records can be read by id; otherwise every such reading is a 404. */
  readById: boolean;
  /** What a list says about its length, where it says something. */
  totalOf?: (length: number) => number;
}

/** Autodesk's APIs as they are known: what a request sent at `readAt` is answered. */
export class ModelAutodesk {
  options: ModelOptions;
  /** Whether a list is refused with a 403. */
  refuse: (resource: Resource) => boolean = () => false;
  readonly #lists = new Map<string, Map<string, HeldRecord>>();

  constructor(options: ModelOptions) {
    this.options = options;
  }

  /** The records of a list, by id; to be changed at will. */
  listOf(resource: Resource, scope: Scope): Map<string, HeldRecord> {
    const key = `${resource.name}#${scope}`;
    const list = this.#lists.get(key) ?? new Map<string, HeldRecord>();
    this.#lists.set(key, list);
    return list;
  }

  list(request: ListRequest, readAt: string): Page {
    const { resource, scope, window, position, limit, parents } = request;
    if (this.refuse(resource)) throw new RequestRefusedError('FORBIDDEN', 403);
    if (resource.parent !== undefined) this.#requireParents(resource, scope, parents);
    const nowMs = this.options.serverNow();
    const shown = [...this.listOf(resource, scope).values()]
      .filter(({ visibleAtMs = 0 }) => visibleAtMs <= nowMs)
      .filter(
        ({ parentId }) => parents === undefined || (parentId !== undefined && parents.includes(parentId)),
      )
      .filter(({ parentId }) => this.#hasParent(resource, scope, parentId))
      .filter(({ updatedAt }) => {
        if (window?.from === undefined && window?.to === undefined) return true;
        if (updatedAt === undefined) return false;
        return updatedAt >= (window.from ?? '') && (window.to === undefined || updatedAt < window.to);
      })
      .map((record) => ({ record, key: this.#sortKey(record, resource) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    if (request.newestFirst) shown.reverse();
    const start = startOf(position, shown);
    const mayBeEmpty = resource.pagination.style === 'cursor' && !isAfterEmptyPage(position);
    const size = Math.max(mayBeEmpty ? 0 : 1, Math.min(limit, this.options.pageSize()));
    const onPage = shown.slice(start, start + size);
    const end = start + onPage.length;
    const next =
      end < shown.length ? this.#nextPosition(resource, end, shown[end - 1]?.key, size) : undefined;
    return {
      records: onPage.map(({ record }) => this.payloadOf(resource, record)),
      ...(next && { next }),
      ...(this.options.totalOf && { total: this.options.totalOf(shown.length) }),
      readAt,
      serverDate: new Date(Math.floor(nowMs / 1_000) * 1_000).toISOString(),
    };
  }

  nested({ resource, list, scope, id, position, limit }: NestedRequest, readAt: string): Page {
    const record = this.listOf(resource, scope).get(id);
    if (record === undefined) throw new RequestRefusedError('NOT_FOUND', 404);
    const items = record.lists?.[list.name] ?? [];
    const start = position !== undefined && 'cursor' in position ? Number(position.cursor.split(':')[1]) : 0;
    const end = start + Math.max(1, Math.min(limit, this.options.pageSize()));
    return {
      records: items.slice(start, end),
      ...(end < items.length && { next: { cursor: `item:${end}` } }),
      readAt,
    };
  }

  read(resource: Resource, scope: Scope, id: string, readAt: string, parentId?: string): RecordReading {
    const key = heldAs({ id, ...(parentId !== undefined && { parentId }) });
    const record = this.options.readById ? this.listOf(resource, scope).get(key) : undefined;
    const isBelow = parentId !== undefined;
    if (record === undefined || (isBelow && !this.#hasParent(resource, scope, parentId)))
      return { kind: 'absent', readAt };
    return { kind: 'found', record: this.payloadOf(resource, record), readAt };
  }

  /** A record as Autodesk sends it, with the first parts of its lists. */
  payloadOf(resource: Resource, record: HeldRecord): JsonObject {
    const { id, createdAt, updatedAt, fields, lists, parentId } = record;
    const by = resource.parent?.by;
    const payload: JsonObject = {
      [resource.idField ?? 'id']: id,
      createdAt,
      ...(updatedAt !== undefined && { updatedAt }),
      ...(by?.kind === 'filter' && parentId !== undefined && { [by.field]: parentId }),
      ...fields,
    };
    for (const { name, field } of resource.nested ?? []) {
      const items = lists?.[name];
      if (items === undefined) continue;
      const size = Math.max(1, this.options.pageSize());
      const pagination = items.length > size ? { cursorState: `item:${size}` } : {};
      payload[field] = { pagination, results: items.slice(0, size) };
    }
    return payload;
  }

  /** By path there is no list without its parent; a filter just finds nothing. */
  #requireParents(resource: Resource, scope: Scope, parents: readonly string[] = []): void {
    if (parents.length === 0) throw new RequestRefusedError('BAD_REQUEST', 400);
    if (resource.parent?.by.kind !== 'path') return;
    if (!this.#hasParent(resource, scope, parents[0])) throw new RequestRefusedError('NOT_FOUND', 404);
  }

  #hasParent(resource: Resource, scope: Scope, parentId: string | undefined): boolean {
    if (resource.parent === undefined || parentId === undefined) return resource.parent === undefined;
    return this.listOf(requireResource(resource.parent.name), scope).has(parentId);
  }

  #nextPosition(resource: Resource, end: number, lastKey: string | undefined, size: number): PagePosition {
    if (resource.pagination.style === 'offset') return { offset: end };
    // After an empty page the place is the same, but no cursor is ever given twice.
    const again = size === 0 ? '-again' : '';
    return this.options.cursors === 'offsets'
      ? { cursor: `offset${again}:${end}` }
      : { cursor: `after${again}:${lastKey ?? ''}` };
  }

  #sortKey({ id, createdAt, updatedAt }: HeldRecord, resource: Resource): string {
    if (resource.pagination.style === 'offset') return `${createdAt}/${id}`;
    switch (this.options.order) {
      case 'id':
        return id;
      case 'updatedAt':
        return `${updatedAt ?? ''}/${id}`;
      case 'newest-first':
        return `${String(1e15 - Date.parse(updatedAt ?? createdAt)).padStart(16, '0')}/${id}`;
      case 'groups':
        return `${Number.parseInt(id.at(-1) ?? '0', 36) % 2}/${updatedAt ?? ''}/${id}`;
    }
  }
}

function isAfterEmptyPage(position: PagePosition | undefined): boolean {
  return position !== undefined && 'cursor' in position && position.cursor.includes('-again:');
}

function startOf(position: PagePosition | undefined, shown: readonly { key: string }[]): number {
  if (position === undefined) return 0;
  if ('offset' in position) return position.offset;
  const [kind = '', ...rest] = position.cursor.split(':');
  const value = rest.join(':');
  if (kind.startsWith('offset')) return Number(value);
  const start = shown.findIndex(({ key }) => key > value);
  return start < 0 ? shown.length : start;
}
