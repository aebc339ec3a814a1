import { Command, CommanderError } from '@commander-js/extra-typings';
import { reportFailure } from '../../shared/errors.ts';
import { VERSION } from '../version.ts';
import { ack } from './commands/alerts/ack.ts';
import { alertsTest } from './commands/alerts/alerts-test.ts';
import { incidents } from './commands/alerts/incidents.ts';
import { silence } from './commands/alerts/silence.ts';
import { type Ops, type PlaceOptions, refusingInOneLine, UsageError } from './commands/command.ts';
import { exportRecords } from './commands/records/export.ts';
import { purge } from './commands/records/purge.ts';
import { quarantine } from './commands/records/quarantine.ts';
import { authorize } from './commands/setup/authorize.ts';
import { callbackUrl } from './commands/setup/callback-url.ts';
import { configure } from './commands/setup/configure.ts';
import { doctor } from './commands/setup/doctor.ts';
import { redrive } from './commands/work/redrive.ts';
import { replay } from './commands/work/replay.ts';
import { showStatus } from './commands/work/status.ts';
import { sync } from './commands/work/sync.ts';
import { openAwsTarget } from './targets/aws-target.ts';
import { openLocalTarget } from './targets/local-target.ts';
import type { OpenTarget } from './targets/target.ts';
import { type Terminal, tell } from './terminal/terminal.ts';

const COMMANDS = [
  showStatus,
  exportRecords,
  sync,
  replay,
  redrive,
  quarantine,
  purge,
  incidents,
  ack,
  silence,
  alertsTest,
  doctor,
  callbackUrl,
  authorize,
  configure,
];

/** Runs one command. Answers the exit code: 0 fine, 1 failed, 2 not understood. */
export async function runOps(args: readonly string[], terminal: Terminal): Promise<number> {
  const ops: Ops = { terminal, open: openPlace, exitCode: 0 };
  try {
    if (args.length === 0) throw new UsageError('Which command?');
    await programOf(ops).parseAsync(args, { from: 'user' });
    return ops.exitCode;
  } catch (error) {
    // Help or the version was asked for, and is printed.
    if (error instanceof CommanderError) return error.exitCode;
    const { message, remedy } = reportFailure(error);
    tell(terminal, `${message} ${remedy}`.replaceAll(/\s+/g, ' '));
    return error instanceof UsageError ? 2 : 1;
  }
}

/** All commands, for one call. */
export function programOf(ops: Ops): Command {
  const program = refusingInOneLine(new Command('npm run ops --'))
    .description('Commands work on the local data folder, or with --stage NAME on AWS. Each has --help.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('--help', 'show this help');
  for (const make of COMMANDS) program.addCommand(make(ops));
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeOut: (text) => ops.terminal.out.write(text) });
  }
  return program;
}

/** Opens what the options name, a data folder or a stage, for the length of a piece of work. */
export function openPlace({ stage, dataDir, live }: PlaceOptions): OpenTarget {
  return async (work) => {
    const target = await (stage === undefined ? openLocalTarget(dataDir, live) : openAwsTarget(stage));
    try {
      return await work(target);
    } finally {
      await target.close();
    }
  };
}
