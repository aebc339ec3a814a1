import { Command, type CommanderError, Option } from '@commander-js/extra-typings';
import { SyncError } from '../../../shared/errors.ts';
import { DEFAULT_DATA_DIR } from '../../local/data/default-folder.ts';
import type { OpenData, OpenTarget } from '../targets/target.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** A command line that cannot be understood; exit code 2. */
export class UsageError extends SyncError {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
  readonly disposition = 'fail';

  constructor(problem: string, command?: string) {
    super(problem, `See \`npm run ops -- ${command === undefined ? '' : `${command} `}--help\`.`);
  }
}

export interface PlaceOptions {
  dataDir: string;
  stage?: string | undefined;
  live?: true | undefined;
}

/** What the commands of one call share. */
export interface Ops {
  terminal: Terminal;
  /** Opens what the options name, a data folder or a stage; closed when the work has ended. */
  open(places: PlaceOptions): OpenTarget;
  /** The same for what only asks about published data: no engine is started for it. */
  openData(places: PlaceOptions): OpenData;
  /** Of the call; 0 unless a command says otherwise. */
  exitCode: number;
  /** Runs another command, for those that offer the others. */
  run: RunCommand;
}

/** Answers the exit code: 0 fine, 1 failed, 2 not understood. */
export type RunCommand = (args: readonly string[], ops: Ops) => Promise<number>;

/** A command with the options that say what it works on. `details`: what the summary leaves open. */
export function opsCommand(name: string, summary: string, details?: string) {
  const description = `${summary[0]?.toUpperCase()}${summary.slice(1)}.`;
  return refusingInOneLine(new Command(name), name)
    .summary(summary)
    .description(details === undefined ? description : `${description}\n\n${details}`)
    .optionsGroup('What it works on:')
    .option('--data-dir <dir>', 'the local data folder', DEFAULT_DATA_DIR)
    .option('--live', 'use the data of `npm start -- --live` (default: whichever ran last)')
    .addOption(
      new Option('--stage <name>', 'use this stage on AWS, with your own credentials').conflicts([
        'live',
        'dataDir',
      ]),
    )
    .optionsGroup('Options:')
    .helpOption('--help', 'show this help');
}

/** Makes a command throw `UsageError` for what it does not understand, instead of printing several lines. */
export function refusingInOneLine<Of extends Command>(command: Of, name?: string): Of {
  command.configureOutput({ outputError: () => {} });
  command.exitOverride((error: CommanderError) => {
    if (error.exitCode === 0) throw error;
    const [first = '', ...rest] = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    const problem = `${first.toUpperCase()}${rest.join('')}`;
    throw new UsageError(/[.)?]$/.test(problem) ? problem : `${problem}.`, name);
  });
  return command;
}
