import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { LandedExtracts } from '../../../../shared/extracts/landed-extracts.ts';
import type { LandingStore } from '../../../../shared/extracts/landing/landing.ts';
import { chooseFiles } from '../../../../shared/extracts/landing/listing.ts';
import { isFolderName, type LandedFile, type Manifest } from '../../../../shared/extracts/manifest.ts';
import type { ObjectStore } from '../../../../shared/extracts/object-store.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';

type Store = Pick<ObjectStore, 'read' | 'folders'>;

/** The extract of the job that is named, else the latest one of the request that is named, else of each request. */
export async function chooseExtracts(
  { requestId, jobId }: { requestId: string | undefined; jobId: string | undefined },
  store: Store,
  { landings }: { landings: LandingStore },
  accountIds: readonly string[],
): Promise<Manifest[]> {
  const landed = new LandedExtracts(store);
  const isWanted = (extract: { requestId: string }) => extract.requestId === (requestId ?? extract.requestId);
  if (jobId === undefined) {
    const latest = (await landed.latest()).filter(isWanted);
    if (latest.length > 0) return latest;
    throw new CommandFailedError('No extract has been landed.', 'See `npm run ops -- extracts`.');
  }
  for (const accountId of accountIds) {
    const landing = (await landings.ended(accountId)).find((each) => each.jobId === jobId && isWanted(each));
    const found = landing && (await landed.find(landing));
    if (found !== undefined) return [found];
  }
  throw new CommandFailedError(
    `The files of job ${jobId} have not been landed, or have expired.`,
    'See `npm run ops -- extracts`.',
  );
}

/**
 * Downloads the files of an extract to `<dir>/<requestId>/<jobId>/`, each checked by its SHA-256 before it gets its
 * name. What is there and the same is kept. Nothing is ever written outside `dir`, whatever the manifest says.
 */
export async function downloadExtract(
  extract: Manifest,
  dir: string,
  store: Store,
): Promise<{ folder: string; downloaded: number; kept: number }> {
  const folder = await safeFolder(extract, dir);
  const { refused } = chooseFiles(extract.files);
  const [bad] = refused;
  if (bad !== undefined) throw refusal(`a file called ${bad.name}`);
  let kept = 0;
  for (const file of extract.files) {
    const path = join(folder, file.name);
    if (await isSame(path, file)) kept += 1;
    else await downloadFile(extract, file, path, store);
  }
  return { folder, downloaded: extract.files.length - kept, kept };
}

async function downloadFile(extract: Manifest, file: LandedFile, path: string, store: Store): Promise<void> {
  const unfinished = `${path}.part`;
  // A link that lies there is not followed.
  await rm(unfinished, { force: true });
  const target = await open(unfinished, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    for await (const chunk of new LandedExtracts(store).open(extract, file.name)) {
      hash.update(chunk);
      await target.writeFile(chunk);
    }
    if (hash.digest('hex') !== file.sha256) {
      throw new CommandFailedError(
        `The file ${file.name} of job ${extract.jobId} is not the one that was landed (SHA-256).`,
        'Delete the extract in the store, then run it again in Data Connector.',
      );
    }
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    await target.close();
  }
  await rename(unfinished, path);
}

/** Makes the folder of an extract. Throws where a link leads out of `dir`. */
async function safeFolder({ requestId, jobId }: Manifest, dir: string): Promise<string> {
  if (!isFolderName(requestId) || !isFolderName(jobId)) throw refusal('an id that is no folder name');
  const folder = join(resolve(dir), requestId, jobId);
  await mkdir(folder, { recursive: true });
  const [root, real] = await Promise.all([realpath(dir), realpath(folder)]);
  if (!`${real}${sep}`.startsWith(`${root}${sep}`)) throw refusal(`a folder outside ${dir}`);
  return folder;
}

function refusal(what: string): CommandFailedError {
  return new CommandFailedError(
    `The extract names ${what}; nothing is written.`,
    'Check who can write to the store of the extracts.',
  );
}

async function isSame(path: string, { size, sha256 }: LandedFile): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size !== size) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex') === sha256;
}
