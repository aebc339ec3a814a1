import { ConfigurationError, SyncError } from '../../shared/errors.ts';
import { USUAL_CONSOLE_PORT } from '../console/port.ts';
import { PortInUseError } from './data/errors.ts';
import type { OpenMirror } from './open-mirror.ts';
import { HELP, parseStartOptions, type StartOptions, USUAL_PORT } from './start-options.ts';

/** How often what stalled is taken up and the alerts are evaluated. */
const TICK_MS = 60_000;

/** Runs `npm start` with these arguments to its end. Answers the exit code. */
export async function runStart(args: readonly string[]): Promise<number> {
  try {
    const options = parseStartOptions(args);
    if (options.help) {
      process.stdout.write(HELP);
      return 0;
    }
    return await start(options, stopSignal());
  } catch (error) {
    for (const line of failureLines(error)) say(line);
    return 1;
  }
}

async function start(options: StartOptions, signal: AbortSignal): Promise<number> {
  const endsAtMs = options.once ? Date.now() + options.timeoutMinutes * 60_000 : undefined;
  // Only here: `--help` and wrong flags need not wait for all of it.
  const { loadEngines } = await import('./engines/engines.ts');
  const engines = loadEngines();
  const { openMirror } = await import('./open-mirror.ts');
  const { statusOf, syncNow } = await import('./run-mirror.ts');
  const { endOf } = await import('./start-end.ts');
  const closing: (() => Promise<void>)[] = [];
  const port = options.port ?? (options.once ? undefined : USUAL_PORT);
  const open = await openMirror({ ...options, ...(port === undefined ? {} : { port }) }, engines);
  try {
    const page = options.consolePort === 'none' ? undefined : await serveConsole(open, options.consolePort);
    closing.push(async () => page?.stop());
    // At once, so that the first load can be watched; and again below, where it is looked for.
    if (page !== undefined) say(`Console: ${page.url}`);
    say(`Mirroring ${open.sandbox ? 'the sandbox' : open.settings.autodeskOrigin} into ${open.stack.folder}`);
    open.running.schedule('tick', TICK_MS, { trigger: 'tick' });
    const report = await Promise.race([
      syncNow(open, {
        full: options.full,
        display: process.stderr,
        signal,
        ...(endsAtMs === undefined ? {} : { endsAtMs }),
      }),
      open.failed,
    ]);
    const { summary, reasons, notes } = endOf(report, { ...options, timeZone: open.settings.timeZone });
    if (options.json) process.stdout.write(`${JSON.stringify(await statusOf(open), null, 2)}\n`);
    else process.stdout.write(`\n${summary}\n`);
    for (const line of [...notes, ...reasons]) say(line);
    if (options.once) return reasons.length === 0 ? 0 : 1;

    const { stayUp } = await import('./stay-up.ts');
    await Promise.race([stayUp(open, options.json ? say : tell, signal, page?.url), open.failed]);
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    say('Stopped early. Run again to resume.');
    return options.once ? 1 : 0;
  } finally {
    for (const close of closing) await close();
    await open.close();
  }
}

/** The page that shows all of it, in this process, so that it is there from the first moment. */
async function serveConsole(open: OpenMirror, port: number | 'usual') {
  const [{ startConsole }, { runCommand }, { localTarget }, { experimentsIn }] = await Promise.all([
    import('../console/server.ts'),
    import('../ops/run-ops.ts'),
    import('../ops/targets/local-target.ts'),
    import('./experiments.ts'),
  ]);
  const { settings, stack, slackSandbox } = open;
  const serve = (asked: number) =>
    startConsole({
      target: localTarget(stack, settings, settings.timeZone),
      port: asked,
      portOption: '--console-port',
      allowActions: true,
      run: runCommand,
      experiments: experimentsIn(open),
      ...(slackSandbox && { slackUrl: slackSandbox.pageUrl }),
    });
  if (port !== 'usual') return serve(port);
  // Nobody has asked for the usual one, so that another start may have it.
  return serve(USUAL_CONSOLE_PORT).catch((error: unknown) => {
    if (error instanceof PortInUseError) return serve(0);
    throw error;
  });
}

/** Aborted by the first Ctrl-C or SIGTERM; the second one ends the process at once. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stopping.signal.aborted) process.exit(130);
      stopping.abort();
    });
  }
  return stopping.signal;
}

/** What a person needs to know of a failure: one line each. */
function failureLines(error: unknown): string[] {
  if (error instanceof ConfigurationError) return error.problems;
  if (error instanceof SyncError) return [`${error.message} ${error.remedy}`];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}

function say(line: string) {
  process.stderr.write(`${line}\n`);
}

function tell(line: string) {
  process.stdout.write(`${line}\n`);
}
