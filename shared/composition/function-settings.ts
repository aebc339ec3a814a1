import * as z from 'zod';
import { accountIdSettings } from '../account-id.ts';
import { commaSeparated } from '../configuration.ts';
import { RESOURCE_NAMES } from '../resources/registry.ts';
import type { EnabledLists } from '../sync/runs/resume-stalled.ts';
import { DEFAULT_WORKERS } from '../sync/state/sync-ports.ts';

/** The environment variables that say which lists are synced. */
export const listSettings = {
  ENABLED_RESOURCES: commaSeparated.pipe(z.array(z.enum(RESOURCE_NAMES)).min(1)),
  AUTODESK_ACCOUNT_IDS: commaSeparated.pipe(accountIdSettings).default([]),
};

/** The environment variable that says how many fetch messages are worked on at a time. */
export const workerSettings = {
  WORKER_CONCURRENCY: z.coerce.number().int().min(2).max(1_000).default(DEFAULT_WORKERS),
};

export function listsOf(settings: {
  ENABLED_RESOURCES: readonly string[];
  AUTODESK_ACCOUNT_IDS: readonly string[];
}): EnabledLists {
  return { resources: settings.ENABLED_RESOURCES, accountIds: settings.AUTODESK_ACCOUNT_IDS };
}
