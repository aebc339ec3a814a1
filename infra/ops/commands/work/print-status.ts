import { readStatus } from '../../../status/status.ts';
import type { Target } from '../../targets/target.ts';
import { print, printJson, type Terminal } from '../../terminal/terminal.ts';
import { statusPorts } from './status-ports.ts';
import { statusText } from './status-text.ts';

/** Reads what is going on at a target, and prints it. */
export async function printStatus(
  target: Target,
  terminal: Terminal,
  { json }: { json?: true | undefined },
): Promise<void> {
  const status = await readStatus(statusPorts(target));
  if (json) printJson(terminal, status);
  else print(terminal, statusText(status, target.timeZone));
}
