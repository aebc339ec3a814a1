import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { EMPTY_WINDOW, rateWindow } from '../../shared/autodesk/budget/rate-window.ts';
import { SharedRateBudget } from '../../shared/autodesk/budget/shared-rate-budget.ts';
import { AutodeskClient } from '../../shared/autodesk/client/client.ts';
import { EMPTY_LEDGER, refreshLedger } from '../../shared/autodesk/connection/refresh-ledger.ts';
import { SecretTokenVault } from '../../shared/autodesk/connection/secret-token-vault.ts';
import { TokenEndpoint } from '../../shared/autodesk/connection/token-endpoint.ts';
import { AutodeskHttp } from '../../shared/autodesk/http/http.ts';
import { createDynamoDbCallbackStore } from '../../shared/callbacks/dynamodb-callback-store.ts';
import { systemClock } from '../../shared/clock.ts';
import { loadConfiguration } from '../../shared/configuration.ts';
import { checkSchema } from '../../shared/dynamodb/schema-check.ts';
import { DynamoStateItem } from '../../shared/dynamodb/state-item.ts';
import { Table } from '../../shared/dynamodb/table.ts';
import { createPowertoolsLog } from '../../shared/observability/powertools-log.ts';
import { createPowertoolsMetrics } from '../../shared/observability/powertools-metrics.ts';
import type { Usage } from '../../shared/observability/usage.ts';
import { createSqsAlertQueue, createSqsFetchQueue, createSqsParking } from '../../shared/queue/sqs-queues.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { DynamoQuarantineStore } from '../../shared/records/dynamo-quarantine-store.ts';
import { DynamoRecordStore } from '../../shared/records/dynamo-record-store.ts';
import type { ApiName } from '../../shared/resources/resource.ts';
import { createSecretReader } from '../../shared/secrets.ts';
import { DynamoPartitionStore } from '../../shared/sync/state/dynamo-partition-store.ts';
import { DynamoRunStore } from '../../shared/sync/state/dynamo-run-store.ts';
import { settingsFor } from '../../shared/sync/state/sync-ports.ts';
import { workerConfiguration } from './configuration.ts';
import { createConnection } from './connection.ts';
import { createWorker } from './worker.ts';

/** For one request to Autodesk, its body included. */
const REQUEST_TIMEOUT_MS = 30_000;
/** For one request for a token; it must fit into the lease of a refresh, which is 20 seconds. */
const TOKEN_TIMEOUT_MS = 10_000;

const configuration = loadConfiguration(workerConfiguration);
const tracer = new Tracer();
const dynamoDb = tracer.captureAWSv3Client(new DynamoDBClient());
const secretsManager = tracer.captureAWSv3Client(new SecretsManagerClient());
const sqs = tracer.captureAWSv3Client(new SQSClient());

const common = {
  clock: systemClock,
  randomness: systemRandomness,
  log: createPowertoolsLog(new Logger()),
  metrics: createPowertoolsMetrics(new Metrics()),
};
const { clock } = common;
const queues = {
  fetchQueue: createSqsFetchQueue(sqs, configuration.FETCH_QUEUE_URL),
  alertQueue: createSqsAlertQueue(sqs, configuration.ALERT_QUEUE_URL, systemRandomness),
};
const httpWithin = (timeoutMs: number) =>
  new AutodeskHttp({
    fetch: globalThis.fetch,
    origin: configuration.AUTODESK_BASE_URL,
    timeoutMs,
    ...(configuration.AUTODESK_BC_MODE && { mode: configuration.AUTODESK_BC_MODE }),
  });
const http = httpWithin(REQUEST_TIMEOUT_MS);
const connection = createConnection(
  configuration.AUTHORIZATION,
  createSecretReader(secretsManager, clock),
  configuration.CONNECTION_SECRET_ARN,
  {
    ...common,
    vault: new SecretTokenVault(secretsManager, configuration.TOKEN_SECRET_ARN),
    ledger: new DynamoStateItem(
      dynamoDb,
      configuration.STATE_TABLE,
      { pk: 'token', sk: 'refresh' },
      refreshLedger,
      EMPTY_LEDGER,
    ),
    endpoint: new TokenEndpoint(httpWithin(TOKEN_TIMEOUT_MS), clock),
  },
);
const budget = new SharedRateBudget({
  ...common,
  windows: { buildingconnected: windowOf('buildingconnected'), 'data-connector': windowOf('data-connector') },
  requestsPerMinute: {
    buildingconnected: configuration.AUTODESK_REQUESTS_PER_MINUTE,
    'data-connector': configuration.DATA_CONNECTOR_REQUESTS_PER_MINUTE,
  },
});
const settings = settingsFor(configuration.WORKER_CONCURRENCY);

export const handler = createWorker({
  ...common,
  lists: { resources: configuration.ENABLED_RESOURCES, accountIds: configuration.AUTODESK_ACCOUNT_IDS },
  engineFor(usage, timeLeftMs) {
    const state = tableOf(configuration.STATE_TABLE, usage);
    const partitions = new DynamoPartitionStore(state, () => clock.now());
    return {
      ...common,
      ...queues,
      settings,
      usage,
      timeLeftMs,
      partitions,
      runs: new DynamoRunStore(state, partitions),
      records: new DynamoRecordStore(tableOf(configuration.RECORDS_TABLE, usage)),
      quarantine: new DynamoQuarantineStore(state),
      api: new AutodeskClient({ ...common, http, tokens: connection, budget, usage }),
    };
  },
  callbacksFor: (usage) => createDynamoDbCallbackStore(tableOf(configuration.STATE_TABLE, usage)),
  keepAlive: () => connection.keepAlive(),
  purgeDeletedAfterDays: configuration.PURGE_DELETED_AFTER_DAYS,
  parking: createSqsParking(sqs, configuration.FETCH_DEAD_LETTERS_URL, clock),
})
  .use(captureLambdaHandler(tracer, { captureResponse: false }))
  .use(checkSchema(dynamoDb, [configuration.RECORDS_TABLE, configuration.STATE_TABLE]));

function tableOf(tableName: string, usage: Usage): Table {
  return new Table({ client: dynamoDb, tableName, clock, usage });
}

function windowOf(api: ApiName) {
  const key = { pk: `budget#${api}`, sk: 'budget' };
  return new DynamoStateItem(dynamoDb, configuration.STATE_TABLE, key, rateWindow, EMPTY_WINDOW);
}
