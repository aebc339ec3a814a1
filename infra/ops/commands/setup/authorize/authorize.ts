import {
  finishSignIn,
  type SignedIn,
  type SignInPorts,
  type StartedSignIn,
} from '../../../../../shared/autodesk/connection/sign-in.ts';
import { SyncError } from '../../../../../shared/errors.ts';
import { ask } from '../../../terminal/ask.ts';
import { CommandFailedError } from '../../../terminal/command-failed-error.ts';
import { type Terminal, tell } from '../../../terminal/terminal.ts';
import { listenForRedirect, type RedirectListener, type Visit } from './redirect-listener.ts';

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost'];

export interface AuthorizePorts extends SignInPorts {
  terminal: Terminal;
  openBrowser: (url: string) => void;
  /** Gives up when aborted. */
  signal: AbortSignal;
}

/**
 * Leads a person through a sign-in: the address is printed and opened, and the answer comes back through a
 * listener on loopback or, where the browser is on another machine, as an address that is pasted.
 */
export async function authorize(started: StartedSignIn, ports: AuthorizePorts): Promise<SignedIn> {
  const { terminal, openBrowser, signal } = ports;
  const listener = await listenIfPossible(new URL(started.redirectUri), terminal);
  if (listener === undefined && !terminal.isInteractive) {
    throw new CommandFailedError(
      `Cannot receive the sign-in at ${started.redirectUri}.`,
      'Run it in a terminal, where you can paste the URL, or free the port.',
    );
  }
  const asking = new AbortController();
  try {
    tell(terminal, `Open this URL and allow access:\n\n  ${started.url}\n`);
    tell(
      terminal,
      `If Autodesk shows an error there, register ${started.redirectUri} as a callback URL of the app.`,
    );
    openBrowser(started.url);
    const waits: Promise<Visit>[] = [aborted(signal)];
    if (listener !== undefined) waits.push(listener.visit);
    if (terminal.isInteractive) waits.push(pasted(terminal, asking.signal));
    return await finish(started, await Promise.race(waits), ports);
  } finally {
    asking.abort();
    listener?.close();
  }
}

async function finish(started: StartedSignIn, visit: Visit, ports: SignInPorts): Promise<SignedIn> {
  try {
    const signedIn = await finishSignIn(started, visit.address, ports);
    await visit.reply('Signed in', 'You can close this window and go back to the terminal.');
    return signedIn;
  } catch (error) {
    const text =
      error instanceof SyncError ? `${error.message} ${error.remedy}` : 'See the terminal for the reason.';
    await visit.reply('Not signed in', text);
    throw error;
  }
}

/** Undefined where the browser cannot come back to this machine: then its address has to be pasted. */
async function listenIfPossible(redirectUri: URL, terminal: Terminal): Promise<RedirectListener | undefined> {
  if (redirectUri.protocol !== 'http:' || !LOOPBACK_NAMES.includes(redirectUri.hostname)) return undefined;
  try {
    return await listenForRedirect(redirectUri);
  } catch (error) {
    tell(
      terminal,
      `Port ${redirectUri.port} cannot be used (${error instanceof Error ? error.message : error}).`,
    );
    return undefined;
  }
}

async function pasted(terminal: Terminal, signal: AbortSignal): Promise<Visit> {
  const question = 'Browser on another machine? Paste the URL it ended up at';
  return { address: await ask(terminal, question, false, signal), reply: async () => {} };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const giveUp = () =>
      reject(new CommandFailedError('No one signed in.', 'Run it again when you can open the page.'));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
  });
}
