import { join } from 'node:path';
import type { z } from 'zod';
import { createAlert } from '../../../functions/alert/alert.ts';
import { createIntake } from '../../../functions/intake/intake.ts';
import { createWorker } from '../../../functions/worker/worker.ts';
import { SlackNotifier } from '../../../shared/alerts/channels/slack-notifier.ts';
import { SnsEmailNotifier } from '../../../shared/alerts/channels/sns-email-notifier.ts';
import { DynamoFileStatusStore } from '../../../shared/alerts/conditions/dynamo-file-status-store.ts';
import { DynamoJobDigestStore } from '../../../shared/alerts/conditions/dynamo-job-digest-store.ts';
import { createProjectNames } from '../../../shared/alerts/conditions/project-names.ts';
import { DynamoIncidentStore } from '../../../shared/alerts/incidents/dynamo-incident-store.ts';
import type { AlertRules } from '../../../shared/alerts/rules/settings.ts';
import { EMPTY_WINDOW, rateWindow } from '../../../shared/autodesk/budget/rate-window.ts';
import { SharedRateBudget } from '../../../shared/autodesk/budget/shared-rate-budget.ts';
import { AutodeskClient } from '../../../shared/autodesk/client/client.ts';
import type { ThreeLeggedCredentials } from '../../../shared/autodesk/connection/credentials.ts';
import { FileTokenVault } from '../../../shared/autodesk/connection/file-token-vault.ts';
import { EMPTY_LEDGER, refreshLedger } from '../../../shared/autodesk/connection/refresh-ledger.ts';
import { TokenEndpoint } from '../../../shared/autodesk/connection/token-endpoint.ts';
import { TokenKeeper } from '../../../shared/autodesk/connection/token-keeper.ts';
import { AutodeskHttp } from '../../../shared/autodesk/http/http.ts';
import type { AutodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { createTokenCheck } from '../../../shared/callbacks/callback-tokens.ts';
import { createDynamoDbCallbackStore } from '../../../shared/callbacks/dynamodb-callback-store.ts';
import { createFileCallbackTokens } from '../../../shared/callbacks/file-callback-tokens.ts';
import type { Clock } from '../../../shared/clock.ts';
import { DynamoStateItem } from '../../../shared/dynamodb/state-item.ts';
import { type ItemKey, Table } from '../../../shared/dynamodb/table.ts';
import type { Log } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import {
  ALERT_GROUP,
  createSqsAlertQueue,
  createSqsFetchQueue,
  createSqsParking,
} from '../../../shared/queue/sqs-queues.ts';
import type { Randomness } from '../../../shared/randomness.ts';
import { DynamoQuarantineStore } from '../../../shared/records/dynamo-quarantine-store.ts';
import { DynamoRecordStore } from '../../../shared/records/dynamo-record-store.ts';
import type { ApiName } from '../../../shared/resources/resource.ts';
import { type RunWish, requestRun } from '../../../shared/sync/runs/request-run.ts';
import { enabledLists, releaseDeadLeases, resumeStalled } from '../../../shared/sync/runs/resume-stalled.ts';
import { DynamoPartitionStore } from '../../../shared/sync/state/dynamo-partition-store.ts';
import { DynamoRunStore } from '../../../shared/sync/state/dynamo-run-store.ts';
import { type Engine, type RunPorts, settingsFor } from '../../../shared/sync/state/sync-ports.ts';
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
  slackWebhookUrl?: string;
  alertRules: AlertRules;
  purgeDeletedAfterDays: number;
  /** Named in every alert. */
  stage: string;
}

export type Mirror = ReturnType<typeof composeMirror>;

/** For one request to Autodesk, its body included. */
const REQUEST_TIMEOUT_MS = 30_000;
/** For one request for a token; it must fit into the lease of a refresh, which is 20 seconds. */
const TOKEN_TIMEOUT_MS = 10_000;

/** Wires the functions to the engines of this machine; on AWS their handlers do the same with what is there. */
export function composeMirror(options: {
  stack: LocalStack;
  settings: MirrorSettings;
  clock: Clock;
  randomness: Randomness;
  log: Log;
}) {
  const { stack, settings, clock, randomness, log } = options;
  const { dynamodb, sqs } = stack.clients;
  const urls = queueUrls(stack.addresses.queues);
  const metrics = noMetrics;
  const fetchQueue = createSqsFetchQueue(sqs, urls.fetch);
  const alertQueue = createSqsAlertQueue(sqs, urls.alert, randomness);
  const engineSettings = settingsFor(settings.workers);

  const httpWithin = (timeoutMs: number) =>
    new AutodeskHttp({
      fetch: globalThis.fetch,
      origin: settings.autodeskOrigin,
      timeoutMs,
      ...(settings.mode && { mode: settings.mode }),
    });
  const http = httpWithin(REQUEST_TIMEOUT_MS);
  const connection = new TokenKeeper({
    vault: new FileTokenVault(join(stack.folder, 'connection')),
    ledger: stateItem({ pk: 'token', sk: 'refresh' }, refreshLedger, EMPTY_LEDGER),
    endpoint: new TokenEndpoint(httpWithin(TOKEN_TIMEOUT_MS), clock),
    credentials: async () => settings.credentials,
    seed: settings.seed,
    clock,
    randomness,
    log,
    metrics,
  });
  const windows = {
    buildingconnected: windowOf('buildingconnected'),
    'data-connector': windowOf('data-connector'),
  };
  const budget = new SharedRateBudget({
    windows,
    requestsPerMinute: settings.requestsPerMinute,
    clock,
    randomness,
  });

  /** The stores as one piece of work sees them: what they use is counted in `usage`. */
  function storesFor(usage: Usage) {
    const state = new Table({ client: dynamodb, tableName: LOCAL_TABLES.state, clock, usage });
    const records = new Table({ client: dynamodb, tableName: LOCAL_TABLES.records, clock, usage });
    const partitions = new DynamoPartitionStore(state, () => clock.now());
    return {
      state,
      recordsTable: records,
      records: new DynamoRecordStore(records),
      quarantine: new DynamoQuarantineStore(state),
      partitions,
      runs: new DynamoRunStore(state, partitions),
      callbacks: createDynamoDbCallbackStore(state),
      incidents: new DynamoIncidentStore(state),
    };
  }
  const stores = storesFor(new Usage());
  const common = { fetchQueue, alertQueue, clock, randomness, log, metrics, settings: engineSettings };
  const runPorts: RunPorts = { runs: stores.runs, partitions: stores.partitions, ...common };
  const lists = { resources: settings.enabledResources, accountIds: settings.accountIds };

  const intake = createIntake({
    accountIds: settings.accountIds,
    enabledResources: settings.enabledResources,
    isCallbackToken: createTokenCheck(createFileCallbackTokens(stack.folder), clock),
    callbacks: stores.callbacks,
    requestRun: (wish) => requestRun(wish, runPorts),
    resumeRuns: () => resumeStalled(lists, runPorts),
    fetchQueue,
    alertQueue,
    clock,
    log,
    metrics,
  });
  const worker = createWorker({
    engineFor(usage, timeLeftMs): Engine {
      const { runs, partitions, records, quarantine } = storesFor(usage);
      const api = new AutodeskClient({
        http,
        tokens: connection,
        budget,
        clock,
        randomness,
        log,
        metrics,
        usage,
      });
      return { ...common, runs, partitions, records, quarantine, api, usage, timeLeftMs };
    },
    lists,
    callbacksFor: (usage) => storesFor(usage).callbacks,
    keepAlive: () => connection.keepAlive(),
    purgeDeletedAfterDays: settings.purgeDeletedAfterDays,
    parking: createSqsParking(sqs, urls.fetchDeadLetters, clock),
    log,
    metrics,
  });
  const notifiers = [
    new SlackNotifier({
      webhookUrl: async () => settings.slackWebhookUrl,
      fetch: globalThis.fetch,
      clock,
    }),
    new SnsEmailNotifier(stack.clients.sns, TOPIC_ARN),
  ];
  const alert = createAlert({
    records: stores.records,
    runs: stores.runs,
    lists: enabledLists(lists),
    fileStatuses: new DynamoFileStatusStore(stores.state),
    jobDigests: new DynamoJobDigestStore(stores.state),
    incidents: stores.incidents,
    connection,
    quarantine: stores.quarantine,
    rules: settings.alertRules,
    clock,
    notifiers,
    projectName: createProjectNames(stores.recordsTable, stores.records),
    log,
    metrics,
    stage: settings.stage,
    parking: createSqsParking(sqs, urls.alertDeadLetters, clock, { group: ALERT_GROUP, randomness }),
  });
  const functions: LocalFunctions = { intake, worker, alert };

  return {
    functions,
    connection,
    runPorts,
    incidents: stores.incidents,
    requestRun: (wish: RunWish) => requestRun(wish, runPorts),
    releaseDeadLeases: () => releaseDeadLeases(lists, runPorts),
    progress: () => viewSync({ ...settings, runs: stores.runs, partitions: stores.partitions }),
    /** Whether Autodesk has asked us to wait. */
    async isPaused(): Promise<boolean> {
      const read = await Promise.all(Object.values(windows).map((window) => window.read()));
      return read.some(({ value }) => value.pausedUntilMs > clock.now());
    },
  };

  function stateItem<Value>(key: ItemKey, schema: z.ZodType<Value>, initial: Value) {
    return new DynamoStateItem(dynamodb, LOCAL_TABLES.state, key, schema, initial);
  }

  function windowOf(api: ApiName) {
    return stateItem({ pk: `budget#${api}`, sk: 'budget' }, rateWindow, EMPTY_WINDOW);
  }
}
