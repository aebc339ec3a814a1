import {
  AthenaClient,
  type ColumnInfo,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  InvalidRequestException,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { GetTablesCommand, GlueClient } from '@aws-sdk/client-glue';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { AthenaEngine } from '../../../infra/query/athena-engine.ts';
import {
  type Answer,
  BadStatementError,
  QueryFailedError,
  ReadOnlyError,
  type Value,
} from '../../../infra/query/query-engine.ts';

const athenaClient = new AthenaClient({});
const glueClient = new GlueClient({});
const athena = mockClient(athenaClient);
const glue = mockClient(glueClient);

let waits: number[];
let never: AbortController;
/** What happens while the engine waits. */
let whileWaiting: (signal: AbortSignal | undefined) => void;
let engine: AthenaEngine;

beforeEach(() => {
  athena.reset();
  glue.reset();
  waits = [];
  never = new AbortController();
  whileWaiting = () => {};
  engine = new AthenaEngine({
    athena: athenaClient,
    glue: glueClient,
    workgroup: 'group',
    database: 'mirror',
    clock: {
      now: () => 0,
      sleep: async (ms, signal) => {
        waits.push(ms);
        whileWaiting(signal);
        signal?.throwIfAborted();
      },
    },
  });
  glue.on(GetTablesCommand).resolves({
    TableList: [table('invites', '2026-11-22T10:00:00.000Z'), table('projects', '2026-11-22T09:00:00.000Z')],
  });
  athena.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: 'q' });
  ends('SUCCEEDED');
});

describe('a question to Athena', () => {
  it('is asked in the workgroup and database of the stage, and waited for with patience', async () => {
    athena
      .on(GetQueryExecutionCommand)
      .resolvesOnce({ QueryExecution: { Status: { State: 'QUEUED' } } })
      .resolvesOnce({ QueryExecution: { Status: { State: 'RUNNING' } } })
      .resolves({
        QueryExecution: { Status: { State: 'SUCCEEDED' }, Statistics: { DataScannedInBytes: 5 } },
      });
    answers([{ Name: 'n', Type: 'bigint' }], [['n'], ['2']]);
    const answer = await ask('SELECT count(*) AS n FROM invites;');
    expect(athena.commandCalls(StartQueryExecutionCommand).map(({ args }) => args[0].input)).toEqual([
      {
        QueryString: 'SELECT count(*) AS n FROM invites',
        WorkGroup: 'group',
        QueryExecutionContext: { Database: 'mirror' },
      },
    ]);
    expect(waits).toEqual([150, 300]);
    expect(await rowsOf(answer)).toEqual([[2]]);
    expect(answer).toMatchObject({
      columns: [{ name: 'n', kind: 'number' }],
      asOf: '2026-11-22T10:00:00.000Z',
      scannedBytes: 5,
    });
  });

  it('is as old as the oldest of the tables that it names', async () => {
    answers([], []);
    const answer = await ask('SELECT * FROM invites i JOIN projects p ON p.id = i.project_id');
    expect(answer.asOf).toBe('2026-11-22T09:00:00.000Z');
    expect((await ask('SELECT 1')).asOf).toBeUndefined();
  });

  it('has values of the same form as those of DuckDB, whatever Athena writes', async () => {
    const types = ['varchar', 'boolean', 'double', 'bigint', 'decimal(20,0)', 'timestamp(3)', 'date', 'row'];
    const names = types.map((_, index) => `c${index}`);
    answers(
      types.map((Type, index) => ({ Name: names[index], Type })),
      [
        names,
        [
          'text',
          'true',
          '1.5',
          '-3',
          '12345678901234567890',
          '2026-11-01 08:30:00.000',
          '2026-11-01',
          '{a=1}',
        ],
        types.map(() => undefined),
      ],
    );
    const answer = await ask('SELECT * FROM invites');
    expect(answer.columns.map(({ kind }) => kind)).toEqual([
      'text',
      'boolean',
      'number',
      'number',
      'number',
      'timestamp',
      'date',
      'text',
    ]);
    expect(await rowsOf(answer)).toEqual([
      ['text', true, 1.5, -3, '12345678901234567890', '2026-11-01T08:30:00.000Z', '2026-11-01', '{a=1}'],
      types.map(() => null),
    ]);
  });

  it('is answered page by page, without the row that names the columns', async () => {
    const info = [{ Name: 'id', Type: 'varchar' }];
    athena
      .on(GetQueryResultsCommand)
      .resolvesOnce(page(info, [['id'], ['a']], 'more'))
      .resolvesOnce(page(info, [['id'], ['b']]));
    // A value that reads like the name of its column is a value on every page but the first.
    expect(await rowsOf(await ask('SELECT id FROM invites'))).toEqual([['a'], ['id'], ['b']]);
    expect(athena.commandCalls(GetQueryResultsCommand).map(({ args }) => args[0].input)).toMatchObject([
      { QueryExecutionId: 'q' },
      { QueryExecutionId: 'q', NextToken: 'more' },
    ]);
  });

  it('reads no further page than somebody wants', async () => {
    athena
      .on(GetQueryResultsCommand)
      .resolves(page([{ Name: 'id', Type: 'varchar' }], [['id'], ['a']], 'more'));
    const { rows } = await ask('SELECT id FROM invites');
    for await (const _ of rows) break;
    expect(athena.commandCalls(GetQueryResultsCommand)).toHaveLength(1);
  });

  it.each(['DROP TABLE invites', 'UNLOAD (SELECT 1) TO x', 'EXPLAIN ANALYZE DELETE FROM invites'])(
    'never writes: %s is not even sent',
    async (statement) => {
      await expect(ask(statement)).rejects.toBeInstanceOf(ReadOnlyError);
      expect(athena.calls()).toEqual([]);
    },
  );

  it('is stopped where it runs when somebody gives up waiting', async () => {
    athena.on(GetQueryExecutionCommand).resolves({ QueryExecution: { Status: { State: 'RUNNING' } } });
    whileWaiting = () => never.abort(new Error('enough'));
    await expect(ask('SELECT 1')).rejects.toThrow('enough');
    expect(athena.commandCalls(StopQueryExecutionCommand).map(({ args }) => args[0].input)).toEqual([
      { QueryExecutionId: 'q' },
    ]);
  });

  it('is not asked at all after that', async () => {
    never.abort(new Error('enough'));
    await expect(ask('SELECT 1')).rejects.toThrow('enough');
    expect(athena.calls()).toEqual([]);
  });
});

describe('a question that Athena does not answer', () => {
  it('is a wrong statement, with its place', async () => {
    ends('FAILED', "COLUMN_NOT_FOUND: line 2:8: Column 'nmae' cannot be resolved\nand more");
    const failed = ask('SELECT\n  nmae FROM invites');
    await expect(failed).rejects.toBeInstanceOf(BadStatementError);
    await expect(failed).rejects.toMatchObject({
      position: { line: 2, column: 8 },
      message: "The statement cannot be run: line 2, column 8: Column 'nmae' cannot be resolved",
    });
  });

  it('is a wrong statement where Athena does not even take it', async () => {
    const reason = "line 1:1: mismatched input 'FROM'";
    athena
      .on(StartQueryExecutionCommand)
      .rejects(new InvalidRequestException({ message: reason, $metadata: {} }));
    await expect(ask('SELECT FROM')).rejects.toMatchObject({ position: { line: 1, column: 1 } });
  });

  it('says why where the statement is sound', async () => {
    ends('FAILED', 'Query exhausted resources at this scale factor');
    await expect(ask('SELECT 1')).rejects.toBeInstanceOf(QueryFailedError);
    ends('CANCELLED', 'Bytes scanned limit was exceeded');
    await expect(ask('SELECT 1')).rejects.toThrow('it was canceled (Bytes scanned limit was exceeded)');
  });
});

describe('the tables of a stage', () => {
  it('are those that the publish function has made, page by page', async () => {
    glue
      .on(GetTablesCommand)
      .resolvesOnce({ TableList: [table('users', '2026-11-22T10:00:00.000Z')], NextToken: 'more' })
      .resolvesOnce({ TableList: [table('bids', '2026-11-22T11:00:00.000Z'), { Name: 'by_hand' }] });
    expect(await engine.tables()).toEqual([
      { name: 'bids', columns: [{ name: 'id', type: 'text' }], asOf: '2026-11-22T11:00:00.000Z', rows: 1 },
      { name: 'users', columns: [{ name: 'id', type: 'text' }], asOf: '2026-11-22T10:00:00.000Z', rows: 1 },
    ]);
    expect(glue.commandCalls(GetTablesCommand).map(({ args }) => args[0].input)).toMatchObject([
      { DatabaseName: 'mirror' },
      { DatabaseName: 'mirror', NextToken: 'more' },
    ]);
  });
});

function ask(sql: string): Promise<Answer> {
  return engine.ask(sql, never.signal);
}

async function rowsOf({ rows }: Answer): Promise<Value[][]> {
  return Array.fromAsync(rows);
}

function ends(State: 'SUCCEEDED' | 'FAILED' | 'CANCELLED', StateChangeReason?: string): void {
  const Status = { State, ...(StateChangeReason !== undefined && { StateChangeReason }) };
  athena.on(GetQueryExecutionCommand).resolves({ QueryExecution: { Status } });
}

function answers(columns: Partial<ColumnInfo>[], rows: (string | undefined)[][]): void {
  athena.on(GetQueryResultsCommand).resolves(page(columns, rows));
}

function page(columns: Partial<ColumnInfo>[], rows: (string | undefined)[][], NextToken?: string) {
  return {
    ResultSet: {
      ResultSetMetadata: {
        ColumnInfo: columns.map((info) => ({ Name: undefined, Type: undefined, ...info })),
      },
      Rows: rows.map((row) => ({
        Data: row.map((VarCharValue) => ({ ...(VarCharValue !== undefined && { VarCharValue }) })),
      })),
    },
    ...(NextToken !== undefined && { NextToken }),
  };
}

function table(Name: string, asOf: string) {
  return {
    Name,
    Parameters: {
      published: JSON.stringify({ publication: 'p', asOf, rows: 1, fingerprint: 'f' }),
      fields: JSON.stringify([{ name: 'id', type: 'text' }]),
    },
  };
}
