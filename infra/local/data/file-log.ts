import { createWriteStream, existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Log } from '../../../shared/observability/log.ts';

/** A log of its own for each data folder; when it has grown past this, the next start puts it aside. */
const LARGEST_LOG_BYTES = 10 * 1024 * 1024;

export interface FileLog extends Log {
  path: string;
  close(): Promise<void>;
}

/** Structured log lines in `<folder>/sync.log`, so that the terminal is left to what a person wants to see. */
export function openFileLog(folder: string): FileLog {
  const path = join(folder, 'sync.log');
  if (existsSync(path) && statSync(path).size > LARGEST_LOG_BYTES) renameSync(path, `${path}.old`);
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  const write = (level: string) => (message: string, fields?: Record<string, unknown>) => {
    stream.write(`${JSON.stringify({ at: new Date().toISOString(), level, message, ...fields })}\n`);
  };
  return {
    path,
    // Every call and page would be a line here; what went wrong is what one looks for.
    debug: () => {},
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    async close() {
      stream.end();
      await finished(stream);
    },
  };
}
