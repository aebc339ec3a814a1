import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RESOURCE_NAMES } from '../../shared/resources/registry.ts';

/** What a data folder mirrors; kept beside its data, so that commands need no settings of their own. */
const mirrorSettings = z.object({
  accountIds: z.array(z.string()),
  enabledResources: z.array(z.string()),
});
export type MirrorSettings = z.infer<typeof mirrorSettings>;

const FILE = 'settings.json';

export async function writeMirrorSettings(folder: string, settings: MirrorSettings): Promise<void> {
  const path = join(folder, FILE);
  await writeFile(`${path}.new`, JSON.stringify(settings), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Every resource and no account where nothing was ever mirrored. */
export async function readMirrorSettings(folder: string): Promise<MirrorSettings> {
  try {
    return mirrorSettings.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { accountIds: [], enabledResources: [...RESOURCE_NAMES] };
    }
    throw error;
  }
}
