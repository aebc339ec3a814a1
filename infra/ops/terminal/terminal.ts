import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { hasCode } from '../../../shared/system-error.ts';

/** What a command writes to and is asked through. Data go to `out`, everything else to `err`. */
export interface Terminal {
  out: Writable;
  err: Writable;
  in: Readable;
  /** Somebody sits there who can answer; off a terminal nothing is ever asked. */
  isInteractive: boolean;
}

export function processTerminal(): Terminal {
  return {
    out: process.stdout,
    err: process.stderr,
    in: process.stdin,
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  };
}

/** One line that is not data: progress, a result in words. */
export function tell(terminal: Terminal, line: string): void {
  terminal.err.write(`${line}\n`);
}

/** One line of data. */
export function print(terminal: Terminal, line: string): void {
  terminal.out.write(`${line}\n`);
}

/** Lines of data as they come. A reader that has seen enough (`| head`) ends them; it does not fail the command. */
export async function printAll(terminal: Terminal, lines: AsyncGenerator<string>): Promise<void> {
  try {
    await pipeline(Readable.from(lines), terminal.out, { end: false });
  } catch (error) {
    if (!hasCode(error, 'EPIPE')) throw error;
  }
}

export function printJson(terminal: Terminal, value: unknown): void {
  print(terminal, JSON.stringify(value, null, 2));
}
