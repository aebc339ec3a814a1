import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import * as z from 'zod';
import { fieldTreatments } from '../../../shared/privacy/field-policy.ts';
import { HISTORY_DAYS, PURGE_DELETED_AFTER_DAYS } from '../../../shared/records/purge.ts';
import { USUAL_RESOURCE_NAMES } from '../../../shared/resources/registry.ts';
import { unlessMissing } from '../../../shared/system-error.ts';

/**
 * The lists that a folder mirrors, for how many days it keeps what was deleted or replaced in them, and what it drops and
 * hashes; kept beside its data, so that commands need no settings of their own.
 */
const mirroredLists = z.object({
  accountIds: z.array(z.string()).readonly(),
  enabledResources: z.array(z.string()).readonly(),
  purgeDeletedAfterDays: z.number().default(PURGE_DELETED_AFTER_DAYS),
  fieldPolicy: z.record(z.string(), fieldTreatments).default({}),
  historyDays: z.number().default(HISTORY_DAYS),
});
export type MirroredLists = z.infer<typeof mirroredLists>;

const FILE = 'mirrored-lists.json';

export async function writeMirroredLists(folder: string, lists: MirroredLists): Promise<void> {
  await writeFileAtomic(join(folder, FILE), JSON.stringify(lists), { mode: 0o600 });
}

/** The usual resources and no account where nothing was ever mirrored. */
export async function readMirroredLists(folder: string): Promise<MirroredLists> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(unlessMissing);
  return mirroredLists.parse(
    text === undefined ? { accountIds: [], enabledResources: USUAL_RESOURCE_NAMES } : JSON.parse(text),
  );
}
