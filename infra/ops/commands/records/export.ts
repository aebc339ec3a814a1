import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RecordReader, StoredRecord } from '../../../../shared/records/record.ts';
import { RESOURCES, scopesOf } from '../../../../shared/resources/registry.ts';
import type { Resource } from '../../../../shared/resources/resource.ts';
import { storesOf } from '../../target/stores.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { defineCommand, UsageError } from '../command.ts';
import { csvLines, jsonLine } from './export-lines.ts';

/** What can be exported: the resources, and the lists inside them under their own names. */
const EXPORTABLE = new Map<string, Resource>(
  RESOURCES.flatMap((resource) => [
    [resource.name, resource],
    ...(resource.nested ? [[resource.nested.name, resource] as const] : []),
  ]),
);

export const exportRecords = defineCommand({
  name: 'export',
  summary: 'write the records of a resource to standard output',
  details: `Resources: ${[...EXPORTABLE.keys()].join(', ')}.`,
  options: {
    resource: { type: 'string', value: 'NAME', help: 'which resource to export (required)' },
    format: {
      type: 'string',
      value: 'jsonl|csv',
      help: 'one JSON object per line (default), or CSV with a header',
    },
    'include-deleted': {
      type: 'boolean',
      help: 'include records deleted at Autodesk, with their deletedAt',
    },
  },
  async run({ given, terminal, open }) {
    const name = given.resource;
    if (name === undefined) throw new UsageError('--resource is missing.', 'export');
    const resource = EXPORTABLE.get(name);
    if (!resource) throw new UsageError(`There is no resource ${name}.`, 'export');
    const format = given.format ?? 'jsonl';
    if (format !== 'jsonl' && format !== 'csv')
      throw new UsageError(`There is no format ${format}.`, 'export');

    await open(async (target) => {
      const { records } = storesOf(target);
      const scopes = scopesOf(resource, target.accountIds);
      const options = { includeDeleted: given['include-deleted'] ?? false };
      const read = () =>
        name === resource.name
          ? recordsOf(records, name, scopes, options)
          : nestedRecordsOf(records, resource.name, scopes, options);
      await writeAll(terminal, format === 'csv' ? csvLines(read) : jsonLines(read()));
    });
  },
});

interface ReadOptions {
  includeDeleted: boolean;
}

async function* recordsOf(
  records: RecordReader,
  resource: string,
  scopes: readonly string[],
  options: ReadOptions,
): AsyncGenerator<StoredRecord> {
  for (const scope of scopes) yield* records.all(resource, scope, options);
}

/** The elements of the lists inside records: by record, in Autodesk's order. */
async function* nestedRecordsOf(
  records: RecordReader,
  parent: string,
  scopes: readonly string[],
  options: ReadOptions,
): AsyncGenerator<StoredRecord> {
  for await (const { id } of recordsOf(records, parent, scopes, options)) {
    yield* records.lineItems({ resource: parent, id }, options);
  }
}

async function* jsonLines(records: AsyncIterable<StoredRecord>): AsyncGenerator<string> {
  for await (const record of records) yield jsonLine(record);
}

/** A reader that has seen enough (`| head`) ends the export; it does not fail it. */
async function writeAll(terminal: Terminal, lines: AsyncGenerator<string>): Promise<void> {
  try {
    await pipeline(Readable.from(lines), terminal.out, { end: false });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}
