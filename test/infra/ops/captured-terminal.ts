import { Readable, Writable } from 'node:stream';
import { runOps } from '../../../infra/ops/run-ops.ts';
import type { Terminal } from '../../../infra/ops/terminal.ts';

/** Runs a command as an operator does and answers what became of it. */
export async function ops(args: readonly string[], options: { input?: string } = {}) {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const terminal: Terminal = {
    out: collectInto(out),
    err: collectInto(err),
    in: Readable.from(options.input === undefined ? [] : [options.input]),
    isInteractive: false,
  };
  const exitCode = await runOps(args, terminal);
  return { exitCode, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

function collectInto(chunks: Buffer[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
}
