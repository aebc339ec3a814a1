import { stat } from 'node:fs/promises';
import { liveOriginOf, originFolder, readLastOrigin, readRunning } from '../../local/data/data-folder.ts';
import { readLiveSettings, readTimeZone } from '../../local/data/environment.ts';
import { CommandFailedError } from '../terminal/command-failed-error.ts';
import type { DataPlace } from './target.ts';

/** Where the data of a data folder is, for what needs no engines: of the origin that runs, else of the one last used. */
export async function findLocalData({
  dataDir,
  live = false,
}: {
  dataDir: string;
  live?: boolean | undefined;
}): Promise<DataPlace> {
  await requireFolder(dataDir);
  const origin = live
    ? liveOriginOf((await readLiveSettings()).AUTODESK_BC_MODE)
    : ((await readRunning(dataDir))?.origin ?? (await readLastOrigin(dataDir)) ?? 'sandbox');
  const timeZone = await readTimeZone();
  return { where: { kind: 'local', folder: originFolder(dataDir, origin), origin }, timeZone };
}

/** A command looks at what is there; only `npm start` makes a data folder. */
export async function requireFolder(dataDir: string): Promise<void> {
  const found = await stat(dataDir).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new CommandFailedError(
    `There is no data folder ${dataDir}.`,
    'Run `npm start` first, or choose another folder with --data-dir, Autodesk with --live, or a stage on AWS with --stage.',
  );
}
