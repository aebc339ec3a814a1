import {
  type AthenaClient,
  type ColumnInfo,
  GetQueryExecutionCommand,
  InvalidRequestException,
  paginateGetQueryResults,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { type GlueClient, paginateGetTables } from '@aws-sdk/client-glue';
import type { Clock } from '../../shared/clock.ts';
import { publishedOf } from '../../shared/lake/glue-lake.ts';
import {
  type Answer,
  BadStatementError,
  type LakeTable,
  NothingPublishedError,
  type QueryEngine,
  QueryFailedError,
  type Value,
  type ValueKind,
} from './query-engine.ts';
import { readingStatement } from './read-only.ts';
import { readValue } from './values.ts';

export interface AthenaOptions {
  athena: AthenaClient;
  glue: GlueClient;
  workgroup: string;
  database: string;
  clock: Clock;
}

const FIRST_LOOK_MS = 150;
const LOOK_EVERY_MS = 1_000;

/** The lake of a stage, asked with the caller's own credentials. */
export class AthenaEngine implements QueryEngine {
  readonly #options: AthenaOptions;

  constructor(options: AthenaOptions) {
    this.#options = options;
  }

  async ask(sql: string, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const statement = readingStatement(sql);
    const tables = await this.tables();
    if (tables.length === 0) throw new NothingPublishedError();
    const id = await this.#start(statement);
    const done = await this.#ended(id, signal);
    const pages = this.#results(id);
    const first = await pages.next();
    const kinds = first.done ? [] : first.value.columns.map(({ Type = '' }) => kindOf(Type));
    const names = first.done ? [] : first.value.columns.map(({ Name = '' }) => Name);
    const words = new Set(statement.toLowerCase().match(/[a-z0-9_]+/g));
    const [asOf] = tables.flatMap((table) => (words.has(table.name) ? [table.asOf] : [])).sort();
    const scannedBytes = done.Statistics?.DataScannedInBytes;
    return {
      columns: names.map((name, index) => ({ name, kind: kinds[index] ?? 'text' })),
      rows: rowsOf(first.done ? [] : first.value.rows, pages, kinds),
      ...(asOf !== undefined && { asOf }),
      ...(scannedBytes !== undefined && { scannedBytes }),
    };
  }

  async tables(): Promise<LakeTable[]> {
    const { glue, database } = this.#options;
    const tables: LakeTable[] = [];
    for await (const { TableList = [] } of paginateGetTables({ client: glue }, { DatabaseName: database })) {
      for (const { Name = '', Parameters } of TableList) {
        const shown = publishedOf(Parameters);
        if (shown === undefined) continue;
        const { columns, asOf, rows } = shown;
        tables.push({ name: Name, columns, asOf, rows });
      }
    }
    return tables.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async close(): Promise<void> {
    this.#options.athena.destroy();
    this.#options.glue.destroy();
  }

  async #start(statement: string): Promise<string> {
    const { athena, workgroup, database } = this.#options;
    try {
      const { QueryExecutionId = '' } = await athena.send(
        new StartQueryExecutionCommand({
          QueryString: statement,
          WorkGroup: workgroup,
          QueryExecutionContext: { Database: database },
        }),
      );
      return QueryExecutionId;
    } catch (error) {
      if (error instanceof InvalidRequestException) throw badStatement(error.message);
      throw error;
    }
  }

  async #ended(id: string, signal: AbortSignal): Promise<QueryExecution> {
    const { athena, clock } = this.#options;
    let waitMs = FIRST_LOOK_MS;
    for (;;) {
      const { QueryExecution: execution = {} } = await athena.send(
        new GetQueryExecutionCommand({ QueryExecutionId: id }),
      );
      const reason = execution.Status?.StateChangeReason ?? 'no reason given';
      switch (execution.Status?.State) {
        case 'SUCCEEDED':
          return execution;
        case 'FAILED':
          throw failureOf(reason);
        case 'CANCELLED':
          throw new QueryFailedError(`it was canceled (${reason})`);
        default:
      }
      try {
        await clock.sleep(waitMs, signal);
      } catch (error) {
        await athena.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
        throw error;
      }
      waitMs = Math.min(waitMs * 2, LOOK_EVERY_MS);
    }
  }

  async *#results(id: string): AsyncGenerator<{ columns: ColumnInfo[]; rows: (string | undefined)[][] }> {
    const pages = paginateGetQueryResults({ client: this.#options.athena }, { QueryExecutionId: id });
    let isFirst = true;
    for await (const { ResultSet } of pages) {
      const columns = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
      const rows = (ResultSet?.Rows ?? []).map(({ Data = [] }) => Data.map((cell) => cell.VarCharValue));
      // A SELECT's first row is the names of its columns.
      const isHeader = isFirst && columns.every(({ Name }, index) => rows[0]?.[index] === Name);
      yield { columns, rows: isHeader ? rows.slice(1) : rows };
      isFirst = false;
    }
  }
}

async function* rowsOf(
  first: (string | undefined)[][],
  pages: AsyncIterable<{ rows: (string | undefined)[][] }>,
  kinds: readonly ValueKind[],
): AsyncIterable<Value[]> {
  const read = (row: (string | undefined)[]) => kinds.map((kind, index) => readValue(row[index], kind));
  for (const row of first) yield read(row);
  for await (const { rows } of pages) for (const row of rows) yield read(row);
}

function kindOf(type: string): ValueKind {
  if (type === 'boolean' || type === 'date') return type;
  if (type.startsWith('timestamp')) return 'timestamp';
  return /^(?:tinyint|smallint|integer|int|bigint|float|real|double|decimal.*)$/.test(type)
    ? 'number'
    : 'text';
}

/** Athena says where, in the text before the reason: `line 1:8: Column 'x' cannot be resolved`. */
function failureOf(reason: string): Error {
  return /line \d+:\d+|SYNTAX_ERROR|_NOT_FOUND|MISMATCHED|mismatched input/i.test(reason)
    ? badStatement(reason)
    : new QueryFailedError(reason.split('\n')[0] ?? reason);
}

function badStatement(message: string): BadStatementError {
  const [, line, column, rest] = /line (\d+):(\d+): *([\s\S]*)/.exec(message) ?? [];
  const [problem = message] = (rest ?? message).split('\n');
  return new BadStatementError(
    problem,
    line === undefined ? undefined : { line: Number(line), column: Number(column) },
  );
}
