import * as z from 'zod';
import { findResource } from '../resources/registry.ts';
import { RECORD_SCHEMAS } from '../resources/schemas/schemas.ts';
import { columnName } from './names.ts';

/**
 * What a column holds. `timestamp`: a moment in UTC with milliseconds. `text` also holds what is more than a scalar, as
 * JSON, and whatever does not fit another type.
 */
const columnType = z.enum(['boolean', 'double', 'timestamp', 'text']);
export type ColumnType = z.infer<typeof columnType>;

export const column = z.object({
  name: z.string(),
  type: columnType,
  /** Where a record has the value; absent for what the mirror itself knows of it. */
  path: z.array(z.string()).exactOptional(),
});
export type Column = z.infer<typeof column>;

/** What the mirror knows of each record, first in every table. */
const ENVELOPE: readonly Column[] = [
  { name: 'id', type: 'text' },
  { name: 'parent_id', type: 'text' },
  { name: 'project_id', type: 'text' },
  { name: 'updated_at', type: 'timestamp' },
  { name: 'read_at', type: 'timestamp' },
  { name: 'deleted_at', type: 'timestamp' },
];
/** Of a version that was replaced: when that which replaced it was read. */
const REPLACED_AT: Column = { name: 'replaced_at', type: 'timestamp' };
/** The record as it is stored, last in every table. */
const DATA: Column = { name: 'data', type: 'text' };

/** Names that no field of a record may take. */
export const ENVELOPE_NAMES: ReadonlySet<string> = new Set(
  [...ENVELOPE, REPLACED_AT, DATA].map(({ name }) => name),
);

/** How deep the scalars of objects become columns of their own: `client.company.name` is one. */
export const MAX_PATH_LENGTH = 3;
/** Records with keys that are made up as people go would have columns without end; the rest stays in `data`. */
export const MAX_COLUMNS = 500;

/** The columns of a table around those of its fields. */
export function wholeTable(fields: readonly Column[], kind: 'records' | 'history'): Column[] {
  return [...ENVELOPE, ...(kind === 'history' ? [REPLACED_AT] : []), ...fields, DATA];
}

/** The columns that come from the record itself. */
export function fieldsOf(columns: readonly Column[]): Column[] {
  return columns.filter(({ path }) => path !== undefined);
}

/** The columns of the fields that Autodesk documents, so that a question can be asked before there are answers. */
export function documentedFields(resource: string): Column[] {
  const schema = RECORD_SCHEMAS[resource]?.schema;
  if (schema === undefined) return [];
  const fields = new Map<string, Column>();
  const add = (found: Column) => {
    if (!ENVELOPE_NAMES.has(found.name) && !fields.has(found.name)) fields.set(found.name, found);
  };
  const { properties = {} } = jsonSchema.parse(z.toJSONSchema(schema, { io: 'input' }));
  const nested = new Set(findResource(resource)?.nested?.map(({ field }) => field));
  const own = Object.entries(properties).filter(([field]) => !nested.has(field));
  addFields(Object.fromEntries(own), [], add);
  return [...fields.values()];
}

interface JsonSchema {
  type?: string | string[] | undefined;
  format?: string | undefined;
  anyOf?: JsonSchema[] | undefined;
  properties?: Record<string, JsonSchema> | undefined;
}
const jsonSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    format: z.string().optional(),
    anyOf: z.array(jsonSchema).optional(),
    properties: z.record(z.string(), jsonSchema).optional(),
  }),
);

function addFields(
  properties: Record<string, JsonSchema>,
  parents: readonly string[],
  add: (found: Column) => void,
): void {
  for (const [key, schema] of Object.entries(properties)) {
    const path = [...parents, key];
    const kinds = kindsOf(schema);
    const isScalar = !kinds.has('object') && !kinds.has('array');
    // What lies deeper is found in the JSON of the object around it.
    if (isScalar || path.length === 1) {
      add({ name: columnName(path), type: isScalar ? typeOf(schema, kinds) : 'text', path });
    }
    const members = [schema, ...(schema.anyOf ?? [])].find((one) => one.properties)?.properties;
    if (members !== undefined && path.length < MAX_PATH_LENGTH) addFields(members, path, add);
  }
}

function kindsOf({ type, anyOf = [] }: JsonSchema): Set<string> {
  const own = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const kinds = new Set([...own, ...anyOf.flatMap((one) => [...kindsOf(one)])]);
  kinds.delete('null');
  return kinds;
}

function typeOf(schema: JsonSchema, kinds: ReadonlySet<string>): ColumnType {
  const [kind, ...others] = kinds;
  if (others.length > 0) return 'text';
  if (kind === 'number' || kind === 'integer') return 'double';
  if (kind === 'boolean') return 'boolean';
  return schema.format === 'date-time' ? 'timestamp' : 'text';
}
