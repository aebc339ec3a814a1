import { reportFailure } from '../../shared/errors.ts';
import { openAwsWorkplace } from './aws-workplace.ts';
import { type Command, type PlaceOptions, UsageError } from './command.ts';
import { ack } from './commands/ack.ts';
import { alertsTest } from './commands/alerts-test.ts';
import { authorize } from './commands/authorize.ts';
import { callbackUrl } from './commands/callback-url.ts';
import { configure } from './commands/configure.ts';
import { doctor } from './commands/doctor.ts';
import { exportRecords } from './commands/export.ts';
import { incidents } from './commands/incidents.ts';
import { purge } from './commands/purge.ts';
import { quarantine } from './commands/quarantine.ts';
import { redrive } from './commands/redrive.ts';
import { replay } from './commands/replay.ts';
import { silence } from './commands/silence.ts';
import { showStatus } from './commands/status.ts';
import { sync } from './commands/sync.ts';
import { openLocalWorkplace } from './local-workplace.ts';
import { tableText } from './table-text.ts';
import { type Terminal, tell } from './terminal.ts';
import type { OpenWorkplace } from './workplace.ts';

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
export function openPlace({ stage, dataDir, live }: PlaceOptions): OpenWorkplace {
  return async (work) => {
    const workplace = await (stage === undefined
      ? openLocalWorkplace(dataDir, live)
      : openAwsWorkplace(stage));
    try {
      return await work(workplace);
    } finally {
      await workplace.close();
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
