import { type DuckDBConnection, DuckDBInstance, StatementType } from '@duckdb/node-api';
import * as z from 'zod';
import type { FolderLake } from '../../shared/lake/folder-lake.ts';
import type { Published } from '../../shared/lake/lake.ts';
import {
  type Answer,
  BadStatementError,
  type LakeTable,
  NothingPublishedError,
  type QueryEngine,
  ReadOnlyError,
  type Value,
  type ValueKind,
} from './query-engine.ts';
import { positionOf, readingStatement } from './read-only.ts';
import { readValue } from './values.ts';

type FolderTable = Awaited<ReturnType<FolderLake['tables']>>[number];

/** Functions of Athena that DuckDB calls otherwise, or counts otherwise. */
const MACROS = [
  'approx_distinct(x) AS approx_count_distinct(x)',
  'date_diff(part, a, b) AS date_sub(part, a, b)',
  'from_iso8601_timestamp(text) AS CAST(text AS TIMESTAMP)',
  'json_extract_scalar(json, path) AS json_extract_string(json, path)',
];

const INTERRUPT_EVERY_MS = 50;

/** The lake in a folder, asked in this process. Each question has a database of its own, which holds nothing. */
export class DuckDbEngine implements QueryEngine {
  readonly #lake: FolderLake;
  readonly #folder: string;

  constructor(lake: FolderLake, folder: string) {
    this.#lake = lake;
    this.#folder = folder;
  }

  async ask(sql: string, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const statement = readingStatement(sql);
    const tables = await this.#lake.tables();
    if (tables.length === 0) throw new NothingPublishedError();
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const interrupt = () => connection.interrupt();
    signal.addEventListener('abort', interrupt);
    const close = () => {
      signal.removeEventListener('abort', interrupt);
      connection.closeSync();
      instance.closeSync();
    };
    try {
      for (const macro of MACROS) await connection.run(`CREATE MACRO ${macro}`);
      const asked = await createViews(connection, statement, tables);
      await lock(connection, this.#folder);
      await refuseWriting(connection, statement);
      const result = await begin(connection, statement, signal);
      const kinds = result.columnTypes().map((type) => kindOf(String(type)));
      const columns = result
        .columnNames()
        .map((name, index) => ({ name, kind: kinds[index] ?? ('text' as const) }));
      const rows = rowsOf(result.yieldRowsJson(), kinds, { statement, signal, close });
      return { columns, rows, ...asOfOldest(asked) };
    } catch (error) {
      close();
      signal.throwIfAborted();
      throw asBadStatement(error, statement);
    }
  }

  async tables(): Promise<LakeTable[]> {
    const tables = await this.#lake.tables();
    return tables.map(({ name, published: { columns, asOf, rows } }) => ({ name, columns, asOf, rows }));
  }

  async close(): Promise<void> {}
}

/** Interrupts again and again until it has begun: what has not does not hear of it. */
async function begin(connection: DuckDBConnection, statement: string, signal: AbortSignal) {
  signal.throwIfAborted();
  const interrupting = setInterval(() => {
    if (signal.aborted) connection.interrupt();
  }, INTERRUPT_EVERY_MS);
  try {
    const result = await connection.stream(statement);
    signal.throwIfAborted();
    return result;
  } finally {
    clearInterval(interrupting);
  }
}

/** Views of the tables that the statement names, or of all where that cannot be told; answers which. */
async function createViews(
  connection: DuckDBConnection,
  statement: string,
  tables: readonly FolderTable[],
): Promise<Published[]> {
  await connection.run('SET errors_as_json = true');
  const named = new Set([...connection.getTableNames(statement, false)].map((name) => name.toLowerCase()));
  const known = tables.filter(({ name }) => named.has(name));
  for (const { name, files } of known.length > 0 ? known : tables) {
    const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ');
    await connection.run(`CREATE VIEW "${name}" AS SELECT * FROM read_parquet([${list}])`);
  }
  return known.map(({ published }) => published);
}

/** From here on nothing but the lake can be read, and that cannot be changed any more. */
async function lock(connection: DuckDBConnection, folder: string): Promise<void> {
  await connection.run(`SET allowed_directories = ['${folder.replaceAll("'", "''")}']`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

async function refuseWriting(connection: DuckDBConnection, statement: string): Promise<void> {
  const prepared = await connection.prepare(statement);
  const { statementType } = prepared;
  prepared.destroySync();
  if (statementType !== StatementType.SELECT && statementType !== StatementType.EXPLAIN) {
    throw new ReadOnlyError(StatementType[statementType] ?? 'It');
  }
}

async function* rowsOf(
  pages: AsyncIterable<readonly (readonly unknown[])[]>,
  kinds: readonly ValueKind[],
  { statement, signal, close }: { statement: string; signal: AbortSignal; close(): void },
): AsyncIterable<Value[]> {
  try {
    for await (const page of pages) {
      signal.throwIfAborted();
      for (const row of page) yield row.map((value, index) => readValue(value, kinds[index] ?? 'text'));
    }
    // Rows that are interrupted just end.
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw asBadStatement(error, statement);
  } finally {
    close();
  }
}

function asOfOldest(asked: readonly Published[]): { asOf?: string } {
  const [asOf] = asked.map((table) => table.asOf).sort();
  return asOf === undefined ? {} : { asOf };
}

function kindOf(type: string): ValueKind {
  if (type === 'BOOLEAN') return 'boolean';
  if (type === 'DATE') return 'date';
  if (type.startsWith('TIMESTAMP')) return 'timestamp';
  return /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/.test(type) ? 'number' : 'text';
}

const duckDbError = z.object({ exception_message: z.string(), position: z.coerce.number().optional() });

/** What DuckDB says of a statement, in one line; anything else it throws stays as it is. */
function asBadStatement(error: unknown, statement: string): unknown {
  const json = error instanceof Error ? /\{.*\}/s.exec(error.message)?.[0] : undefined;
  if (json === undefined) return error;
  const { exception_message: message, position } = duckDbError.parse(JSON.parse(json));
  return new BadStatementError(
    problemIn(message),
    position === undefined ? undefined : positionOf(statement, position),
    {
      cause: error,
    },
  );
}

/** What is wrong, with the names that may have been meant; the rest of the message draws the statement. */
function problemIn(message: string): string {
  const [problem = '', ...others] = message.split('\n').map((line) => line.trim());
  const hint = others.find((line) => /^(?:Did you mean|Candidate bindings)/.test(line));
  return [problem, ...(hint === undefined ? [] : [hint])]
    .map((line) => (/[.?]$/.test(line) ? line : `${line.replace(/!$/, '')}.`))
    .join(' ');
}
