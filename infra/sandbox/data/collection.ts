import { isJsonObject, type JsonObject, parseJson } from '../../../shared/json.ts';
import { hash32 } from '../seed/seeded-randomness.ts';

/** In which order a list without a sort parameter comes. Autodesk documents none. */
export type ListOrder = 'id' | 'updatedAt' | 'unordered';

/** One record, ready to be sent: its text is made once, not for each page. */
export class Entry {
  readonly id: string;
  readonly record: JsonObject;
  /** Where it stands in its collection. */
  readonly orderKey: string;
  /** Undefined where `updatedAt` is null or no time. */
  readonly updatedAtMs: number | undefined;
  #text: string | undefined;

  constructor(record: JsonObject, order: ListOrder, id: string = idOf(record)) {
    this.id = id;
    this.record = record;
    this.updatedAtMs = timeOf(record.updatedAt);
    this.orderKey = orderKeyOf(this.id, record, order);
  }

  get text(): string {
    this.#text ??= JSON.stringify(this.record);
    return this.#text;
  }
}

/** Records by id, kept in list order, so that a page of a large collection costs no sort. */
export class Collection {
  readonly order: ListOrder;
  #entries: Entry[] = [];
  readonly #byId = new Map<string, Entry>();

  constructor(order: ListOrder) {
    this.order = order;
  }

  /** In list order. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get(id: string): Entry | undefined {
    return this.#byId.get(id);
  }

  load(records: readonly JsonObject[]): void {
    for (const record of records) {
      const entry = new Entry(record, this.order);
      this.#byId.set(entry.id, entry);
    }
    this.#entries = [...this.#byId.values()].sort((a, b) => (a.orderKey < b.orderKey ? -1 : 1));
  }

  put(record: JsonObject): void {
    const entry = new Entry(copyOf(record), this.order);
    this.remove(entry.id);
    this.#byId.set(entry.id, entry);
    this.#entries.splice(this.firstFrom(entry.orderKey), 0, entry);
  }

  /** Whether there was such a record. */
  remove(id: string): boolean {
    const entry = this.#byId.get(id);
    if (entry === undefined) return false;
    this.#byId.delete(id);
    this.#entries.splice(this.firstFrom(entry.orderKey), 1);
    return true;
  }

  /** The index of the first entry whose order key is `orderKey` or comes later. */
  firstFrom(orderKey: string): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && entry.orderKey < orderKey) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A copy that a caller's later changes do not reach; numbers are kept by their digits. */
export function copyOf(record: JsonObject): JsonObject {
  const copy = parseJson(JSON.stringify(record));
  if (!isJsonObject(copy)) throw new TypeError('A record has to be an object.');
  return copy;
}

export function timeOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function idOf(record: JsonObject): string {
  if (typeof record.id !== 'string') throw new TypeError('A record has to have an id that is a text.');
  return record.id;
}

function orderKeyOf(id: string, record: JsonObject, order: ListOrder): string {
  if (order === 'id') return id;
  if (order === 'updatedAt') return `${typeof record.updatedAt === 'string' ? record.updatedAt : ''}/${id}`;
  return `${hash32(id).toString(16).padStart(8, '0')}/${id}`;
}
