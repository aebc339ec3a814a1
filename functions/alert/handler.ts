import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SlackNotifier } from '../../shared/alerts/channels/slack-notifier.ts';
import { readWebhookUrl } from '../../shared/alerts/channels/slack-secret.ts';
import { SnsEmailNotifier } from '../../shared/alerts/channels/sns-email-notifier.ts';
import { DynamoFileStatusStore } from '../../shared/alerts/conditions/dynamo-file-status-store.ts';
import { DynamoJobDigestStore } from '../../shared/alerts/conditions/dynamo-job-digest-store.ts';
import { createProjectNames } from '../../shared/alerts/conditions/project-names.ts';
import { DynamoIncidentStore } from '../../shared/alerts/incidents/dynamo-incident-store.ts';
import { authorizationStatusOf } from '../../shared/autodesk/connection/authorization-status.ts';
import { EMPTY_LEDGER, refreshLedger } from '../../shared/autodesk/connection/refresh-ledger.ts';
import { SecretTokenVault } from '../../shared/autodesk/connection/secret-token-vault.ts';
import { systemClock } from '../../shared/clock.ts';
import { loadConfiguration } from '../../shared/configuration.ts';
import { checkSchema } from '../../shared/dynamodb/schema-check.ts';
import { DynamoStateItem } from '../../shared/dynamodb/state-item.ts';
import { Table } from '../../shared/dynamodb/table.ts';
import { createPowertoolsLog } from '../../shared/observability/powertools-log.ts';
import { createPowertoolsMetrics } from '../../shared/observability/powertools-metrics.ts';
import { Usage } from '../../shared/observability/usage.ts';
import { ALERT_GROUP, createSqsParking } from '../../shared/queue/sqs-queues.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { DynamoQuarantineStore } from '../../shared/records/dynamo-quarantine-store.ts';
import { DynamoRecordStore } from '../../shared/records/dynamo-record-store.ts';
import { createSecretReader } from '../../shared/secrets.ts';
import { enabledLists } from '../../shared/sync/runs/resume-stalled.ts';
import { DynamoPartitionStore } from '../../shared/sync/state/dynamo-partition-store.ts';
import { DynamoRunStore } from '../../shared/sync/state/dynamo-run-store.ts';
import { createAlert } from './alert.ts';
import { alertConfiguration } from './configuration.ts';

const configuration = loadConfiguration(alertConfiguration);
const tracer = new Tracer();
const dynamoDb = tracer.captureAWSv3Client(new DynamoDBClient());
const secretsManager = tracer.captureAWSv3Client(new SecretsManagerClient());
const sns = tracer.captureAWSv3Client(new SNSClient());
const sqs = tracer.captureAWSv3Client(new SQSClient());

const clock = systemClock;
const log = createPowertoolsLog(new Logger());
const usage = new Usage();
const recordsTable = new Table({ client: dynamoDb, tableName: configuration.RECORDS_TABLE, clock, usage });
const stateTable = new Table({ client: dynamoDb, tableName: configuration.STATE_TABLE, clock, usage });
const records = new DynamoRecordStore(recordsTable);
const secrets = createSecretReader(secretsManager, clock);
const tokens = new SecretTokenVault(secretsManager, configuration.TOKEN_SECRET_ARN);
const ledger = new DynamoStateItem(
  dynamoDb,
  configuration.STATE_TABLE,
  { pk: 'token', sk: 'refresh' },
  refreshLedger,
  EMPTY_LEDGER,
);

const { SLACK_SECRET_ARN: slackSecretArn } = configuration;
const notifiers = [
  ...(slackSecretArn === undefined
    ? []
    : [
        new SlackNotifier({
          webhookUrl: () => readWebhookUrl(secrets, slackSecretArn),
          fetch: globalThis.fetch,
          clock,
        }),
      ]),
  new SnsEmailNotifier(sns, configuration.ALERTS_TOPIC_ARN),
];

export const handler = createAlert({
  records,
  runs: new DynamoRunStore(stateTable, new DynamoPartitionStore(stateTable, () => clock.now())),
  lists: enabledLists({
    resources: configuration.ENABLED_RESOURCES,
    accountIds: configuration.AUTODESK_ACCOUNT_IDS,
  }),
  fileStatuses: new DynamoFileStatusStore(stateTable),
  jobDigests: new DynamoJobDigestStore(stateTable),
  incidents: new DynamoIncidentStore(stateTable),
  connection: {
    async authorizationStatus() {
      const [token, { value }] = await Promise.all([tokens.read(), ledger.read()]);
      return authorizationStatusOf(token, value, undefined, clock.now());
    },
  },
  quarantine: new DynamoQuarantineStore(stateTable),
  notifiers,
  projectName: createProjectNames(recordsTable, records),
  rules: configuration.ALERT_RULES,
  clock,
  log,
  metrics: createPowertoolsMetrics(new Metrics()),
  stage: configuration.STAGE,
  parking: createSqsParking(sqs, configuration.ALERT_DEAD_LETTERS_URL, clock, {
    group: ALERT_GROUP,
    randomness: systemRandomness,
  }),
})
  .use(captureLambdaHandler(tracer, { captureResponse: false }))
  .use(checkSchema(dynamoDb, [configuration.STATE_TABLE]));
