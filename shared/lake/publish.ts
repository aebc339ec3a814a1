import { createHash } from 'node:crypto';
import { type Clock, isoTime } from '../clock.ts';
import type { Randomness } from '../randomness.ts';
import type { RecordScan } from '../records/scan/record-scan.ts';
import { listNamesOf } from '../resources/registry.ts';
import type { Resource, Scope } from '../resources/resource.ts';
import { documentedFields, fieldsOf } from './columns.ts';
import { OutOfTimeError } from './errors.ts';
import { Fields, grownFields } from './fields.ts';
import type { Lake, Published } from './lake.ts';
import { historyTableName, tableName } from './names.ts';
import { newPublication } from './publication.ts';
import { TableFiles } from './table-files.ts';

export interface PublishPorts {
  records: RecordScan;
  lake: Lake;
  clock: Clock;
  randomness: Randomness;
  /** Publishing a list stops, and leaves everything as it was, when nothing is left of it. */
  timeLeftMs(): number;
}

/** What is published together, in one pass over the records. */
export interface TableGroup {
  kind: 'records' | 'history';
  resource: Resource;
  scopes: readonly Scope[];
}

/** Raised when the same records are to become other files: then everything is published again. */
const FORMAT = '1';
/** Readers that began with a publication may still be reading it for so long after it was replaced. */
export const DISCARD_AFTER_MS = 86_400_000;
/** While fields grow, all of it is read again; the records themselves may change meanwhile. */
const MAX_PASSES = 10;

/**
 * Publishes the tables of a list, its nested lists included, unless nothing has changed since they were published last.
 * What readers see changes table by table, each in one step after all files are written. Throws `OutOfTimeError` when
 * the time is up. Idempotent.
 */
export async function publishTables(
  group: TableGroup,
  ports: PublishPorts,
): Promise<{ outcome: 'published' | 'unchanged'; rows: number }> {
  const { lake, clock } = ports;
  const asOf = isoTime(clock.now());
  const names = tablesOf(group);
  const current = new Map<string, Published | undefined>();
  for (const { table } of names) current.set(table, await lake.current(table));
  const fingerprint = await fingerprintOf(group, ports);
  const isUnchanged = [...current.values()].every((table) => table?.fingerprint === fingerprint);
  if (isUnchanged) return { outcome: 'unchanged', rows: 0 };

  const fields = new Map(
    names.map(({ resource, table }) => [
      resource,
      new Fields(grownFields(documentedFields(resource), fieldsOf(current.get(table)?.columns ?? []))),
    ]),
  );
  const pass = await readAll(group, fields, ports);
  let rows = 0;
  for (const { resource, table } of names) {
    const written = pass.tables.get(resource);
    if (written === undefined) continue;
    await lake.show(table, { ...written, publication: pass.publication, asOf, fingerprint });
    rows += written.rows;
  }
  const before = isoTime(clock.now() - DISCARD_AFTER_MS);
  for (const { table } of names) await lake.discard(table, before);
  return { outcome: 'published', rows };
}

/** The tables of a group, with the resource names of their rows. */
export function tablesOf({ kind, resource }: TableGroup): { resource: string; table: string }[] {
  return listNamesOf(resource).map((name) => ({
    resource: name,
    table: kind === 'records' ? tableName(name) : historyTableName(name),
  }));
}

type WrittenTable = Pick<Published, 'rows' | 'columns'>;

/** Writes all files of the tables; begins again where the fields have grown on the way. */
async function readAll(
  group: TableGroup,
  fields: ReadonlyMap<string, Fields>,
  ports: PublishPorts,
): Promise<{ publication: string; tables: Map<string, WrittenTable> }> {
  for (let passes = 1; passes <= MAX_PASSES; passes += 1) {
    const publication = newPublication(ports.clock, ports.randomness);
    const tables = await readOnce(group, fields, publication, ports);
    if (tables !== undefined) return { publication, tables };
  }
  throw new Error(`The fields of ${group.resource.name} grow at every reading.`);
}

/** Undefined where the fields have grown: the files then lack a column, or hold it as another type. */
async function readOnce(
  group: TableGroup,
  fields: ReadonlyMap<string, Fields>,
  publication: string,
  ports: PublishPorts,
): Promise<Map<string, WrittenTable> | undefined> {
  const tables = new Map(
    tablesOf(group).map(({ resource, table }) => {
      const own = fields.get(resource);
      if (own === undefined) throw new TypeError(`There are no fields of ${resource}.`);
      return [resource, new TableFiles(table, group.kind, own, publication, ports.lake)];
    }),
  );
  for (const scope of group.scopes) {
    const pages =
      group.kind === 'records'
        ? ports.records.everyRecord(group.resource, scope)
        : ports.records.everyVersion(group.resource, scope);
    for await (const page of pages) {
      if (ports.timeLeftMs() <= 0) throw new OutOfTimeError(group.resource.name);
      for (const record of page) await tables.get(record.resource)?.add(record);
    }
  }
  if ([...tables.values()].some((table) => table.hasGrown)) return undefined;
  const written = new Map<string, WrittenTable>();
  for (const [resource, table] of tables) written.set(resource, await table.end());
  return written;
}

async function fingerprintOf(
  { kind, resource, scopes }: TableGroup,
  { records }: PublishPorts,
): Promise<string> {
  const hash = createHash('sha256').update(FORMAT);
  for (const scope of scopes) {
    const marks =
      kind === 'records' ? records.recordMarks(resource, scope) : records.versionMarks(resource, scope);
    hash.update(`\n${scope}\n`);
    for await (const mark of marks) hash.update(`${mark}\n`);
  }
  return hash.digest('base64url');
}
