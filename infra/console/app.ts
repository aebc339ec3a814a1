import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { streamSSE } from 'hono/streaming';
import type { RunCommand } from '../ops/commands/command.ts';
import { ACTIONS, commandText, perform } from './actions.ts';
import { guard } from './guard.ts';
import { viewOf } from './pages.ts';
import { queryPages } from './query-pages.ts';
import type { Asking } from './reading/asking.ts';
import type { ConsoleReading } from './reading/reading.ts';
import { layout } from './views/layout.ts';
import { confirmation, outcome } from './views/operations.ts';
import type { Html, ViewContext } from './views/parts.ts';

export interface ConsoleOptions {
  reading: ConsoleReading;
  /** What is mirrored and where, as people call it. */
  place: string;
  /** Whether it may do anything, or only look. */
  allowActions: boolean;
  /** Of this process: a form without it is refused. */
  token: string;
  /** Known once it listens. */
  port: () => number;
  /** In whose name it acts. */
  who: string;
  slackUrl: string | undefined;
  run: RunCommand;
  asking: Asking;
  /** What can be made to happen in the sandbox, by name. */
  experiments: ReadonlyMap<string, Experiment>;
}

/** Something that a person can make happen in the sandbox, to see what comes of it. */
export interface Experiment {
  label: string;
  /** Answers what has happened. */
  run(): Promise<string>;
}

/** Answers of actions that are still to be shown; the oldest go first. */
const KEPT_NOTICES = 100;

const require = createRequire(import.meta.url);
const here = (name: string) => new URL(`assets/${name}`, import.meta.url);

/** Of files that stand one after the other: htmx starts as soon as it is there, and must know its extension by then. */
const ASSETS = new Map(
  Object.entries({
    'console.css': { type: 'text/css', files: [here('console.css')] },
    'icon.svg': { type: 'image/svg+xml', files: [here('icon.svg')] },
    'htmx.js': {
      type: 'text/javascript',
      files: [
        pathToFileURL(require.resolve('htmx.org/dist/htmx.min.js')),
        pathToFileURL(require.resolve('htmx.org/dist/ext/hx-sse.min.js')),
      ],
    },
  }),
);

/** The pages of the console, made on the server; they work without scripts. */
export function createConsole(options: ConsoleOptions): Hono {
  const { reading, place, allowActions, token, who, slackUrl } = options;
  const notices = new Map<string, Html>();
  const app = new Hono();
  app.use(guard(options.port, token));

  const contextOf = (path: string): ViewContext => ({
    timeZone: reading.target.timeZone,
    nowMs: reading.nowMs(),
    actionToken: allowActions ? token : undefined,
    experiments: [...options.experiments].map(([name, { label }]) => ({ name, label })),
    path,
  });
  const page = (title: string, path: string, content: Html, more: { isLive?: boolean; notice?: Html } = {}) =>
    layout({ title, path, place, slackUrl, content, isLive: false, notice: undefined, ...more });

  /** The address of a page that shows a notice once it is there. */
  function noticedAt(path: string, notice: Html): string {
    const id = crypto.randomUUID();
    notices.set(id, notice);
    for (const old of [...notices.keys()].slice(0, -KEPT_NOTICES)) notices.delete(old);
    const back = new URL(path, 'http://console');
    back.searchParams.set('done', id);
    return `${back.pathname}${back.search}`;
  }

  app.get('/assets/:name', (c) => {
    const asset = ASSETS.get(c.req.param('name'));
    if (asset === undefined) return c.notFound();
    c.header('content-type', asset.type);
    c.header('cache-control', 'max-age=3600');
    return c.body(asset.files.map((file) => readFileSync(file, 'utf8')).join('\n'));
  });

  app.get('/api/status', async (c) => c.json(await reading.wholeStatus()));

  app.get('/live', (c) => {
    const path = c.req.query('at') ?? '/';
    const url = new URL(path, 'http://console');
    return streamSSE(
      c,
      async (stream) => {
        let sent: string | undefined;
        while (!stream.aborted && !stream.closed) {
          const view = await viewOf(url, reading, contextOf(path));
          const content = view === undefined ? '' : String(await view.content);
          if (content !== sent && content !== '') await stream.writeSSE({ data: content });
          sent = content;
          await stream.sleep(reading.everyMs);
        }
      },
      // Whoever looks connects again by itself, and sees then what went wrong.
      async () => {},
    );
  });

  app.get('/confirm/:action', (c) => {
    const name = c.req.param('action');
    const action = ACTIONS.get(name);
    if (action === undefined || !allowActions) return c.notFound();
    const fields = c.req.query();
    const args = action.args((field) => valueFrom(fields[field]), who);
    const inputs = Object.entries({ ...fields, token });
    const form = html`<form method="post" action="/act/${name}">
${inputs.map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`)}
<button>Yes, do it</button> <a class="button" href="${backOf(fields.back)}">No</a></form>`;
    const command = commandText(args, reading.target);
    return c.html(page('Confirm', c.req.path, confirmation(command, action.question, form)));
  });

  app.post('/act/:action', async (c) => {
    const action = ACTIONS.get(c.req.param('action'));
    if (action === undefined) return c.notFound();
    if (!allowActions) return c.text('This console only looks. Start it with --allow-actions.', 403);
    const form = await c.req.parseBody();
    const field = (name: string) => valueFrom(form[name]);
    const { command, exitCode, printed } = await perform(
      action.args(field, who),
      reading.target,
      options.run,
    );
    await reading.refresh();
    return c.redirect(noticedAt(backOf(field('back')), outcome(command, exitCode, printed)), 303);
  });

  app.post('/experiments/:name', async (c) => {
    const experiment = options.experiments.get(c.req.param('name'));
    if (experiment === undefined) return c.notFound();
    const happened = await experiment.run();
    await reading.refresh();
    return c.redirect(noticedAt('/operations', html`<p>${happened}</p>`), 303);
  });

  app.route('/', queryPages({ asking: options.asking, contextOf, page }));

  app.get('*', async (c) => {
    const url = new URL(c.req.url);
    const notice = notices.get(url.searchParams.get('done') ?? '');
    url.searchParams.delete('done');
    const path = `${url.pathname}${url.search}`;
    const view = await viewOf(url, reading, contextOf(path));
    if (view === undefined) {
      return c.html(
        page('Not found', path, html`<h1>Nothing here</h1><p><a href="/">To the overview</a></p>`),
        404,
      );
    }
    const { title, content, isLive } = view;
    return c.html(page(title, path, content, { isLive, ...(notice !== undefined && { notice }) }));
  });

  app.onError((error, c) =>
    c.html(
      page(
        'Failed',
        c.req.path,
        html`<h1>This could not be read</h1><p class="error">${error.message}</p><p>Load the page again. If it stays so, run <code>npm run ops -- doctor</code>.</p>`,
      ),
      500,
    ),
  );
  return app;
}

/** A field of a form. One that begins like an option must not become one of the command line. */
function valueFrom(value: unknown): string {
  return typeof value === 'string' && !value.startsWith('-') ? value : '';
}

/** Where a page came from, on this console only. */
function backOf(path: string | undefined): string {
  return path !== undefined && /^\/(?!\/)/.test(path) ? path : '/';
}
