import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Terminal } from './terminal.ts';

/**
 * Asks for one line on a terminal. A secret is not shown while it is typed. Empty when nothing was typed. Rejects
 * when the signal is aborted first.
 */
export async function ask(
  terminal: Terminal,
  question: string,
  isSecret: boolean,
  signal?: AbortSignal,
): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  terminal.err.write(`${question}: `);
  const reader = createInterface({
    input: terminal.in,
    output: isSecret ? silent : terminal.err,
    terminal: true,
  });
  try {
    return (await reader.question('', signal === undefined ? {} : { signal })).trim();
  } finally {
    reader.close();
    if (isSecret) terminal.err.write('\n');
  }
}

/** Everything on standard input, off a terminal. */
export async function readInput(terminal: Terminal): Promise<string> {
  let text = '';
  for await (const chunk of terminal.in) text += String(chunk);
  return text;
}
