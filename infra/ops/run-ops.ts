import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { reportFailure } from '../../shared/errors.ts';
import { seemsInUse } from '../local/data/running-file.ts';
import { loadEngines } from '../local/engines/engines.ts';
import { VERSION } from '../version.ts';
import { type Ops, type PlaceOptions, refusingInOneLine, UsageError } from './commands/command.ts';
import type { OpenData, OpenTarget, Target } from './targets/target.ts';
import { type Terminal, tell } from './terminal/terminal.ts';

/** Loaded when they are asked for: most of what a command takes is the loading of its code. */
const COMMANDS = new Map<string, () => Promise<(ops: Ops) => CommandUnknownOpts>>([
  ['status', async () => (await import('./commands/work/status.ts')).showStatus],
  ['console', async () => (await import('./commands/console/console.ts')).consoleCommand],
  ['runs', async () => (await import('./commands/work/runs.ts')).runs],
  ['extracts', async () => (await import('./commands/data-connector/extracts.ts')).extracts],
  ['data-connector', async () => (await import('./commands/data-connector/data-connector.ts')).dataConnector],
  ['export', async () => (await import('./commands/records/export.ts')).exportRecords],
  ['query', async () => (await import('./commands/query/query.ts')).queryCommand()],
  ['history', async () => (await import('./commands/records/history.ts')).history],
  ['sync', async () => (await import('./commands/work/sync.ts')).sync],
  ['replay', async () => (await import('./commands/work/replay.ts')).replay],
  ['redrive', async () => (await import('./commands/work/redrive.ts')).redrive],
  ['quarantine', async () => (await import('./commands/records/quarantine.ts')).quarantine],
  ['purge', async () => (await import('./commands/records/purge.ts')).purge],
  ['incidents', async () => (await import('./commands/alerts/incidents.ts')).incidents],
  ['ack', async () => (await import('./commands/alerts/ack.ts')).ack],
  ['reopen', async () => (await import('./commands/alerts/reopen.ts')).reopen],
  ['silence', async () => (await import('./commands/alerts/silence.ts')).silence],
  ['alerts-test', async () => (await import('./commands/alerts/alerts-test.ts')).alertsTest],
  ['doctor', async () => (await import('./commands/setup/doctor.ts')).doctor],
  ['callback-url', async () => (await import('./commands/setup/callback-url.ts')).callbackUrl],
  ['webhooks', async () => (await import('./commands/setup/webhooks.ts')).webhooks],
  ['authorize', async () => (await import('./commands/setup/authorize.ts')).authorize],
  ['slack-manifest', async () => (await import('./commands/setup/slack-manifest.ts')).slackManifest],
  ['configure', async () => (await import('./commands/setup/configure.ts')).configure],
]);
export const COMMAND_NAMES: readonly string[] = [...COMMANDS.keys()];

/** Runs one command. Answers the exit code: 0 fine, 1 failed, 2 not understood. */
export function runOps(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(args, { terminal, open: openPlace, openData, exitCode: 0, run: runCommand });
}

/** The same on whatever `ops.open` opens. */
export async function runCommand(args: readonly string[], ops: Ops): Promise<number> {
  const { terminal } = ops;
  try {
    const [asked] = args;
    if (asked === undefined) throw new UsageError('Which command?');
    const program = await programOf(ops, asked);
    await program.parseAsync(args, { from: 'user' });
    return ops.exitCode;
  } catch (error) {
    // Help or the version was asked for, and is printed.
    if (error instanceof CommanderError) return error.exitCode;
    const { message, remedy } = reportFailure(error);
    tell(terminal, `${message} ${remedy}`.replaceAll(/\s+/g, ' '));
    return error instanceof UsageError ? 2 : 1;
  }
}

/** The command that is asked for, or all of them where that is none, as for help. */
async function programOf(ops: Ops, asked: string): Promise<Command> {
  const program = refusingInOneLine(new Command('npm run ops --'))
    .description('Commands work on the local data folder, or with --stage NAME on AWS. Each has --help.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('--help', 'show this help');
  const names = COMMANDS.has(asked) ? [asked] : asked === '--version' ? [] : COMMAND_NAMES;
  for (const make of await Promise.all(names.map((name) => COMMANDS.get(name)?.()))) {
    if (make) program.addCommand(make(ops));
  }
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeOut: (text) => ops.terminal.out.write(text) });
  }
  return program;
}

/**
 * Opens what the options name, a data folder or a stage, for the length of a piece of work. It begins at once, so
 * that a command can load its own code meanwhile.
 */
export function openPlace(places: PlaceOptions): OpenTarget {
  const opening = openTarget(places);
  // The work hears of it.
  opening.catch(() => {});
  return async (work) => {
    const target = await opening;
    try {
      return await work(target);
    } finally {
      await target.close();
    }
  };
}

/** A stage, or a data folder as it lies there, whatever works on it. */
function openData({ stage, ...folder }: PlaceOptions): OpenData {
  if (stage !== undefined) return openPlace({ stage, ...folder });
  return async (work) => work(await (await import('./targets/local-data.ts')).findLocalData(folder));
}

async function openTarget({ stage, ...folder }: PlaceOptions): Promise<Target> {
  if (stage !== undefined) return (await import('./targets/aws-target.ts')).openAwsTarget(stage);
  // Where `npm start` runs, its engines answer.
  const engines = seemsInUse(folder.dataDir) ? undefined : loadEngines();
  try {
    const { openLocalTarget } = await import('./targets/local-target.ts');
    return await openLocalTarget(folder, engines);
  } catch (error) {
    await engines?.unload();
    throw error;
  }
}
