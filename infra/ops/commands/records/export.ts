import { Option } from '@commander-js/extra-typings';
import type { RecordReader, StoredRecord } from '../../../../shared/records/record.ts';
import { listNamesOf, RESOURCES, scopesOf } from '../../../../shared/resources/registry.ts';
import type { Resource } from '../../../../shared/resources/resource.ts';
import { storesOf } from '../../targets/stores.ts';
import { printAll } from '../../terminal/terminal.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';
import { csvLines, jsonLine } from './export-lines.ts';

/** What can be exported: the resources, and the lists inside them under their own names. */
const EXPORTABLE = new Map<string, Resource>(
  RESOURCES.flatMap((resource) => listNamesOf(resource).map((name) => [name, resource] as const)),
);

export function exportRecords(ops: Ops) {
  return opsCommand('export', 'write the records of a resource to standard output')
    .addOption(
      new Option('--resource <name>', 'which resource to export')
        .choices([...EXPORTABLE.keys()])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--format <format>', 'one JSON object per line, or CSV with a header')
        .choices(['jsonl', 'csv'] as const)
        .default('jsonl' as const),
    )
    .option('--include-deleted', 'include records deleted at Autodesk, with their deletedAt', false)
    .action(({ resource: name, format, includeDeleted, ...places }) => {
      const resource = EXPORTABLE.get(name);
      if (!resource) throw new UsageError(`There is no resource ${name}.`, 'export');
      return ops.open(places)(async (target) => {
        const { records } = storesOf(target);
        const scopes = scopesOf(resource, target.accountIds);
        const read = () =>
          name === resource.name
            ? recordsOf(records, name, scopes, { includeDeleted })
            : nestedRecordsOf(records, name, resource.name, scopes, { includeDeleted });
        await printAll(ops.terminal, format === 'csv' ? csvLines(read) : jsonLines(read()));
      });
    });
}

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
  list: string,
  parent: string,
  scopes: readonly string[],
  options: ReadOptions,
): AsyncGenerator<StoredRecord> {
  for await (const { id } of recordsOf(records, parent, scopes, options)) {
    yield* records.elements({ resource: list, parentId: id }, options);
  }
}

async function* jsonLines(records: AsyncIterable<StoredRecord>): AsyncGenerator<string> {
  for await (const record of records) yield jsonLine(record);
}
