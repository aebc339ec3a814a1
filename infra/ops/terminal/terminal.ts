import type { Readable, Writable } from 'node:stream';

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

export function printJson(terminal: Terminal, value: unknown): void {
  print(terminal, JSON.stringify(value, null, 2));
}
