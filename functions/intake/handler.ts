import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createTokenCheck } from '../../shared/callbacks/callback-tokens.ts';
import { createDynamoDbCallbackStore } from '../../shared/callbacks/dynamodb-callback-store.ts';
import { createSecretsManagerCallbackTokens } from '../../shared/callbacks/secrets-manager-callback-tokens.ts';
import { systemClock } from '../../shared/clock.ts';
import { loadConfiguration } from '../../shared/configuration.ts';
import { checkSchema } from '../../shared/dynamodb/schema-check.ts';
import { Table } from '../../shared/dynamodb/table.ts';
import { createPowertoolsLog } from '../../shared/observability/powertools-log.ts';
import { createPowertoolsMetrics } from '../../shared/observability/powertools-metrics.ts';
import { Usage } from '../../shared/observability/usage.ts';
import { createSqsAlertQueue, createSqsFetchQueue } from '../../shared/queue/sqs-queues.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { requestRun } from '../../shared/sync/runs/request-run.ts';
import { resumeStalled } from '../../shared/sync/runs/resume-stalled.ts';
import { DynamoPartitionStore } from '../../shared/sync/state/dynamo-partition-store.ts';
import { DynamoRunStore } from '../../shared/sync/state/dynamo-run-store.ts';
import { DEFAULT_SETTINGS, type RunPorts } from '../../shared/sync/state/sync-ports.ts';
import { intakeConfiguration } from './configuration.ts';
import { createIntake } from './intake.ts';

const configuration = loadConfiguration(intakeConfiguration);
const tracer = new Tracer();
const dynamoDb = tracer.captureAWSv3Client(new DynamoDBClient());
const sqs = tracer.captureAWSv3Client(new SQSClient());
const secretsManager = tracer.captureAWSv3Client(new SecretsManagerClient());

const stateTable = new Table({
  client: dynamoDb,
  tableName: configuration.STATE_TABLE,
  clock: systemClock,
  usage: new Usage(),
});
const partitions = new DynamoPartitionStore(stateTable, () => systemClock.now());
const runPorts: RunPorts = {
  runs: new DynamoRunStore(stateTable, partitions),
  partitions,
  fetchQueue: createSqsFetchQueue(sqs, configuration.FETCH_QUEUE_URL),
  alertQueue: createSqsAlertQueue(sqs, configuration.ALERT_QUEUE_URL, systemRandomness),
  clock: systemClock,
  randomness: systemRandomness,
  log: createPowertoolsLog(new Logger()),
  metrics: createPowertoolsMetrics(new Metrics()),
  settings: DEFAULT_SETTINGS,
};
const lists = {
  resources: configuration.ENABLED_RESOURCES,
  accountIds: configuration.AUTODESK_ACCOUNT_IDS,
};

export const handler = createIntake({
  ...runPorts,
  accountIds: lists.accountIds,
  enabledResources: lists.resources,
  isCallbackToken: createTokenCheck(
    createSecretsManagerCallbackTokens(secretsManager, configuration.CALLBACK_SECRET_ARN),
    systemClock,
  ),
  callbacks: createDynamoDbCallbackStore(stateTable),
  requestRun: (wish) => requestRun(wish, runPorts),
  resumeRuns: () => resumeStalled(lists, runPorts),
})
  .use(captureLambdaHandler(tracer, { captureResponse: false }))
  .use(checkSchema(dynamoDb, [configuration.STATE_TABLE]));
