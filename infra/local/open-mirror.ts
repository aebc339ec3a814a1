import { join } from 'node:path';
import { releaseClaims } from '../../shared/alerts/channels/claim.ts';
import { MANAGEMENT_SCOPES, SCOPES } from '../../shared/autodesk/connection/credentials.ts';
import { FileTokenVault } from '../../shared/autodesk/connection/file-token-vault.ts';
import { autodeskOrigin } from '../../shared/autodesk/http/origin.ts';
import { createFileCallbackTokens } from '../../shared/callbacks/callback-tokens.ts';
import { isoTime, systemClock } from '../../shared/clock.ts';
import { noMetrics } from '../../shared/observability/metrics.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { currentSecret } from '../../shared/rotation/rotating-secret.ts';
import { SANDBOX_CLIENT, type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { slackOfSandbox } from '../sandbox/slack/slack-of-sandbox.ts';
import { type SlackSandbox, startSlackSandbox } from '../sandbox/slack/slack-sandbox.ts';
import {
  type LockedDataFolder,
  liveOriginOf,
  lockDataFolder,
  managementFolder,
  type Origin,
} from './data/data-folder.ts';
import {
  type LiveSettings,
  readLiveSettings,
  readSandboxSettings,
  type SandboxSettings,
  slackOf,
} from './data/environment.ts';
import { type FileLog, openFileLog } from './data/file-log.ts';
import { writeMirroredLists } from './data/mirrored-lists.ts';
import { type LoadedEngines, loadEngines } from './engines/engines.ts';
import { openLandedStore } from './engines/landed-store.ts';
import { type LocalStack, startLocalStack } from './engines/local-stack.ts';
import { LOCAL_TABLES } from './engines/tables.ts';
import { composeMirror, type Mirror, type MirrorSettings } from './functions/compose.ts';
import { type RunningFunctions, startFunctions } from './functions/running-functions.ts';
import { LakePublisher } from './lake-publisher.ts';

/** Everything that a start runs, until it is closed. */
export interface OpenMirror {
  origin: Origin;
  settings: MirrorSettings;
  emailRecipients: readonly string[];
  stack: LocalStack;
  mirror: Mirror;
  running: RunningFunctions;
  lake: LakePublisher;
  log: FileLog;
  /** The full address for Data Connector, secret path included; absent without a callback endpoint. */
  callbackUrl?: string;
  /** The stand-in for Autodesk, unless the mirror is live. */
  sandbox?: Sandbox;
  /** The stand-in for Slack, where alerts of the sandbox are told there. */
  slackSandbox?: SlackSandbox;
  /** Rejects when the engines end by themselves. */
  failed: Promise<never>;
  close(): Promise<void>;
}

/**
 * Locks the data folder, starts the engines and, unless `live`, the sandbox, and connects the functions to them.
 * Nothing is asked for yet; what a dead process had begun is free to be taken up.
 */
export async function openMirror(
  options: { live: boolean; dataDir: string; port?: number },
  engines = loadEngines(),
): Promise<OpenMirror> {
  // Closed in reverse order, also when opening fails half-way.
  const closing: (() => Promise<void>)[] = [() => engines.unload()];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const setUp = options.live ? await setUpLive() : await setUpSandbox();
    const dataFolder = await lockDataFolder(options.dataDir);
    closing.push(() => dataFolder.release());
    return { ...(await start(options, setUp, { dataFolder, engines }, closing)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What differs between the origins. */
interface SetUp {
  origin: Origin;
  settings: SandboxSettings | LiveSettings;
  /** Where the data comes from; `folder` is the one of the origin. */
  source(folder: string): Promise<Source>;
}

type Source = Pick<
  MirrorSettings,
  'autodeskOrigin' | 'mode' | 'credentials' | 'seed' | 'accountIds' | 'slack' | 'slackSigningSecret'
> & {
  sandbox?: Sandbox;
  slackSandbox?: SlackSandbox;
};

async function setUpSandbox(): Promise<SetUp> {
  const settings = await readSandboxSettings();
  return {
    origin: 'sandbox',
    settings,
    async source(folder) {
      const [sandbox, slackSandbox] = await Promise.all([
        startSandbox({ stateFile: join(folder, 'sandbox.json') }),
        slackOf(settings) === undefined
          ? startSlackSandbox({ stateFile: join(folder, 'slack.json') })
          : undefined,
      ]);
      const { clientId, clientSecret } = SANDBOX_CLIENT;
      return {
        sandbox,
        ...(slackSandbox && { slackSandbox }),
        autodeskOrigin: autodeskOrigin.parse(sandbox.origin),
        credentials: { kind: 'three-legged', clientId, clientSecret },
        // As if somebody had just signed in; only used while the data folder has no token that works.
        seed: sandbox.authorization.issueRefreshToken(clientId, [...SCOPES]),
        accountIds: sandbox.accountIds,
        ...(slackSandbox ? slackOfSandbox(slackSandbox.apiUrl) : slackIn(settings)),
      };
    },
  };
}

async function setUpLive(): Promise<SetUp> {
  const settings = await readLiveSettings();
  const { AUTODESK_CLIENT_SECRET: clientSecret, AUTODESK_REFRESH_TOKEN: seed } = settings;
  return {
    origin: liveOriginOf(settings.AUTODESK_BC_MODE),
    settings,
    source: async () => ({
      autodeskOrigin: settings.AUTODESK_BASE_URL,
      ...(settings.AUTODESK_BC_MODE && { mode: settings.AUTODESK_BC_MODE }),
      credentials: {
        kind: 'three-legged',
        clientId: settings.AUTODESK_CLIENT_ID,
        ...(clientSecret !== undefined && { clientSecret }),
      },
      ...(seed !== undefined && { seed }),
      accountIds: settings.AUTODESK_ACCOUNT_IDS,
      ...slackIn(settings),
    }),
  };
}

function slackIn(
  settings: SandboxSettings | LiveSettings,
): Pick<MirrorSettings, 'slack' | 'slackSigningSecret'> {
  const slack = slackOf(settings);
  const { SLACK_SIGNING_SECRET: slackSigningSecret } = settings;
  return {
    ...(slack !== undefined && { slack }),
    ...(slackSigningSecret !== undefined && { slackSigningSecret }),
  };
}

async function start(
  options: { port?: number },
  setUp: SetUp,
  { dataFolder, engines }: { dataFolder: LockedDataFolder; engines: LoadedEngines },
  closing: (() => Promise<void>)[],
): Promise<Omit<OpenMirror, 'close'>> {
  const { origin } = setUp;
  const folder = await dataFolder.folderOf(origin);
  const log = openFileLog(folder);
  closing.push(() => log.close());
  const [stack, source] = await Promise.all([
    startLocalStack(dataFolder, origin, engines).then((started) => {
      closing.push(() => started.close());
      return started;
    }),
    setUp.source(folder).then((opened) => {
      closing.push(async () => {
        await Promise.all([opened.sandbox?.close(), opened.slackSandbox?.close()]);
      });
      return opened;
    }),
  ]);
  if (source.sandbox) await signInForManagement(source.sandbox, folder);
  const settings = mirrorSettings(setUp, source);
  await writeMirroredLists(folder, {
    accountIds: [...settings.accountIds],
    enabledResources: [...settings.enabledResources],
    purgeDeletedAfterDays: settings.purgeDeletedAfterDays,
    fieldPolicy: settings.fieldPolicy,
    historyDays: settings.historyDays,
  });

  const extractStore = setUp.settings.DATA_CONNECTOR_EXTRACTS
    ? await openLandedStore(stack.addresses)
    : undefined;
  const parts = { clock: systemClock, randomness: systemRandomness, log };
  const mirror = composeMirror({ stack, settings, extractStore, ...parts });
  await Promise.all([mirror.releaseDeadLeases(), releaseClaims(mirror.incidents)]);
  const running = await startFunctions({
    stack,
    functions: mirror.functions,
    workers: settings.workers,
    ...(options.port !== undefined && { port: options.port }),
    ...parts,
  });
  closing.push(() => running.stop());
  const { accountIds, enabledResources } = settings;
  const lake = new LakePublisher({
    ...parts,
    metrics: noMetrics,
    dynamodb: stack.clients.dynamodb,
    tables: LOCAL_TABLES,
    folder,
    runs: mirror.runPorts.runs,
    accountIds,
    enabledResources,
    extractStore,
  });
  closing.push(() => lake.stop());
  const { endpoint } = running;
  const { sandbox, slackSandbox } = source;
  if (slackSandbox && endpoint !== undefined) {
    slackSandbox.workspace.requestUrl = `${endpoint}/slack/actions`;
  }
  const listening = {
    ...(endpoint !== undefined && { endpoint }),
    ...(sandbox && { sandbox: sandbox.origin }),
    ...(slackSandbox && { slackApi: slackSandbox.apiUrl }),
  };
  await dataFolder.announce({
    pid: process.pid,
    kind: 'start',
    origin,
    addresses: stack.addresses,
    ...listening,
  });
  return {
    origin,
    settings,
    emailRecipients: setUp.settings.ALERT_EMAILS,
    stack: { ...stack, ...listening },
    mirror,
    running,
    lake,
    log,
    ...(endpoint !== undefined && { callbackUrl: await callbackUrl(endpoint, folder) }),
    ...(sandbox && { sandbox }),
    ...(slackSandbox && { slackSandbox }),
    failed: stack.failed,
  };
}

function mirrorSettings({ origin, settings }: SetUp, source: Source): MirrorSettings {
  const { sandbox: _sandbox, slackSandbox: _slackSandbox, ...autodesk } = source;
  return {
    ...autodesk,
    enabledResources: settings.ENABLED_RESOURCES,
    requestsPerMinute: {
      buildingconnected: settings.AUTODESK_REQUESTS_PER_MINUTE,
      'data-connector': settings.DATA_CONNECTOR_REQUESTS_PER_MINUTE,
    },
    workers: settings.WORKER_CONCURRENCY,
    alertRules: settings.ALERT_RULES,
    purgeDeletedAfterDays: settings.PURGE_DELETED_AFTER_DAYS,
    fieldPolicy: settings.FIELD_POLICY,
    historyDays: settings.HISTORY_DAYS,
    stage: origin,
    timeZone: settings.TIME_ZONE,
  };
}

/** As if somebody had just made the management sign-in. */
async function signInForManagement({ authorization }: Sandbox, folder: string): Promise<void> {
  const vault = new FileTokenVault(managementFolder(folder));
  const now = isoTime(systemClock.now());
  await vault.store({
    generation: ((await vault.read())?.generation ?? 0) + 1,
    accessToken: 'renewed before its first use',
    accessTokenExpiresAt: now,
    refreshToken: authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, [...MANAGEMENT_SCOPES]),
    obtainedAt: now,
  });
}

async function callbackUrl(endpoint: string, folder: string): Promise<string> {
  const token = await currentSecret(createFileCallbackTokens(folder), systemRandomness);
  return `${endpoint}/callbacks/data-connector/${token}`;
}
