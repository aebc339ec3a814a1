import { type Context, Hono } from 'hono';
import { csvLine } from '../ops/commands/query/answer-lines.ts';
import type { Answer, LakeTable } from '../query/query-engine.ts';
import { type Asked, type Asking, problemText, type ShownAnswer } from './reading/asking.ts';
import type { Html, ViewContext } from './views/parts.ts';
import { queryView } from './views/query.ts';

/** The pages where questions in SQL are asked. Both only read, so that an address with a question can be kept. */
export function queryPages({
  asking,
  contextOf,
  page,
}: {
  asking: Asking;
  contextOf: (path: string) => ViewContext;
  page: (title: string, path: string, content: Html) => Html;
}): Hono {
  const app = new Hono();

  const readAsked = (c: Context) => {
    const url = new URL(c.req.url);
    const path = `${url.pathname}${url.search}`;
    const context = contextOf(path);
    return asking.read(url.searchParams, context.nowMs).then((asked) => ({ url, path, context, asked }));
  };

  app.get('/query', async (c) => {
    const { url, path, context, asked } = await readAsked(c);
    const [questions, outcome] = await Promise.all([
      asking.questions(),
      isFromElsewhere(c) ? heldBack(asked) : outcomeOf(asked, asking, c.req.raw.signal),
    ]);
    const { tables, problem } = await tablesOf(asking);
    const model = { asked, questions, tables, csvHref: `/query.csv${url.search}`, problem, ...outcome };
    return c.html(page('Query', path, queryView(model, context)), model.problem === undefined ? 200 : 400);
  });

  app.get('/query.csv', async (c) => {
    const { url, asked } = await readAsked(c);
    if (asked.problem !== undefined) return c.text(asked.problem, 400);
    if (isFromElsewhere(c) || asked.sql === '') return c.redirect(`/query${url.search}`);
    try {
      const answer = await asking.answer(asked.sql, c.req.raw.signal);
      c.header('content-type', 'text/csv; charset=utf-8');
      c.header('content-disposition', `attachment; filename="${asked.saved?.question.name ?? 'answer'}.csv"`);
      return c.body(ReadableStream.from(csvBytes(answer)));
    } catch (error) {
      return c.text(problemText(error), 400);
    }
  });
  return app;
}

/** Nothing is asked before a person says so. */
function heldBack({ sql }: Asked): Outcome {
  return { isHeld: sql !== '' };
}

/** What has become of a question. */
interface Outcome {
  answer?: ShownAnswer;
  problem?: string;
  isHeld: boolean;
}

async function outcomeOf({ sql, problem }: Asked, asking: Asking, gone: AbortSignal): Promise<Outcome> {
  if (problem !== undefined) return { problem, isHeld: false };
  if (sql === '') return { isHeld: false };
  try {
    return { answer: await asking.shown(sql, gone), isHeld: false };
  } catch (error) {
    return { problem: problemText(error), isHeld: false };
  }
}

async function tablesOf(asking: Asking): Promise<{ tables: LakeTable[]; problem?: string }> {
  try {
    return { tables: await asking.tables() };
  } catch (error) {
    return { tables: [], problem: problemText(error) };
  }
}

async function* csvBytes({ columns, rows }: Answer): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(csvLine(columns.map(({ name }) => name)));
  for await (const row of rows) yield encoder.encode(csvLine(row));
}

/** Whether a page of somebody else has led the browser here: it must not make us ask what costs something. */
function isFromElsewhere(c: Context): boolean {
  const site = c.req.header('sec-fetch-site') ?? 'none';
  return site !== 'none' && site !== 'same-origin';
}
