import { parseArgs } from 'node:util';
import { ConfigurationError } from '../../shared/errors.ts';
import { USUAL_CONSOLE_PORT } from '../console/port.ts';
import { DEFAULT_DATA_DIR } from './data/default-folder.ts';

export interface StartOptions {
  /** End when nothing is left to do. */
  once: boolean;
  /** With `once`: end by then, whatever is left to do. */
  timeoutMinutes: number;
  /** Read everything instead of what has changed. */
  full: boolean;
  /** Against Autodesk instead of the sandbox. */
  live: boolean;
  /** Print the status as the only thing on stdout. */
  json: boolean;
  dataDir: string;
  /** Of the callback endpoint; 0 is any free one. Absent: none with `once`, the usual one otherwise. */
  port?: number;
  /** Of the console; 0 is any free one. `usual`: the usual one, or any where that is taken. */
  consolePort: number | 'usual' | 'none';
  help: boolean;
}

const DEFAULT_TIMEOUT_MINUTES = 60;

/** The port of the callback endpoint where nothing else is asked for. */
export const USUAL_PORT = 8787;

export const HELP = `npm start -- [options]

Mirrors bidding data into an embedded DynamoDB on this machine: from a sandbox that behaves like
Autodesk's APIs, or with --live from Autodesk.

  --once          stop when everything is synced; exit code 0 if every run is complete, otherwise 1
  --timeout MIN   with --once: stop after this many minutes at the latest, with exit code 1 (default ${DEFAULT_TIMEOUT_MINUTES};
                  fractions work)
  --full          read everything, not just what changed
  --live          sync from Autodesk; needs AUTODESK_CLIENT_ID and more, from the environment or .env (see README)
  --json          print only the status on stdout, as JSON
  --data-dir DIR  where to keep the data (default .local)
  --port N        port of the callback endpoint (default ${USUAL_PORT}; 0 picks a free one)
  --console-port N
                  port of the console, a page for this machine only (default ${USUAL_CONSOLE_PORT}; 0 picks a free one)
  --no-console    do not serve the console
  --help          show this help
`;

/** Throws `ConfigurationError` with the first thing that is wrong. */
export function parseStartOptions(args: readonly string[]): StartOptions {
  const {
    port,
    timeout,
    'data-dir': dataDir,
    'console-port': consolePort,
    'no-console': noConsole,
    ...flags
  } = parseFlags(args);
  for (const [name, value] of Object.entries({ port, 'console-port': consolePort })) {
    if (value !== undefined && !(/^\d{1,5}$/.test(value) && Number(value) <= 65_535))
      throw new ConfigurationError([`--${name} must be a number from 0 to 65535`]);
  }
  const hasConsole = !noConsole && (consolePort !== undefined || !flags.once);
  const timeoutMinutes = timeout === undefined ? DEFAULT_TIMEOUT_MINUTES : minutesOf(timeout);
  if (timeout !== undefined && !flags.once)
    throw new ConfigurationError(['--timeout works with --once only']);
  return {
    ...flags,
    dataDir,
    timeoutMinutes,
    ...(port !== undefined && { port: Number(port) }),
    consolePort: !hasConsole ? 'none' : consolePort === undefined ? 'usual' : Number(consolePort),
  };
}

function minutesOf(text: string): number {
  const minutes = /^(\d+(\.\d+)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (minutes > 0 && Number.isFinite(minutes)) return minutes;
  throw new ConfigurationError(['--timeout must be a number of minutes above 0, such as 30 or 0.5']);
}

function parseFlags(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        timeout: { type: 'string' },
        full: { type: 'boolean', default: false },
        live: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        'data-dir': { type: 'string', default: DEFAULT_DATA_DIR },
        port: { type: 'string' },
        'console-port': { type: 'string' },
        'no-console': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new ConfigurationError([error instanceof Error ? error.message : String(error)], { cause: error });
  }
}
