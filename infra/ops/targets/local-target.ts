import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileTokenVault } from '../../../shared/autodesk/connection/file-token-vault.ts';
import { createFileCallbackTokens } from '../../../shared/callbacks/callback-tokens.ts';
import { createFileWebhookSecret } from '../../../shared/webhooks/webhook-signature.ts';
import { liveOriginOf } from '../../local/data/data-folder.ts';
import { readLiveSettings, readTimeZone } from '../../local/data/environment.ts';
import { readMirroredLists } from '../../local/data/mirrored-lists.ts';
import type { LoadedEngines } from '../../local/engines/engines.ts';
import { type LocalStack, openLocalStack } from '../../local/engines/local-stack.ts';
import { queueUrls, TOPIC_ARN } from '../../local/engines/queues.ts';
import { LOCAL_TABLES } from '../../local/engines/tables.ts';
import { CommandFailedError } from '../terminal/command-failed-error.ts';
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
      }
    : await readMirroredLists(stack.folder);
  return localTarget(stack, lists, timeZone);
}

/** The target that a stack on this machine is. */
export function localTarget(
  stack: LocalStack,
  lists: Pick<Target, 'accountIds' | 'enabledResources' | 'purgeDeletedAfterDays'>,
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
    ...lists,
    timeZone,
    tokenVault: new FileTokenVault(join(stack.folder, 'connection')),
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

/** A command looks at what is there; only `npm start` makes a data folder. */
async function requireFolder(dataDir: string): Promise<void> {
  const found = await stat(dataDir).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new CommandFailedError(
    `There is no data folder ${dataDir}.`,
    'Run `npm start` first, or choose another folder with --data-dir, Autodesk with --live, or a stage on AWS with --stage.',
  );
}
