import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { SyncError } from '../../../shared/errors.ts';
import type { OpenTarget } from '../target/target.ts';
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

interface OptionDescription {
  type: 'string' | 'boolean';
  help: string;
  /** What stands for the value in the help. */
  value?: string;
}
type OptionDescriptions = Record<string, OptionDescription>;

type Given<Options extends OptionDescriptions> = {
  [Name in keyof Options]?: (Options[Name]['type'] extends 'string' ? string : boolean) | undefined;
};

export interface CommandInput<Options extends OptionDescriptions> {
  given: Given<Options>;
  positionals: readonly string[];
  terminal: Terminal;
  places: PlaceOptions;
  /** Opens what the command works on: the data folder, or a stage on AWS. Closed when the command has ended. */
  open: OpenTarget;
}

/** Exit code 0 unless a command answers another one; a `SyncError` that it throws is told in one line. */
type Outcome = Promise<number | undefined> | Promise<void>;

export interface Command {
  name: string;
  summary: string;
  help: string;
  run(args: readonly string[], terminal: Terminal, open: (places: PlaceOptions) => OpenTarget): Outcome;
}

export interface PlaceOptions {
  dataDir: string;
  stage?: string;
  live?: boolean;
}

const PLACE_OPTIONS = {
  'data-dir': { type: 'string', value: 'DIR', help: 'the local data folder (default .local)' },
  live: { type: 'boolean', help: 'use the data of `npm start -- --live` (default: whichever ran last)' },
  stage: { type: 'string', value: 'NAME', help: 'use this stage on AWS, with your own credentials' },
  help: { type: 'boolean', help: 'show this help' },
} as const satisfies OptionDescriptions;

/** Makes a command of its description: arguments are parsed by it, and `--help` is written from it. */
export function defineCommand<const Options extends OptionDescriptions>(description: {
  name: string;
  summary: string;
  /** Positional arguments as the help shows them, such as `ID`. Absent: the command takes none. */
  positionals?: string;
  /** What the summary leaves open. */
  details?: string;
  options: Options;
  run(input: CommandInput<Options>): Outcome;
}): Command {
  const { name, summary, positionals } = description;
  const options = { ...description.options, ...PLACE_OPTIONS };
  const help = writeHelp({ ...description, options });
  return {
    name,
    summary,
    help,
    run(args, terminal, open) {
      const parsed = parse(name, args, options, positionals !== undefined);
      if (parsed.values.help === true) {
        terminal.out.write(help);
        return Promise.resolve();
      }
      const { stage, live, 'data-dir': dataDir } = parsed.values;
      if (stage !== undefined && (live || dataDir !== undefined)) {
        throw new UsageError('--stage cannot be combined with --live or --data-dir, which are local.', name);
      }
      const places = {
        dataDir: typeof dataDir === 'string' ? dataDir : '.local',
        ...(typeof stage === 'string' && { stage }),
        ...(live === true && { live }),
      };
      return description.run({
        given: pick(parsed.values, description.options),
        positionals: parsed.positionals,
        terminal,
        places,
        open: open(places),
      });
    },
  };
}

function parse(
  command: string,
  args: readonly string[],
  options: OptionDescriptions,
  allowPositionals: boolean,
) {
  try {
    const config: ParseArgsOptionsConfig = Object.fromEntries(
      Object.entries(options).map(([name, { type }]) => [name, { type }]),
    );
    return parseArgs({ args: [...args], options: config, allowPositionals, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), command);
  }
}

/** The values of the options described, each of the type that its description says. */
function pick<Options extends OptionDescriptions>(
  values: Record<string, unknown>,
  options: Options,
): Given<Options> {
  const given: Given<Options> = {};
  for (const name of Object.keys(options)) Object.assign(given, { [name]: values[name] });
  return given;
}

function writeHelp(description: {
  name: string;
  summary: string;
  positionals?: string;
  details?: string;
  options: OptionDescriptions;
}): string {
  const { name, summary, positionals, details, options } = description;
  const flags = Object.entries(options).map(([option, { value, help }]): [string, string] => [
    value === undefined ? `--${option}` : `--${option} ${value}`,
    help,
  ]);
  const width = Math.max(...flags.map(([flag]) => flag.length));
  return [
    `npm run ops -- ${name}${positionals === undefined ? '' : ` ${positionals}`} [options]`,
    '',
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    ...(details === undefined ? [] : ['', details]),
    '',
    ...flags.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`),
    '',
  ].join('\n');
}
