import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAKE_FOLDER, lockDataFolder } from '../../../infra/local/data/data-folder.ts';
import { OPS, startCommand } from '../../support/processes/run-command.ts';
import { companyRecords, publishInto } from '../query/company-lake.ts';
import { ops } from './captured-terminal.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ops-query-'));
  await publishInto(join(dataDir, 'sandbox', LAKE_FOLDER), companyRecords());
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const query = (...args: string[]) => ops(['query', '--data-dir', dataDir, ...args]);

const NAMES = "SELECT id, name, bids_due_at FROM projects WHERE id IN ('soon', 'never') ORDER BY id";

describe('ops query', () => {
  it.each([
    [
      'table',
      [/^ID +NAME +BIDS_DUE_AT$/, /^never +Dated Never *$/, /^soon +Dated Soon +2026-11-23T10:00:00\.000Z$/],
    ],
    ['csv', [/^id,name,bids_due_at$/, /^never,Dated Never,$/, /^soon,Dated Soon,2026-11-23T10:00:00\.000Z$/]],
    [
      'jsonl',
      [
        /^\{"id":"never","name":"Dated Never","bids_due_at":null\}$/,
        /^\{"id":"soon","name":"Dated Soon","bids_due_at":"2026-11-23T10:00:00\.000Z"\}$/,
      ],
    ],
  ])('prints the answer and nothing else as %s', async (format, lines) => {
    const { exitCode, out, err } = await query(NAMES, '--format', format);
    expect(exitCode).toBe(0);
    const printed = out.trimEnd().split('\n');
    expect(printed).toHaveLength(lines.length);
    for (const [index, line] of lines.entries()) expect(printed[index]).toMatch(line);
    expect(err).toMatch(/^As of .* UTC\.\n$/);
  });

  it('prints a table of people by default, and makes no formula in CSV', async () => {
    expect((await query(NAMES)).out).toBe((await query(NAMES, '--format', 'table')).out);
    expect((await query("SELECT '=1+1' AS f, true AS t, '@x' AS g", '--format', 'csv')).out).toBe(
      "f,t,g\n'=1+1,true,'@x\n",
    );
  });

  it('takes the statement from a file, or from standard input', async () => {
    const path = join(dataDir, 'names.sql');
    await writeFile(path, `-- who\n${NAMES};\n`);
    const { out } = await query(NAMES, '--format', 'csv');
    expect((await query('--file', path, '--format', 'csv')).out).toBe(out);
    const piped = ['query', '--data-dir', dataDir, '--file', '-', '--format', 'csv'];
    expect((await ops(piped, { input: NAMES })).out).toBe(out);
    expect(await query('--file', join(dataDir, 'none.sql'))).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/none\.sql cannot be read\. Give the path/),
    });
  });

  it('lists the saved questions with their options, wherever it is asked', async () => {
    const { exitCode, out } = await ops(['query', '--saved', '--data-dir', '/nowhere']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^unanswered +Who has not answered, and bids are due soon +--days$/m);
    expect(out).toMatch(/^bid-coverage .*--days --bids$/m);
    expect(out.trimEnd().split('\n')).toHaveLength(11);
  });

  it('asks a saved question with what is given', async () => {
    const asked = await query('--saved', 'response-rate', '--trade', "O'HARA", '--format', 'csv');
    expect(asked).toMatchObject({
      exitCode: 0,
      out: "trade,invited,answered,bids,response_percent\nO'Hara,1,1,1,100\n",
    });
  });

  it.each([
    [['--saved', 'tea'], 'There is no saved question tea. There are: bid-coverage, '],
    [['--saved', 'due-soon', '--trade', 'x'], 'due-soon does not ask for --trade.'],
    [['SELECT 1', '--days', '3'], '--days is for saved questions.'],
    [[], 'Give one of: a statement, --file, --saved.'],
    [['SELECT 1', '--file', '-'], 'Give one of: a statement, --file, --saved.'],
    [['SELECT 1', '--format', 'xml'], 'Allowed choices are table, csv, jsonl.'],
    [['SELECT 1', 'FROM x'], 'Too many arguments'],
  ])('does not understand %j, and says so in one line', async (args, problem) => {
    const { exitCode, out, err } = await query(...args);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain(problem);
    expect(err).toMatch(/^[^\n]+\n$/);
  });

  it.each([
    [['--saved', 'due-soon', '--days', 'many'], 'many is no number for days. Give a number, such as 7.'],
    [['SELECT\n  nope FROM invites'], 'line 2, column 3: Referenced column "nope" not found'],
    [
      ['SELECT 1 FROM invits'],
      'line 1, column 15: Table with name invits does not exist. Did you mean "invites"?',
    ],
    [['SELECT 1; DROP TABLE invites'], 'line 1, column 9: it is more than one.'],
    [['INSERT INTO invites SELECT 1'], 'INSERT is refused: queries only read.'],
    [["COPY invites TO 'x.csv'"], 'COPY is refused'],
    [['CREATE TABLE x AS SELECT 1'], 'CREATE is refused'],
    [["ATTACH 'x.db'"], 'ATTACH is refused'],
    [['PRAGMA version'], 'PRAGMA is refused'],
    [['SET threads = 1'], 'SET is refused'],
    [['EXPLAIN ANALYZE DELETE FROM invites'], 'EXPLAIN ANALYZE is refused'],
    [['/* SELECT */ DELETE FROM invites'], 'DELETE is refused'],
    [["SELECT * FROM read_csv('/etc/passwd')"], 'Cannot access file "/etc/passwd"'],
  ])('refuses %j in one line, and prints nothing', async (args, problem) => {
    const { exitCode, out, err } = await query(...args);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(err).toContain(problem);
    expect(err).toMatch(/^[^\n]+\n$/);
  });

  it.each([
    'SHOW TABLES',
    'DESCRIBE invites',
    'EXPLAIN SELECT id FROM invites',
    "SELECT 'a; DROP TABLE b' /* ; */ -- ;",
  ])('answers %j', async (sql) => {
    const { exitCode, out } = await query(sql, '--format', 'csv');
    expect(exitCode).toBe(0);
    expect(out.split('\n').length).toBeGreaterThan(2);
  });

  it('says what to do where nothing is published yet, and where there is no folder', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'ops-query-'));
    await mkdir(join(empty, 'sandbox'));
    const asked = await ops(['query', 'SELECT 1', '--data-dir', empty]);
    expect(asked).toMatchObject({ exitCode: 1, out: '' });
    expect(asked.err).toMatch(/^No table is published yet\. .*npm start.*\n$/);
    await rm(empty, { recursive: true });
    expect(await ops(['query', 'SELECT 1', '--data-dir', empty])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('There is no data folder'),
    });
  });

  it('answers while another process works on the folder, whichever it is', async () => {
    const held = await lockDataFolder(dataDir);
    await held.announce({ pid: process.pid, kind: 'command', origin: 'sandbox' });
    const { exitCode } = await query('SELECT count(*) FROM projects');
    await held.release();
    expect(exitCode).toBe(0);
  });

  it('is canceled by Ctrl-C with 130, and ends quietly when its reader has seen enough', async () => {
    const endless = [
      'query',
      'SELECT range FROM range(1000000000000)',
      '--format',
      'csv',
      '--data-dir',
      dataDir,
    ];
    const start = async () => {
      const running = startCommand(OPS, endless, { cwd: dataDir, env: {} });
      await new Promise((resolve) => running.child.stdout?.once('data', resolve));
      return running;
    };
    const interrupted = await start();
    interrupted.child.kill('SIGINT');
    expect(await interrupted.ended).toMatchObject({ code: 130, stderr: 'Canceled.\n' });

    const seen = await start();
    seen.child.stdout?.destroy();
    expect(await seen.ended).toMatchObject({ code: 0 });
  });
});
