import { join } from 'node:path';
import { FileTokenVault } from '../../../shared/autodesk/connection/file-token-vault.ts';
import { createFileCallbackTokens } from '../../../shared/callbacks/callback-tokens.ts';
import { createFileHashSecret } from '../../../shared/privacy/hash-secret.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { createFileWebhookSecret } from '../../../shared/webhooks/webhook-signature.ts';
import { liveOriginOf } from '../../local/data/data-folder.ts';
import { readLiveSettings, readTimeZone } from '../../local/data/environment.ts';
import { type MirroredLists, readMirroredLists } from '../../local/data/mirrored-lists.ts';
import type { LoadedEngines } from '../../local/engines/engines.ts';
import { openLandedStore } from '../../local/engines/landed-store.ts';
import { type LocalStack, openLocalStack } from '../../local/engines/local-stack.ts';
import { queueUrls, TOPIC_ARN } from '../../local/engines/queues.ts';
import { LOCAL_TABLES } from '../../local/engines/tables.ts';
import { requireFolder } from './local-data.ts';
import type { Target } from './target.ts';

/**
 * The data folder, while `npm start` runs on it and when it does not. `live`: the data of Autodesk, with the settings
 * that `npm start -- --live` reads, made if there is none yet; otherwise what was used last.
 */
export async function openLocalTarget(
  { dataDir, live = false }: { dataDir: string; live?: boolean | undefined },
  engines: LoadedEngines | undefined,
): Promise<Target> {
  const timeZone = await readTimeZone();
  const settings = live ? await readLiveSettings() : undefined;
  if (settings === undefined) await requireFolder(dataDir);
  const stack = await openLocalStack({
    dataDir,
    ...(engines && { engines }),
    ...(settings && { origin: liveOriginOf(settings.AUTODESK_BC_MODE) }),
  });
  const lists = settings
    ? {
        accountIds: settings.AUTODESK_ACCOUNT_IDS,
        enabledResources: settings.ENABLED_RESOURCES,
        purgeDeletedAfterDays: settings.PURGE_DELETED_AFTER_DAYS,
        fieldPolicy: settings.FIELD_POLICY,
        historyDays: settings.HISTORY_DAYS,
      }
    : await readMirroredLists(stack.folder);
  return localTarget(stack, lists, timeZone);
}

/** The target that a stack on this machine is. */
export function localTarget(
  stack: LocalStack,
  { accountIds, enabledResources, purgeDeletedAfterDays, historyDays, fieldPolicy }: MirroredLists,
  timeZone: string,
): Target {
  return {
    where: {
      kind: 'local',
      folder: stack.folder,
      origin: stack.origin,
      ...(stack.sandbox !== undefined && { sandbox: stack.sandbox }),
      ...(stack.slackApi !== undefined && { slackApi: stack.slackApi }),
    },
    dynamodb: stack.clients.dynamodb,
    sqs: stack.clients.sqs,
    sns: stack.clients.sns,
    tables: LOCAL_TABLES,
    queues: queueUrls(stack.addresses.queues),
    alertsTopicArn: TOPIC_ARN,
    accountIds,
    enabledResources,
    purgeDeletedAfterDays,
    historyDays,
    treatment: {
      policy: fieldPolicy,
      secret: createFileHashSecret(stack.folder, systemRandomness),
    },
    timeZone,
    tokenVault: new FileTokenVault(join(stack.folder, 'connection')),
    extractStore: () => openLandedStore(stack.addresses),
    callbackTokens: createFileCallbackTokens(stack.folder),
    webhookSecret: createFileWebhookSecret(stack.folder),
    ...(stack.endpoint !== undefined && {
      callbackUrlBase: new URL('/callbacks/data-connector/', stack.endpoint).href,
      webhookUrl: new URL('/webhooks/autodesk', stack.endpoint).href,
    }),
    ...(stack.share && { share: stack.share }),
    close: () => stack.close(),
  };
}
