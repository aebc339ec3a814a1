import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryPages } from '../../../infra/console/query-pages.ts';
import { Asking } from '../../../infra/console/reading/asking.ts';
import { listenLocally } from '../../../infra/local/data/listen.ts';
import type { Answer, QueryEngine } from '../../../infra/query/query-engine.ts';
import { companyRecords, lakeOf } from '../query/company-lake.ts';
import { type ConsoleOnFolder, consoleOnFolder } from './console-on-folder.ts';

let lake: Awaited<ReturnType<typeof lakeOf>>;
let page: ConsoleOnFolder;
beforeAll(async () => {
  lake = await lakeOf(companyRecords());
  page = await consoleOnFolder({ engine: async () => lake.engine });
});
afterAll(async () => {
  await page.close();
  await lake.remove();
});

const asked = (sql: string, path = '/query') => `${path}?${new URLSearchParams({ sql })}`;
const htmlOf = async (path: string) => (await page.get(path)).text();

/** An engine that notes what it is asked, and answers nothing until it is canceled. */
function waitingEngine() {
  const statements: string[] = [];
  const begun = Promise.withResolvers<void>();
  const canceled = Promise.withResolvers<unknown>();
  const engine: QueryEngine = {
    ask: (sql, signal) => {
      statements.push(sql);
      begun.resolve();
      return new Promise<Answer>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          canceled.resolve(signal.reason);
          reject(signal.reason);
        });
      });
    },
    tables: async () => [],
    close: async () => {},
  };
  return { engine, statements, begun: begun.promise, canceled: canceled.promise };
}

describe('the query view', () => {
  it('offers the saved questions and the tables with their columns before anything is asked', async () => {
    const { engine, statements } = waitingEngine();
    const tables = () => lake.engine.tables();
    const still = await consoleOnFolder({ engine: async () => ({ ...engine, tables }) });
    const text = await still.textOf('/query');
    await still.close();
    for (const part of [
      'Which trades answer our invitations to bid',
      'Failed file transfers by month',
      'bidder_company_name text',
      'invites_history',
    ]) {
      expect(text).toContain(part);
    }
    expect(statements).toEqual([]);
  });

  it('shows an answer as a table with what it is as of, and as bars', async () => {
    const sql = 'SELECT state, count(*) AS invites, 1.5 AS half FROM invites GROUP BY state ORDER BY state';
    const text = await page.textOf(asked(sql));
    expect(text).toMatch(/state invites half BIDDING [\d,]+ 1\.5 BID_SUBMITTED/);
    expect(text).toMatch(/\d rows\. As of .* ago/);
    expect(text).toContain('invites by state');
    expect(text).toContain('half by state');
  });

  it('leads from an id to its record', async () => {
    expect(await htmlOf(asked("SELECT id AS invite_id FROM invites WHERE id = 'i-quoted'"))).toContain(
      '<a href="/records?q=i-quoted">i-quoted</a>',
    );
  });

  it('asks a saved question with its parameters, which are fields', async () => {
    const html = await htmlOf('/query?saved=response-rate&trade=o%27hara');
    expect(html).toContain('<input name="trade" value="o&#39;hara"');
    expect(html).toMatch(/<td>O&#39;Hara<\/td><td class="n">1<\/td>/);
    expect(html).not.toContain('Roofing');
  });

  it.each([
    [asked('SELECT\n nope FROM invites'), 'line 2, column 2: Referenced column "nope" not found'],
    [asked('DELETE FROM invites'), 'DELETE is refused: queries only read.'],
    [asked('SELECT 1; SELECT 2'), 'line 1, column 9: it is more than one.'],
    [asked(`SELECT '${'x'.repeat(4_000)}'`), 'longer than 4000 characters'],
    ['/query?saved=tea', 'There is no saved question tea.'],
    ['/query?saved=due-soon&days=many', 'many is no number for days.'],
  ])('says in one line what is wrong: %#', async (path, problem) => {
    const response = await page.get(path);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('role="alert"');
    expect(await page.textOf(path)).toContain(problem);
    expect((await page.get(path.replace('/query', '/query.csv'))).headers.get('content-type')).not.toContain(
      'csv',
    );
  });

  it('says that nothing is published where that is so', async () => {
    const empty = await consoleOnFolder();
    const text = await empty.textOf(asked('SELECT 1'));
    await empty.close();
    expect(text).toContain('No table is published yet.');
    expect(text).toContain('Tables are published when a sync has ended.');
  });

  it('shows a thousand rows, and says that there are more', async () => {
    const rows = (html: string) => html.match(/<tr><td/g)?.length;
    const more = await htmlOf(asked('SELECT * FROM range(1001)'));
    expect(rows(more)).toBe(1_000);
    expect(more).toContain('The first 1,000 rows; there are more');
    const all = await htmlOf(asked('SELECT * FROM range(1000)'));
    expect(rows(all)).toBe(1_000);
    expect(all).toContain('1,000 rows.');
  });

  it('gives the whole answer as CSV, in which no text is a formula', async () => {
    const response = await page.get(asked("SELECT range AS n, '=1+1' AS f FROM range(1500)", '/query.csv'));
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="answer.csv"');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines).toHaveLength(1_501);
    expect(lines.slice(0, 2)).toEqual(['n,f', "0,'=1+1"]);
    const saved = await page.get('/query.csv?saved=hit-rate&client=riverside');
    expect(saved.headers.get('content-disposition')).toContain('hit-rate.csv');
  });

  it('never lets a text from outside be more than text', async () => {
    const evil = '<script>alert(1)</script><img src=x onerror=alert(1)>';
    const sql = `SELECT '${evil}' AS "${evil}", 1 AS n UNION ALL SELECT '</svg>${evil}', -2`;
    for (const path of [
      asked(sql),
      asked(`</textarea>${evil}`),
      `/query?${new URLSearchParams({ saved: evil })}`,
      `/query?${new URLSearchParams({ saved: 'response-rate', trade: `">${evil}` })}`,
    ]) {
      const html = await htmlOf(path);
      expect(html.match(/<script[^>]*>/g), path).toEqual(['<script src="/assets/htmx.js" defer>']);
      expect(html, path).not.toContain('<img');
    }
  });

  it.each(['cross-site', 'same-site'])(
    'asks nothing because a page of another site says so: %s',
    async (site) => {
      const { engine, statements } = waitingEngine();
      const held = await consoleOnFolder({ engine: async () => engine });
      const headers = { 'sec-fetch-site': site };
      const shown = await (await held.get(asked('SELECT 1'), headers)).text();
      expect(shown).toContain('Look at the statement, then press Run.');
      expect(shown).toContain('SELECT 1</textarea>');
      const csv = await held.get(asked('SELECT 1', '/query.csv'), headers);
      expect(csv.headers.get('location')).toBe(asked('SELECT 1'));
      await held.close();
      expect(statements).toEqual([]);
    },
  );

  it('cancels what takes too long, and says so', async () => {
    const { engine, begun } = waitingEngine();
    const patience = new AbortController();
    const slow = await consoleOnFolder({ engine: async () => engine, patience: () => patience.signal });
    const answer = slow.get(asked('SELECT 1'));
    await begun;
    patience.abort(new DOMException('It took too long.', 'TimeoutError'));
    expect(await (await answer).text()).toContain('It took longer than 30 seconds and was canceled.');
    await slow.close();
  });
});

it.each(['/query', '/query.csv'])('%s cancels the question of a browser that goes away', async (path) => {
  const { engine, begun, canceled } = waitingEngine();
  const app = queryPages({
    asking: new Asking(
      async () => engine,
      () => new AbortController().signal,
    ),
    contextOf: () => ({ timeZone: 'UTC', nowMs: 0, actionToken: undefined, experiments: [], path }),
    page: (_title, _path, content) => content,
  });
  const server = createServer(getRequestListener(app.fetch));
  const port = await listenLocally(server, 0, '--port');
  const request = get(`http://127.0.0.1:${port}${asked('SELECT 1', path)}`);
  request.on('error', () => {});
  await begun;
  request.destroy();
  await canceled;
  const closed = once(server, 'close');
  server.close();
  await closed;
});
