import { ExactNumber, isJsonObject, type Json, type JsonObject } from '../json.ts';
import { type Column, type ColumnType, ENVELOPE_NAMES, MAX_COLUMNS, MAX_PATH_LENGTH } from './columns.ts';
import { columnName } from './names.ts';

/** A value as Parquet takes it. */
export type Cell = boolean | number | string | Date | null;

/** Where in a record a column is, and what lies below it. */
interface Place {
  column?: number;
  below: Map<string, Place>;
}

/**
 * The fields of a table's records as columns. They grow while records are read: a field that is new becomes a column, and
 * one whose values do not fit its type becomes text; `grown` tells whether that has happened.
 */
export class Fields {
  readonly #columns: Column[] = [];
  readonly #names = new Set<string>();
  readonly #root: Place = { below: new Map() };
  grown = false;

  constructor(columns: readonly Column[]) {
    for (const column of columns) this.#add(column);
  }

  get columns(): readonly Column[] {
    return this.#columns;
  }

  /** The cells of a record's fields, in the order of the columns. */
  cells(data: JsonObject): Cell[] {
    const cells: Cell[] = new Array(this.#columns.length).fill(null);
    this.#read(data, [], this.#root, cells);
    return cells;
  }

  #read(data: JsonObject, parents: readonly string[], parent: Place, cells: Cell[]): void {
    for (const [key, value] of Object.entries(data)) {
      if (value === null) continue;
      const place = parent.below.get(key) ?? this.#discover([...parents, key], value, parent);
      if (place.column !== undefined) cells[place.column] = this.#cell(place.column, value);
      if (isJsonObject(value) && parents.length + 1 < MAX_PATH_LENGTH) {
        this.#read(value, [...parents, key], place, cells);
      }
    }
  }

  #discover(path: string[], value: Json, parent: Place): Place {
    const place: Place = { below: new Map() };
    parent.below.set(path.at(-1) ?? '', place);
    // What is more than a scalar is a column at the top only; deeper it is found in the JSON of the object around it.
    if (!isScalar(value) && path.length > 1) return place;
    const column = { name: columnName(path), type: usualType(value), path };
    if (this.#isTaken(column.name) || this.#columns.length >= MAX_COLUMNS) return place;
    this.#add(column);
    this.grown = true;
    return place;
  }

  #add(column: Column): void {
    let place = this.#root;
    for (const key of column.path ?? []) {
      const next = place.below.get(key) ?? { below: new Map() };
      place.below.set(key, next);
      place = next;
    }
    place.column = this.#columns.length;
    this.#columns.push(column);
    this.#names.add(column.name);
  }

  #isTaken(name: string): boolean {
    return ENVELOPE_NAMES.has(name) || this.#names.has(name);
  }

  #cell(index: number, value: Json): Cell {
    const column = this.#columns[index];
    if (column === undefined) throw new TypeError(`There is no column ${index}.`);
    const cell = cellOf(value, column.type);
    if (cell !== undefined) return cell;
    this.#columns[index] = { ...column, type: 'text' };
    this.grown = true;
    return cellOf(value, 'text') ?? null;
  }
}

/** What is documented, with what earlier publications have found beyond that: a field that became text stays text. */
export function grownFields(documented: readonly Column[], before: readonly Column[]): Column[] {
  const fields = new Map(documented.map((field) => [field.name, field]));
  for (const field of before) {
    const { type } = fields.get(field.name) ?? field;
    fields.set(field.name, { ...field, type: type === field.type ? type : 'text' });
  }
  return [...fields.values()];
}

function isScalar(value: Json): boolean {
  return typeof value !== 'object' || value instanceof ExactNumber;
}

/** Of a field that nobody has documented. Its texts stay texts, whatever they look like today. */
function usualType(value: Json): ColumnType {
  if (typeof value === 'number') return 'double';
  if (typeof value === 'boolean') return 'boolean';
  return 'text';
}

/** Undefined where the value does not fit the type. A number that a double would round fits only text. */
function cellOf(value: Json, type: ColumnType): Cell | undefined {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'double':
      return typeof value === 'number' ? value : undefined;
    case 'timestamp':
      return typeof value === 'string' && MOMENT.test(value) ? timeOf(value) : undefined;
    case 'text':
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

/** ISO 8601 with a zone, or a day. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2}))?$/;

function timeOf(text: string): Date | undefined {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}
