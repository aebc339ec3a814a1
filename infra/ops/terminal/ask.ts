import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandFailedError } from './command-failed-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * Asks for one line on a terminal. A secret is not shown while it is typed. Empty when nothing was typed. Rejects
 * when the signal is aborted first, and on Ctrl-C.
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
  // What is written next must not stand behind the question.
  const endLine = () => terminal.err.write('\n');
  signal?.addEventListener('abort', endLine);
  try {
    return (await reader.question('', signal === undefined ? {} : { signal })).trim();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new CommandFailedError('Canceled.', 'Run it again when you are ready.', { cause: error });
  } finally {
    signal?.removeEventListener('abort', endLine);
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
