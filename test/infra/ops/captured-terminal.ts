import { Readable, Writable } from 'node:stream';
import { runOps } from '../../../infra/ops/run-ops.ts';
import type { Terminal } from '../../../infra/ops/terminal/terminal.ts';

/** Runs a command as an operator does and answers what became of it. */
export async function ops(args: readonly string[], options: { input?: string } = {}) {
  const { terminal, printed } = captureTerminal(options.input);
  const exitCode = await runOps(args, terminal);
  return { exitCode, ...printed() };
}

/** A terminal that nobody sits at, and what was printed on it so far. */
export function captureTerminal(input?: string) {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const terminal: Terminal = {
    out: collectInto(out),
    err: collectInto(err),
    in: Readable.from(input === undefined ? [] : [input]),
    isInteractive: false,
  };
  const printed = () => ({ out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
  return { terminal, printed };
}

function collectInto(chunks: Buffer[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
}
