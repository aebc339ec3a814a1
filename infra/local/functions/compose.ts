import { join } from 'node:path';
import { createAlert } from '../../../functions/alert/alert.ts';
import { createIntake } from '../../../functions/intake/intake.ts';
import { createSlack } from '../../../functions/slack/slack.ts';
import { createWorker } from '../../../functions/worker/worker.ts';
import type { AlertRules } from '../../../shared/alerts/rules/settings.ts';
import type { SlackSettings } from '../../../shared/alerts/slack/slack-settings.ts';
import {
  knownCredentials,
  type ThreeLeggedCredentials,
} from '../../../shared/autodesk/connection/credentials.ts';
import { FileTokenVault } from '../../../shared/autodesk/connection/file-token-vault.ts';
import { readWaiting } from '../../../shared/autodesk/connection/waiting.ts';
import type { AutodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { createFileCallbackTokens } from '../../../shared/callbacks/callback-tokens.ts';
import type { Clock } from '../../../shared/clock.ts';
import { alertPorts } from '../../../shared/composition/alert.ts';
import { connectAutodesk } from '../../../shared/composition/autodesk.ts';
import { intakePorts } from '../../../shared/composition/intake.ts';
import { managementInFolder } from '../../../shared/composition/management.ts';
import { slackPorts } from '../../../shared/composition/slack.ts';
import {
  alertStores,
  connectionLedger,
  deliveryLog,
  hookHealthItem,
  landingStore,
  rateWindows,
  recordStores,
} from '../../../shared/composition/stores.ts';
import { syncPorts } from '../../../shared/composition/sync.ts';
import { workerPorts } from '../../../shared/composition/worker.ts';
import { readJobLedger } from '../../../shared/extracts/landing/job-ledger.ts';
import { KEEP_DAYS } from '../../../shared/extracts/landing/landing.ts';
import { releaseDeadLandings } from '../../../shared/extracts/landing/request-landing.ts';
import type { ObjectStore } from '../../../shared/extracts/object-store.ts';
import type { Log } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import type { FieldPolicy } from '../../../shared/privacy/field-policy.ts';
import { createFileHashSecret } from '../../../shared/privacy/hash-secret.ts';
import type { Randomness } from '../../../shared/randomness.ts';
import { dataConnectorJobs } from '../../../shared/resources/data-connector.ts';
import type { ApiName } from '../../../shared/resources/resource.ts';
import { type RunRequest, requestRun } from '../../../shared/sync/runs/request-run.ts';
import { releaseDeadLeases } from '../../../shared/sync/runs/resume-stalled.ts';
import { createFileWebhookSecret } from '../../../shared/webhooks/webhook-signature.ts';
import { managementFolder } from '../data/data-folder.ts';
import { type LandingProgress, viewLandings } from '../display/landing-view.ts';
import { viewSync } from '../display/sync-view.ts';
import type { LocalStack } from '../engines/local-stack.ts';
import { queueUrls, TOPIC_ARN } from '../engines/queues.ts';
import { LOCAL_TABLES } from '../engines/tables.ts';
import type { LocalFunctions } from './running-functions.ts';

export interface MirrorSettings {
  autodeskOrigin: AutodeskOrigin;
  /** Autodesk's own sample data. */
  mode?: 'test';
  credentials: ThreeLeggedCredentials;
  /** A refresh token to begin with. */
  seed?: string;
  accountIds: readonly string[];
  enabledResources: readonly string[];
  requestsPerMinute: Record<ApiName, number>;
  /** Messages of the fetch queue that are worked on at a time. */
  workers: number;
  /** How Slack is told, if it is. */
  slack?: SlackSettings;
  /** With it clicks in Slack are taken. */
  slackSigningSecret?: string;
  alertRules: AlertRules;
  purgeDeletedAfterDays: number;
  /** What is dropped and hashed before anything is stored. */
  fieldPolicy: FieldPolicy;
  historyDays: number;
  /** Named in every alert. */
  stage: string;
  /** In which people are told times. */
  timeZone: string;
}

export type Mirror = ReturnType<typeof composeMirror>;

/** Wires the functions to the engines of this machine; on AWS their handlers do the same with what is there. */
export function composeMirror(options: {
  stack: LocalStack;
  settings: MirrorSettings;
  /** Where the files of Data Connector's jobs are landed; undefined while they are not. */
  extractStore: ObjectStore | undefined;
  clock: Clock;
  randomness: Randomness;
  log: Log;
}) {
  const { stack, settings, extractStore, clock } = options;
  const lists = { resources: settings.enabledResources, accountIds: settings.accountIds };
  const given = {
    ...options,
    metrics: noMetrics,
    ...stack.clients,
    tables: LOCAL_TABLES,
    queues: queueUrls(stack.addresses.queues),
    workers: settings.workers,
    lists,
  };
  const windows = rateWindows(given);
  const ledger = connectionLedger(given);
  const tokenVault = new FileTokenVault(join(stack.folder, 'connection'));
  const autodesk = connectAutodesk({
    ...given,
    origin: settings.autodeskOrigin,
    mode: settings.mode,
    requestsPerMinute: settings.requestsPerMinute,
    credentials: knownCredentials(settings.credentials, settings.seed),
    tokenVault,
    managementSignIn: managementInFolder(managementFolder(stack.folder)),
    treatment: {
      policy: settings.fieldPolicy,
      secret: createFileHashSecret(stack.folder, options.randomness),
    },
  });
  const { connection } = autodesk;
  const runPorts = syncPorts(given);
  const landings = landingStore(given);
  const functions: LocalFunctions = {
    intake: createIntake(
      intakePorts({
        ...given,
        callbackTokens: createFileCallbackTokens(stack.folder),
        webhookSecret: createFileWebhookSecret(stack.folder),
      }),
    ),
    worker: createWorker(
      workerPorts({
        ...given,
        autodesk,
        purgeDeletedAfterDays: settings.purgeDeletedAfterDays,
        historyDays: settings.historyDays,
        landing: extractStore && { store: extractStore, keepDays: KEEP_DAYS },
      }),
    ),
    alert: createAlert(
      alertPorts({
        ...given,
        connection,
        slack: async () => settings.slack,
        alertsTopicArn: TOPIC_ARN,
        rules: settings.alertRules,
        stage: settings.stage,
        timeZone: settings.timeZone,
      }),
    ),
    slack: createSlack(slackPorts({ ...given, signingSecret: async () => settings.slackSigningSecret })),
  };

  return {
    functions,
    connection,
    runPorts,
    incidents: alertStores(given).incidents,
    hookHealth: hookHealthItem(given),
    deliveries: deliveryLog(given),
    namesOf: recordStores(given).namesOf,
    requestRun: (request: RunRequest) => requestRun(request, runPorts),
    releaseDeadLeases: () =>
      Promise.all([
        releaseDeadLeases(lists, runPorts),
        releaseDeadLandings(lists.accountIds, { ...runPorts, landings }),
      ]),
    jobLedger: (accountId: string) => readJobLedger(accountId, { landings, clock }),
    progress: () => viewSync({ ...settings, runs: runPorts.runs, partitions: runPorts.partitions }),
    /** How far the files of jobs are landed; idle where none are. */
    landings: async (): Promise<LandingProgress> =>
      extractStore !== undefined && settings.enabledResources.includes(dataConnectorJobs.name)
        ? viewLandings({ ...settings, landings, runs: runPorts.runs })
        : { isIdle: true, mark: '' },
    /** What Autodesk keeps us waiting for. */
    waiting: () => readWaiting({ windows, ledger, vault: tokenVault, clock }),
  };
}
