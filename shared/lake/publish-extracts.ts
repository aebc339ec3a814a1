import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import * as z from 'zod';
import { isoTime } from '../clock.ts';
import { FileMissingError } from '../extracts/errors.ts';
import type { LandedExtracts } from '../extracts/landed-extracts.ts';
import type { LandedFile, Manifest } from '../extracts/manifest.ts';
import type { Log } from '../observability/log.ts';
import type { Column } from './columns.ts';
import { OutOfTimeError } from './errors.ts';
import { columnName, EXTRACT_TABLES, extractTableName } from './names.ts';
import { ParquetFiles } from './parquet.ts';
import { newPublication } from './publication.ts';
import { DISCARD_AFTER_MS, type PublishPorts } from './publish.ts';

export interface PublishExtractsPorts extends Omit<PublishPorts, 'records'> {
  extracts: Pick<LandedExtracts, 'latest' | 'open'>;
  log: Log;
}

/** A CSV file of the latest landed extract of a request. */
interface Source {
  extract: Manifest;
  file: LandedFile;
}

/** Where a row is from, first in every table of extracts. */
const ORIGIN: readonly Column[] = [
  { name: 'extract_account_id', type: 'text' },
  { name: 'extract_request_id', type: 'text' },
  { name: 'extract_job_id', type: 'text' },
];

/** Raised when the same files are to become other tables: then everything is published again. */
const FORMAT = '1';
/** How often the time is looked at. */
const ROWS_A_LOOK = 1_000;
/** What takes longer than a function has is not published; it can be downloaded. */
const MOST_BYTES = 2 ** 30;
/** A longer row is no row: whatever the file is, it is no CSV. */
const LONGEST_ROW = 4 * 2 ** 20;

/**
 * The tables of the CSV files of each request's latest landed extract, one for each name of a file; those whose files
 * have expired are without sources.
 */
export async function extractTables({
  lake,
  extracts,
}: PublishExtractsPorts): Promise<Map<string, Source[]>> {
  const tables = new Map<string, Source[]>();
  for (const name of await lake.names(EXTRACT_TABLES)) tables.set(name, []);
  for (const extract of await extracts.latest()) {
    for (const file of extract.files) {
      const table = extractTableName(file.name);
      if (table !== undefined) tables.set(table, [...(tables.get(table) ?? []), { extract, file }]);
    }
  }
  return tables;
}

/**
 * Publishes one of them, with the columns of the headers, all as text, unless it is what it was. What is too large, or no
 * CSV, adds no rows, and is logged. Throws `OutOfTimeError` when the time is up. Idempotent.
 */
export async function publishExtractTable(
  table: string,
  sources: readonly Source[],
  ports: PublishExtractsPorts,
): Promise<'published' | 'unchanged'> {
  const { lake, clock } = ports;
  const fingerprint = fingerprintOf(sources);
  const current = await lake.current(table);
  if (current?.fingerprint === fingerprint) return 'unchanged';
  const asOf = isoTime(clock.now());
  const publication = newPublication(clock, ports.randomness);
  const written = await writeTable(table, publication, sources, current?.columns ?? [], ports);
  await lake.show(table, { ...written, publication, asOf, fingerprint });
  await lake.discard(table, isoTime(clock.now() - DISCARD_AFTER_MS));
  return 'published';
}

async function writeTable(
  table: string,
  publication: string,
  sources: readonly Source[],
  before: readonly Column[],
  ports: PublishExtractsPorts,
): Promise<{ rows: number; columns: Column[] }> {
  const headers = await Promise.all(sources.map((source) => headerOf(source, ports)));
  const columns = columnsOf(headers, before);
  const places = new Map(columns.map(({ name }, index) => [name, index]));
  let count = 0;
  const files = new ParquetFiles(columns, async (bytes) => {
    await ports.lake.write(table, publication, `${String(count).padStart(5, '0')}.parquet`, bytes);
    count += 1;
  });
  for (const [index, source] of sources.entries()) {
    const { accountId, requestId, jobId } = source.extract;
    const targets = namesIn(headers[index] ?? []).map((name) => places.get(name) ?? -1);
    let isHeader = true;
    for await (const cells of rowsOf(source, ports)) {
      if (isHeader) {
        isHeader = false;
        continue;
      }
      if (files.rows % ROWS_A_LOOK === 0 && ports.timeLeftMs() <= 0) throw new OutOfTimeError(table);
      const row: (string | null)[] = new Array(columns.length).fill(null);
      [row[0], row[1], row[2]] = [accountId, requestId, jobId];
      for (const [place, target] of targets.entries()) {
        const cell = cells[place];
        if (target >= 0 && cell !== undefined && cell !== '') row[target] = cell;
      }
      await files.add(row);
    }
  }
  await files.end();
  return { rows: files.rows, columns };
}

/** Those of the headers, and those of the publication before: a column that is gone stays, empty. */
function columnsOf(headers: readonly string[][], before: readonly Column[]): Column[] {
  const names = new Set([...ORIGIN.map(({ name }) => name), ...headers.flatMap(namesIn)]);
  for (const { name } of before) names.add(name);
  return [...names].map((name): Column => ({ name, type: 'text' }));
}

/** The columns of a header; one that comes twice gets a number. */
function namesIn(header: readonly string[]): string[] {
  const taken = new Set<string>();
  return header.map((text, index) => {
    const own = columnName([text.trim() === '' ? `column_${index + 1}` : text]);
    let name = own;
    for (let number = 2; taken.has(name); number += 1) name = `${own}_${number}`;
    taken.add(name);
    return name;
  });
}

async function headerOf(source: Source, ports: PublishExtractsPorts): Promise<string[]> {
  for await (const cells of rowsOf(source, ports)) return cells;
  return [];
}

const cellsOfRow = z.array(z.string());

/** The rows of a file, its header first; none more of a file that has expired meanwhile, or turns out to be no CSV. */
async function* rowsOf(
  { extract, file }: Source,
  { extracts, log }: PublishExtractsPorts,
): AsyncIterable<string[]> {
  const { requestId, jobId } = extract;
  if (file.size > MOST_BYTES) {
    log.warn('extract too large for a table', { requestId, jobId, file: file.name, bytes: file.size });
    return;
  }
  const parser = parse({
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
  });
  const bytes = Readable.from(extracts.open(extract, file.name), { objectMode: false });
  bytes.on('error', (error) => parser.destroy(error));
  try {
    for await (const row of bytes.pipe(parser)) yield cellsOfRow.parse(row);
  } catch (error) {
    if (error instanceof CsvError) log.warn('extract is no CSV', { requestId, jobId, file: file.name });
    else if (!(error instanceof FileMissingError)) throw error;
  } finally {
    bytes.destroy();
  }
}

function fingerprintOf(sources: readonly Source[]): string {
  const hash = createHash('sha256').update(FORMAT);
  for (const { extract, file } of sources) {
    hash.update(`\n${extract.accountId} ${extract.requestId} ${extract.jobId} ${file.name} ${file.sha256}`);
  }
  return hash.digest('base64url');
}
