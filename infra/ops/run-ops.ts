import { reportFailure } from '../../shared/errors.ts';
import { ack } from './commands/alerts/ack.ts';
import { alertsTest } from './commands/alerts/alerts-test.ts';
import { incidents } from './commands/alerts/incidents.ts';
import { silence } from './commands/alerts/silence.ts';
import { type Command, type PlaceOptions, UsageError } from './commands/command.ts';
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
import { openAwsTarget } from './target/aws-target.ts';
import { openLocalTarget } from './target/local-target.ts';
import type { OpenTarget } from './target/target.ts';
import { tableText } from './terminal/table-text.ts';
import { type Terminal, tell } from './terminal/terminal.ts';

export const COMMANDS: readonly Command[] = [
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
  const [name, ...rest] = args;
  if (name === '--help' || name === 'help') {
    terminal.out.write(overview());
    return 0;
  }
  try {
    const command = COMMANDS.find((candidate) => candidate.name === name);
    if (!command)
      throw new UsageError(name === undefined ? 'Which command?' : `There is no command ${name}.`);
    return (await command.run(rest, terminal, openPlace)) ?? 0;
  } catch (error) {
    const { message, remedy } = reportFailure(error);
    tell(terminal, `${message} ${remedy}`.replaceAll(/\s+/g, ' '));
    return error instanceof UsageError ? 2 : 1;
  }
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

function overview(): string {
  return [
    'npm run ops -- COMMAND [options]',
    '',
    tableText(COMMANDS.map(({ name, summary }) => [`  ${name}`, summary])),
    '',
    'Every command has --help. Commands work on the local data folder, or with --stage NAME on AWS.',
    '',
  ].join('\n');
}
