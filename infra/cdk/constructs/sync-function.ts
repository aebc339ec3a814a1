import { fileURLToPath } from 'node:url';
import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, CfnFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { TABLES_PREFIX } from '../../../shared/lake/glue-lake.ts';
import { acknowledge } from './acknowledge.ts';
import type { Alarms, AlarmText } from './alarms.ts';
import type { DescribedTable } from './described-table.ts';
import type { Lake } from './lake.ts';
import type { PrivateBucket } from './private-bucket.ts';
import type { StoredSecret } from './stored-secret.ts';
import { METRIC_NAMESPACE } from './sync-metric.ts';

export type FunctionName = 'intake' | 'worker' | 'alert' | 'slack' | 'publish';

export interface SyncFunctionProps {
  name: FunctionName;
  /** The service name in logs, traces and metrics. */
  service: string;
  timeout: Duration;
  memoryMb: number;
  logRetention: RetentionDays;
  alarms: Alarms;
  /** `above`: errors in five minutes. */
  errors: AlarmText & { above: number };
  throttles: AlarmText;
  /** Settings that are not resources; those come through the `bind` methods. */
  settings: Record<string, string>;
}

/** What a function does with a table. */
export interface TableUse {
  actions: readonly (
    | 'BatchGetItem'
    | 'BatchWriteItem'
    | 'DeleteItem'
    | 'GetItem'
    | 'PutItem'
    | 'Query'
    | 'UpdateItem'
  )[];
  /** The indexes that it queries. */
  indexes?: readonly string[];
}

const USE_TABLE_KEY = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * One of the functions: bundled, logged with an end, traced and watched. What it may touch it gets by a `bind`
 * method, which permits exactly that and tells the function where it is, so neither can be forgotten.
 */
export class SyncFunction extends Construct {
  readonly function: NodejsFunction;
  readonly timeout: Duration;
  readonly #role: Role;

  constructor(scope: Construct, id: string, props: SyncFunctionProps) {
    super(scope, id);
    this.timeout = props.timeout;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.#allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    this.function = new NodejsFunction(this, 'Function', {
      entry: `${REPOSITORY}functions/${props.name}/handler.ts`,
      projectRoot: REPOSITORY,
      depsLockFilePath: `${REPOSITORY}package-lock.json`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        mainFields: ['module', 'main'],
        minify: true,
        sourceMap: true,
        sourceMapMode: SourceMapMode.DEFAULT,
        sourcesContent: false,
        externalModules: [],
        inject: [`${REPOSITORY}shared/observability/stack-traces.ts`],
        esbuildArgs: {
          '--alias:@aws-sdk/credential-provider-node': `${REPOSITORY}shared/composition/environment-credentials.ts`,
        },
        // Some dependencies are CommonJS and call `require` at run time, which an ES module does not have.
        banner: "import{createRequire as _cr}from'node:module';const require=_cr(import.meta.url);",
      },
      role: this.#role,
      logGroup,
      tracing: Tracing.ACTIVE,
      timeout: props.timeout,
      memorySize: props.memoryMb,
      environment: {
        ...props.settings,
        POWERTOOLS_SERVICE_NAME: props.service,
        POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
      },
    });
    acknowledge(
      this.#role,
      'AwsSolutions-IAM5[Resource::*]',
      'X-Ray has no resources: xray:PutTraceSegments and xray:PutTelemetryRecords can only be allowed on *.',
    );
    props.alarms.add({
      runbook: `${props.name}-errors`,
      breaks: props.errors.breaks,
      metric: this.function.metricErrors(),
      period: Duration.minutes(5),
      when: { above: props.errors.above },
      periods: 1,
      missing: 'fine',
    });
    props.alarms.add({
      runbook: 'function-throttles',
      subject: props.name,
      breaks: props.throttles.breaks,
      metric: this.function.metricThrottles(),
      period: Duration.minutes(5),
      when: { above: 0 },
      periods: 3,
      missing: 'fine',
    });
  }

  bindTable(
    variable: 'RECORDS_TABLE' | 'STATE_TABLE',
    table: DescribedTable,
    { actions, indexes = [] }: TableUse,
  ): void {
    this.#allow(
      actions.map((action) => `dynamodb:${action}`),
      [table.tableArn],
    );
    if (indexes.length > 0)
      this.#allow(
        ['dynamodb:Query'],
        indexes.map((index) => table.indexArn(index)),
      );
    this.#allowKey('dynamodb', table.encryptionKey, USE_TABLE_KEY);
    this.#tell(variable, table.tableName);
  }

  /** Hands the messages of a queue to the function. `WorkQueue` decides how. */
  consume(queue: IQueue, options: { id?: string; batchSize: number; maxConcurrency: number }): void {
    this.#allow(['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'], [queue.queueArn]);
    this.#allowKey('sqs', queue.encryptionMasterKey, ['kms:Decrypt']);
    this.function.addEventSourceMapping(options.id ?? 'Messages', {
      eventSourceArn: queue.queueArn,
      batchSize: options.batchSize,
      maxConcurrency: options.maxConcurrency,
      reportBatchItemFailures: true,
    });
  }

  /** Lets the function send to a queue. */
  bindQueue(
    variable:
      | 'FETCH_QUEUE_URL'
      | 'URGENT_QUEUE_URL'
      | 'FETCH_DEAD_LETTERS_URL'
      | 'ALERT_QUEUE_URL'
      | 'ALERT_DEAD_LETTERS_URL',
    queue: IQueue,
  ): void {
    this.#allow(['sqs:SendMessage'], [queue.queueArn]);
    this.#allowKey('sqs', queue.encryptionMasterKey, ['kms:Decrypt', 'kms:GenerateDataKey']);
    this.#tell(variable, queue.queueUrl);
  }

  /** Keeps the events that nobody waits for, where Lambda's own repetitions have failed, too. */
  keepFailedEvents(deadLetters: IQueue): void {
    this.#allow(['sqs:SendMessage'], [deadLetters.queueArn]);
    this.#allowKey('sqs', deadLetters.encryptionMasterKey, ['kms:Decrypt', 'kms:GenerateDataKey']);
    const resource = this.function.node.defaultChild;
    if (!(resource instanceof CfnFunction)) throw new Error(`${this.node.path} has no function to change.`);
    resource.deadLetterConfig = { targetArn: deadLetters.queueArn };
  }

  /**
   * Lets the function publish tables: write files that are not there yet, let go of old ones, show readers others. It has
   * to see which tables there are only where that changes by itself, as with extracts.
   */
  bindLake(lake: Lake, { seesWhichThereAre }: { seesWhichThereAre: boolean }): void {
    const { bucket } = lake;
    const files = `${TABLES_PREFIX}*`;
    this.#allow(['s3:PutObject', 's3:PutObjectTagging'], [bucket.arnForObjects(files)]);
    this.#allow(['s3:ListBucket'], [bucket.bucketArn], { StringLike: { 's3:prefix': files } });
    this.#allowKey('s3', bucket.encryptionKey, ['kms:GenerateDataKey']);
    const looks = ['glue:GetTable', ...(seesWhichThereAre ? ['glue:GetTables'] : [])];
    this.#allow(['glue:CreateTable', ...looks, 'glue:UpdateTable'], lake.tableArns);
    lake.acknowledgeWildcards(this.#role, bucket.exportedArn(), [TABLES_PREFIX]);
    this.#tell('LAKE_BUCKET', bucket.bucketName);
    this.#tell('LAKE_DATABASE', lake.databaseName);
  }

  /** Lets the function read the files under a prefix of a bucket, and see which there are; or write them, too. */
  bindBucket(
    variable: 'EXTRACTS_BUCKET',
    bucket: PrivateBucket,
    prefix: `${string}/`,
    access: 'read' | 'read and write',
  ): void {
    const writes = access === 'read and write';
    const files = `${prefix}*`;
    this.#allow(
      ['s3:GetObject', ...(writes ? ['s3:AbortMultipartUpload', 's3:PutObject'] : [])],
      [bucket.arnForObjects(files)],
    );
    acknowledge(
      this.#role,
      `AwsSolutions-IAM5[Resource::${bucket.exportedArn()}/${files}]`,
      'Files have names that nobody knows before; the prefix is the most that can be said.',
    );
    // Without it, S3 answers 403 where a file is missing.
    this.#allow(['s3:ListBucket'], [bucket.bucketArn]);
    this.#allowKey('s3', bucket.encryptionKey, ['kms:Decrypt', ...(writes ? ['kms:GenerateDataKey'] : [])]);
    this.#tell(variable, bucket.bucketName);
  }

  bindTopic(variable: 'ALERTS_TOPIC_ARN', topic: ITopic, key: IKey): void {
    this.#allow(['sns:Publish'], [topic.topicArn]);
    this.#allowKey('sns', key, ['kms:Decrypt', 'kms:GenerateDataKey']);
    this.#tell(variable, topic.topicArn);
  }

  /** Lets the function send emails from an address: SES may know it by itself or by its domain. */
  bindSender(sender: string, recipients: readonly string[]): void {
    const domain = sender.slice(sender.indexOf('@') + 1);
    this.#allow(
      ['ses:SendEmail'],
      [sender, domain].map((resourceName) =>
        Stack.of(this).formatArn({ service: 'ses', resource: 'identity', resourceName }),
      ),
    );
    this.#tell('EMAIL_SENDER', sender);
    this.#tell('EMAIL_RECIPIENTS', recipients.join(','));
  }

  bindSecret(
    variable:
      | 'CONNECTION_SECRET_ARN'
      | 'TOKEN_SECRET_ARN'
      | 'MANAGEMENT_TOKEN_SECRET_ARN'
      | 'CALLBACK_SECRET_ARN'
      | 'WEBHOOK_SECRET_ARN'
      | 'SLACK_SECRET_ARN'
      | 'SLACK_SIGNING_SECRET_ARN'
      | 'FIELD_SECRET_ARN',
    secret: StoredSecret,
    access: 'read' | 'read and write',
  ): void {
    const writes = access === 'read and write';
    this.#allow(
      ['secretsmanager:GetSecretValue', ...(writes ? ['secretsmanager:PutSecretValue'] : [])],
      [secret.secretArn],
    );
    this.#allowKey('secretsmanager', secret.encryptionKey, [
      'kms:Decrypt',
      ...(writes ? ['kms:GenerateDataKey'] : []),
    ]);
    this.#tell(variable, secret.secretArn);
  }

  #tell(variable: string, value: string): void {
    this.function.addEnvironment(variable, value);
  }

  #allow(actions: string[], resources: string[], conditions: Record<string, unknown> = {}): void {
    this.#role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources, conditions }));
  }

  /** The key may be used through that service only, never by calling KMS itself. */
  #allowKey(service: string, key: IKey | undefined, actions: string[]): void {
    if (key === undefined) throw new Error(`A ${service} resource without a customer-managed key was bound.`);
    this.#role.addToPolicy(
      new PolicyStatement({
        actions,
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `${service}.${Aws.REGION}.amazonaws.com` } },
      }),
    );
  }
}
