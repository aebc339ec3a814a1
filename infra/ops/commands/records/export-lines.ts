import { stringify } from 'csv-stringify/sync';
import { ExactNumber, isJsonObject, type Json } from '../../../../shared/json.ts';
import type { StoredRecord } from '../../../../shared/records/record.ts';
import { findNested } from '../../../../shared/resources/registry.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';

/** One record a line, the payload as Autodesk sent it, number for number. */
export function jsonLine(record: StoredRecord): string {
  return `${JSON.stringify({ ...envelopeOf(record), data: record.data })}\n`;
}

function envelopeOf(record: StoredRecord) {
  const { resource, id, parentId, readAt, deletedAt } = record;
  const formId = formIdOf(record);
  return {
    resource,
    id,
    ...(parentId !== undefined && { parentId }),
    ...(formId !== undefined && { formId }),
    updatedAt: sentUpdatedAt(record) ?? null,
    readAt,
    ...(deletedAt !== undefined && { deletedAt }),
  };
}

/** The older name of `parentId`, for the lists that had it. */
function formIdOf({ resource, parentId }: StoredRecord): string | undefined {
  return findNested(resource)?.list.parentIdAlias === 'formId' ? parentId : undefined;
}

/** As Autodesk wrote it, which need not be the form that the mirror compares and indexes. */
function sentUpdatedAt({ data, updatedAt }: StoredRecord): string | undefined {
  return typeof data.updatedAt === 'string' ? data.updatedAt : updatedAt;
}

const ENVELOPE_COLUMNS = [
  'resource',
  'id',
  'parentId',
  'formId',
  'updatedAt',
  'readAt',
  'deletedAt',
] as const;

/**
 * Records as CSV with a header. Each field of the payload is a column; objects become columns of their own, such as
 * `data.bidderCompany.name`, lists become JSON. A text that a spreadsheet would run as a formula gets an apostrophe.
 * `read` is called twice, because the columns are only known when every record has been seen.
 */
export async function* csvLines(read: () => AsyncIterable<StoredRecord>): AsyncGenerator<string> {
  const dataColumns = new Set<string>();
  for await (const record of read()) {
    for (const column of cellsOf(record.data).keys()) dataColumns.add(column);
  }
  const columns = [...dataColumns].sort();
  yield csvLine([...ENVELOPE_COLUMNS, ...columns]);
  for await (const record of read()) {
    const cells = cellsOf(record.data);
    const unforeseen = [...cells.keys()].find((column) => !dataColumns.has(column));
    if (unforeseen !== undefined) {
      throw new CommandFailedError(
        `A new field, ${unforeseen}, appeared during the export.`,
        'Run the export again.',
      );
    }
    const { resource, id, parentId, readAt, deletedAt } = record;
    yield csvLine([
      ...[resource, id, parentId, formIdOf(record), sentUpdatedAt(record), readAt, deletedAt],
      ...columns.map((column) => cells.get(column)),
    ]);
  }
}

type Cell = string | number | undefined;

function csvLine(cells: readonly Cell[]): string {
  return stringify([[...cells]], { escape_formulas: true });
}

function cellsOf(data: Json, path = 'data', cells = new Map<string, Cell>()): Map<string, Cell> {
  if (isJsonObject(data)) {
    for (const [field, value] of Object.entries(data)) cellsOf(value, `${path}.${field}`, cells);
  } else {
    cells.set(path, cellOf(data));
  }
  return cells;
}

function cellOf(value: Exclude<Json, { [key: string]: Json }> | Json): Cell {
  if (value === null) return undefined;
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (value instanceof ExactNumber) return value.source;
  return JSON.stringify(value);
}
