import { readFileSync } from 'node:fs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { alertConfiguration } from '../../../functions/alert/configuration.ts';
import { intakeConfiguration } from '../../../functions/intake/configuration.ts';
import { publishConfiguration } from '../../../functions/publish/configuration.ts';
import { publishEvent } from '../../../functions/publish/publish-event.ts';
import { workerConfiguration } from '../../../functions/worker/configuration.ts';
import { loadConfiguration } from '../../../shared/configuration.ts';
import { REPLACED_TAG } from '../../../shared/lake/glue-lake.ts';
import { scheduleEvent } from '../../../shared/queue/messages.ts';
import { RESOURCE_NAMES } from '../../../shared/resources/registry.ts';
import type { StackTemplate } from './stack-template.ts';
import { appOf, resourcesOf, synthesiseStages, targetOf } from './synthesise.ts';

const stages = synthesiseStages();

const eachStage = [...stages].map(([stage, templates]) => ({ stage, ...templates }));

function both({ data, sync }: { data: StackTemplate; sync: StackTemplate }, type: string) {
  return [...resourcesOf(data, type), ...resourcesOf(sync, type)];
}

const statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.union([z.string(), z.array(z.string())]).transform((action) => [action].flat()),
});

/** Every statement of every policy, wherever it stands in a resource. */
function statementsIn(value: unknown): z.infer<typeof statement>[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = statement.safeParse(value);
  return own.success ? [own.data] : Object.values(value).flatMap(statementsIn);
}

describe.each(eachStage)('stage $stage', (templates) => {
  const { data, sync, stage } = templates;

  it('logs with an end, traces and runs Node 24 on arm64 in every function', () => {
    const functions = resourcesOf(sync, 'AWS::Lambda::Function');
    expect(functions).toHaveLength(5);
    for (const [, { Properties }] of functions) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
        Environment: { Variables: { STAGE: stage } },
      });
      const logs = sync.Resources[targetOf(Properties.LoggingConfig.LogGroup)];
      expect(logs?.Properties.RetentionInDays).toBeGreaterThan(0);
    }
    for (const [, logGroup] of resourcesOf(sync, 'AWS::Logs::LogGroup')) {
      expect(logGroup.Properties.RetentionInDays).toBeGreaterThan(0);
    }
  });

  it('gives every queue that is consumed dead letters, five tries and six times the timeout', () => {
    const mappings = resourcesOf(sync, 'AWS::Lambda::EventSourceMapping');
    expect(mappings).toHaveLength(3);
    for (const [, { Properties: mapping }] of mappings) {
      const queue = sync.Resources[targetOf(mapping.EventSourceArn)]?.Properties ?? {};
      const consumer = sync.Resources[targetOf(mapping.FunctionName)]?.Properties ?? {};
      expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * consumer.Timeout);
      expect(queue.RedrivePolicy.maxReceiveCount).toBeGreaterThanOrEqual(5);
      const deadLetters = sync.Resources[targetOf(queue.RedrivePolicy.deadLetterTargetArn)]?.Properties;
      expect(deadLetters?.FifoQueue).toBe(queue.FifoQueue);
      expect(deadLetters?.MessageRetentionPeriod).toBe(14 * 24 * 60 * 60);
      expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect(mapping.ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2);
      expect(consumer.ReservedConcurrentExecutions).toBeUndefined();
    }
  });

  it('encrypts tables, buckets, queues, topics and secrets with the key of the stage, which is rotated', () => {
    const keys = [
      ...both(templates, 'AWS::DynamoDB::Table').map(([, r]) => r.Properties.SSESpecification.KMSMasterKeyId),
      ...both(templates, 'AWS::SQS::Queue').map(([, r]) => r.Properties.KmsMasterKeyId),
      ...both(templates, 'AWS::SNS::Topic').map(([, r]) => r.Properties.KmsMasterKeyId),
      ...both(templates, 'AWS::SecretsManager::Secret').map(([, r]) => r.Properties.KmsKeyId),
      ...both(templates, 'AWS::S3::Bucket').map(
        ([, r]) =>
          r.Properties.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault
            .KMSMasterKeyID,
      ),
    ];
    expect(keys).toHaveLength(2 + 6 + 2 + 8 + 2);
    expect(new Set(keys.map((key) => targetOf(key).replace(/[0-9A-F]{8}$/, '')))).toEqual(new Set(['Key']));
    expect(resourcesOf(data, 'AWS::KMS::Key')[0]?.[1].Properties.EnableKeyRotation).toBe(true);
  });

  it('keeps what is stateful when its stack goes, unless the stage says otherwise', () => {
    const expected = stage === 'dev' ? 'Delete' : 'Retain';
    const stateful = [
      'AWS::DynamoDB::Table',
      'AWS::Glue::Database',
      'AWS::SecretsManager::Secret',
      'AWS::KMS::Key',
      'AWS::S3::Bucket',
    ];
    for (const type of stateful) {
      expect(resourcesOf(sync, type)).toEqual([]);
      for (const [, resource] of resourcesOf(data, type)) {
        expect(resource.DeletionPolicy).toBe(expected);
        expect(resource.UpdateReplacePolicy).toBe(expected);
      }
    }
    for (const [, { Properties }] of resourcesOf(data, 'AWS::DynamoDB::Table')) {
      expect(Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
      expect(Properties.DeletionProtectionEnabled).toBe(stage !== 'dev');
      expect(Properties.BillingMode).toBe('PAY_PER_REQUEST');
    }
  });

  it('hides every bucket from the public, takes TLS alone, and drops half uploads after a day', () => {
    const policies = resourcesOf(data, 'AWS::S3::BucketPolicy');
    for (const [id, { Properties }] of resourcesOf(data, 'AWS::S3::Bucket')) {
      expect(Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      const policy = policies.find(([, each]) => targetOf(each.Properties.Bucket) === id)?.[1];
      expect(JSON.stringify(policy?.Properties)).toContain('{"Bool":{"aws:SecureTransport":"false"}}');
      expect(statementsIn(policy).map(({ Effect }) => Effect)).toEqual(['Deny', 'Deny']);
      expect(Properties.LifecycleConfiguration.Rules).toContainEqual({
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        Id: 'incomplete-uploads',
        Status: 'Enabled',
      });
    }
  });

  it('removes the files of tables a day after they were replaced, and results of queries after a week', () => {
    const [, bucket] = resourcesOf(data, 'AWS::S3::Bucket').find(([id]) => id.startsWith('Lake')) ?? [];
    expect(bucket?.Properties.LifecycleConfiguration.Rules.slice(1)).toEqual([
      {
        ExpirationInDays: 1,
        Id: 'replaced-files',
        Prefix: 'tables/',
        Status: 'Enabled',
        TagFilters: [REPLACED_TAG],
      },
      { ExpirationInDays: 7, Id: 'query-results', Prefix: 'results/', Status: 'Enabled' },
    ]);
  });

  it('lets no query of Athena scan more than 10 GB, or leave its answer anywhere else or unencrypted', () => {
    const [[, workgroup] = []] = resourcesOf(data, 'AWS::Athena::WorkGroup');
    expect(workgroup?.Properties.WorkGroupConfiguration).toMatchObject({
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 10e9,
      ResultConfiguration: {
        OutputLocation: { 'Fn::Join': ['', ['s3://', { Ref: expect.stringMatching(/^Lake/) }, '/results/']] },
        EncryptionConfiguration: {
          EncryptionOption: 'SSE_KMS',
          KmsKey: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
        },
      },
    });
  });

  it('has a database that Glue takes the name of, and leaves its tables to the publish function', () => {
    const names = both(templates, 'AWS::Glue::Database').map(([, r]) => r.Properties.DatabaseInput.Name);
    expect(names).toEqual([`buildingconnected_${stage}`]);
    expect(both(templates, 'AWS::Glue::Table')).toEqual([]);
  });

  it('keeps what was landed for as long as the stage says', () => {
    const [, extracts] = resourcesOf(data, 'AWS::S3::Bucket').find(([id]) => id.startsWith('Extracts')) ?? [];
    expect(extracts?.Properties.LifecycleConfiguration.Rules).toContainEqual({
      ExpirationInDays: stage === 'full' ? 30 : 90,
      Id: 'keep-days',
      Prefix: 'extracts/',
      Status: 'Enabled',
    });
  });

  it('puts no value of a secret into a template, but for those that AWS makes', () => {
    for (const [id, { Properties }] of resourcesOf(data, 'AWS::SecretsManager::Secret')) {
      expect(Properties.SecretString).toBeUndefined();
      expect(Properties.GenerateSecretString?.PasswordLength).toBe(
        /^(Callback|Field)/.test(id) ? 43 : undefined,
      );
    }
  });

  it('allows no action that stands for all actions of a service', () => {
    const allowed = [data, sync]
      .flatMap(statementsIn)
      .filter((each) => each.Effect === 'Allow')
      .flatMap((each) => each.Action);
    expect(allowed.length).toBeGreaterThan(50);
    expect(allowed.filter((action) => action === '*' || action.endsWith(':*'))).toEqual([]);
  });

  it('has three public ways in, callbacks, events of webhooks and clicks in Slack, with any method', () => {
    const routes = resourcesOf(sync, 'AWS::ApiGatewayV2::Route');
    expect(routes.map(([, route]) => route.Properties.RouteKey)).toEqual([
      'ANY /callbacks/data-connector/{token}',
      'ANY /webhooks/autodesk',
      'ANY /slack/actions',
    ]);
    const callers = both(templates, 'AWS::Lambda::Permission').map(([, r]) => r.Properties.Principal);
    expect(new Set(callers)).toEqual(new Set(['apigateway.amazonaws.com']));
    expect(both(templates, 'AWS::Lambda::Url')).toEqual([]);
  });

  it('throttles the endpoint and logs nothing that holds the token', () => {
    const [, apiStage] = resourcesOf(sync, 'AWS::ApiGatewayV2::Stage')[0] ?? [];
    expect(apiStage?.Properties.DefaultRouteSettings).toMatchObject({
      ThrottlingBurstLimit: 50,
      ThrottlingRateLimit: 20,
    });
    // A stage knows no settings of a route that is made after it.
    expect(apiStage?.Properties.RouteSettings).toEqual({
      'ANY /webhooks/autodesk': { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 },
    });
    expect(apiStage?.DependsOn).toEqual(
      expect.arrayContaining(resourcesOf(sync, 'AWS::ApiGatewayV2::Route').map(([id]) => id)),
    );
    const format = z
      .record(z.string(), z.string())
      .parse(JSON.parse(apiStage?.Properties.AccessLogSettings.Format));
    expect(Object.values(format).sort()).toEqual([
      '$context.integrationStatus',
      '$context.requestId',
      '$context.requestTimeEpoch',
      '$context.responseLatency',
      '$context.routeKey',
      '$context.status',
    ]);
  });

  it('schedules only what intake and publish understand, with dead letters', () => {
    const schedules = resourcesOf(sync, 'AWS::Scheduler::Schedule').map(([, { Properties }]) => Properties);
    const known = new Set(RESOURCE_NAMES);
    for (const { Target } of schedules) {
      const input = JSON.parse(Target.Input);
      const [, target] = /^(Intake|Publish)Function/.exec(targetOf(Target.Arn)) ?? [];
      const event = target === 'Publish' ? publishEvent.parse(input) : scheduleEvent.parse(input);
      if (event.trigger === 'sync') expect(event.resources?.every((name) => known.has(name))).toBe(true);
      expect(sync.Resources[targetOf(Target.DeadLetterConfig.Arn)]?.Type).toBe('AWS::SQS::Queue');
    }
    const byName = new Map(schedules.map((each) => [each.Name, each.ScheduleExpression]));
    expect(byName.get('tick')).toBe('rate(1 minute)');
    expect(byName.get('publish')).toBe(stage === 'full' ? 'rate(15 minutes)' : 'rate(60 minutes)');
    expect(byName.get('incremental-invites')).toBe('rate(15 minutes)');
    expect(byName.get('full-invites')).toBe('cron(30 2 ? * MON-SAT *)');
    expect(byName.get('unfiltered-invites')).toBe('cron(30 2 ? * SUN *)');
    expect(byName.has('keep-alive')).toBe(true);
    expect(byName.get('full-data-connector-jobs')).toBe(stage === 'full' ? 'cron(30 2 ? * * *)' : undefined);
  });

  it('tells operations of every alarm, past the alert function', () => {
    for (const [, { Properties }] of resourcesOf(sync, 'AWS::CloudWatch::Alarm')) {
      expect(Properties.AlarmActions.map(targetOf)).toEqual(['Operations']);
      expect(Properties.OKActions.map(targetOf)).toEqual(['Operations']);
    }
  });

  it('gives ops every output of its contract', () => {
    const keys = [data, sync].flatMap(({ Outputs }) =>
      Object.entries(Outputs).flatMap(([key, output]) => (output.Export === undefined ? [key] : [])),
    );
    expect(keys.sort()).toEqual([
      ...(stage === 'full' ? ['AccountIds'] : []),
      'AlertDeadLettersUrl',
      'AlertQueueUrl',
      'AlertsTopicArn',
      'AnalystPolicy',
      'AutodeskBaseUrl',
      ...(stage === 'full' ? ['AutodeskMode'] : []),
      'AutodeskRequestsPerMinute',
      'CallbackSecretArn',
      'CallbackUrlBase',
      'ConnectionSecretArn',
      'DataConnectorRequestsPerMinute',
      ...(stage === 'full' ? ['EmailRecipients', 'EmailSender'] : []),
      'EnabledResources',
      'ExtractsBucket',
      'FetchDeadLettersUrl',
      'FetchQueueUrl',
      ...(stage === 'full' ? ['FieldPolicy'] : []),
      'FieldSecretArn',
      'HistoryDays',
      'LakeBucket',
      'LakeDatabase',
      'LakeWorkgroup',
      'ManagementTokenSecretArn',
      'OperationsTopicArn',
      'PurgeDeletedAfterDays',
      'RecordsTable',
      'SlackActionsUrl',
      ...(stage === 'full' ? ['SlackChannels'] : []),
      'SlackSecretArn',
      'SlackSigningSecretArn',
      'StateTable',
      'TimeZone',
      'TokenSecretArn',
      'UrgentQueueUrl',
      'WebhookSecretArn',
      'WebhookUrl',
    ]);
  });

  it("reaches Autodesk at the stage's address, and tells ops the same one", () => {
    const addresses = resourcesOf(sync, 'AWS::Lambda::Function').flatMap(
      ([, { Properties }]) => Properties.Environment?.Variables.AUTODESK_BASE_URL ?? [],
    );
    const wanted = stage === 'full' ? 'https://autodesk.example.com' : 'https://developer.api.autodesk.com';
    expect(addresses).toEqual([wanted]);
    expect(sync.Outputs.AutodeskBaseUrl?.Value).toBe(wanted);
  });

  it('is the same as when it was last reviewed', async () => {
    const text = `${JSON.stringify({ data, sync }, null, 1).replaceAll(/[0-9a-f]{64}/g, '<hash>')}\n`;
    await expect(text).toMatchFileSnapshot(`snapshots/${stage}.json.snap`);
  });
});

describe('the AwsSolutions rules', () => {
  it('stop what breaks them', () => {
    const app = appOf({ prod: {} });
    const stack = app.node.findChild('buildingconnected-sync-prod');
    new Queue(stack, 'Careless');
    expect(() => app.synth()).toThrow(/AwsSolutions-SQS3/);
  });
});

describe('the environment of the functions', () => {
  const schemas = {
    Intake: intakeConfiguration,
    Worker: workerConfiguration,
    Alert: alertConfiguration,
    Publish: publishConfiguration,
  };

  it.each(eachStage)(
    'says the same number of workers to all that hand out work, in stage $stage',
    ({ sync }) => {
      const workers = resourcesOf(sync, 'AWS::Lambda::Function').flatMap(([, { Properties }]) => {
        const concurrency = Properties.Environment?.Variables.WORKER_CONCURRENCY;
        return concurrency === undefined ? [] : [concurrency];
      });
      expect(workers).toHaveLength(2);
      expect(new Set(workers).size).toBe(1);
    },
  );

  it.each(eachStage)('is what they read, in stage $stage', ({ sync }) => {
    for (const [name, schema] of Object.entries(schemas)) {
      const found = resourcesOf(sync, 'AWS::Lambda::Function').find(([id]) => id.startsWith(name));
      const variables = z.record(z.string(), z.unknown()).parse(found?.[1].Properties.Environment.Variables);
      const environment = Object.fromEntries(
        // What only AWS knows is an address, or an opaque name.
        Object.entries(variables).map(([key, value]) => [
          key,
          typeof value === 'string'
            ? value
            : key.endsWith('_URL')
              ? 'https://sqs.example.com/1/queue'
              : 'name',
        ]),
      );
      expect(() => loadConfiguration<z.ZodType>(schema, environment), name).not.toThrow();
      const read = new Set([...Object.keys(schema.in.shape), 'STAGE']);
      const unread = Object.keys(environment).filter(
        (key) => !read.has(key) && !key.startsWith('POWERTOOLS_'),
      );
      expect([name, unread]).toEqual([name, []]);
    }
  });
});

describe('the stages together', () => {
  it('share no name, so that they can live in one account', () => {
    const named = [
      'Name',
      'AlarmName',
      'DashboardName',
      'AliasName',
      'GroupName',
      'FunctionName',
      'QueueName',
    ];
    const names = eachStage.map(({ data, sync, stage }) => {
      const found = [data, sync].flatMap((template) =>
        Object.values(template.Resources).flatMap(({ Type, Properties }) =>
          // A schedule's name is unique in its group, and the group is named after the stage.
          Type === 'AWS::Scheduler::Schedule'
            ? []
            : named.flatMap((key) => (typeof Properties[key] === 'string' ? [Properties[key]] : [])),
        ),
      );
      expect(found.length).toBeGreaterThan(20);
      for (const name of found) expect(name).toContain(`buildingconnected-sync-${stage}`);
      return new Set(found);
    });
    const perStage = names.reduce((sum, { size }) => sum + size, 0);
    expect(new Set(names.flatMap((each) => [...each])).size).toBe(perStage);
  });

  it('count their metrics apart', () => {
    for (const { sync, stage } of eachStage) {
      for (const [, { Properties }] of resourcesOf(sync, 'AWS::Lambda::Function')) {
        expect(Properties.Environment.Variables).toMatchObject({
          POWERTOOLS_SERVICE_NAME: `buildingconnected-sync-${stage}`,
          POWERTOOLS_METRICS_NAMESPACE: 'BuildingConnectedSync',
        });
      }
    }
  });

  it('are those of cdk.json', () => {
    expect(JSON.parse(readFileSync('cdk.json', 'utf8')).app).toBe('node infra/cdk/app.ts');
    expect([...stages.keys()]).toEqual(['dev', 'prod', 'full']);
  });
});
