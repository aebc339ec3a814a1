import * as z from 'zod';
import { type Deployment, type FoundResource, UnsupportedTemplateError } from './policies/deployment.ts';
import type { PerformedAction } from './recording/performed-actions.ts';

const POLLED = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
/** The group and a stream that nobody has to know the name of: Lambda chooses it. */
const LOG_STREAM = 'log-stream:any';

/**
 * What each action needs of the key that its resource is encrypted with, as the guides of the services say.
 * DynamoDB's guide asks for more without saying what for; to decrypt the table's key is what each request needs.
 */
const KEY_ACTIONS: Record<string, string[]> = {
  'sqs:SendMessage': ['kms:GenerateDataKey', 'kms:Decrypt'],
  'sqs:ReceiveMessage': ['kms:Decrypt'],
  's3:GetObject': ['kms:Decrypt'],
  's3:PutObject': ['kms:GenerateDataKey'],
  'sns:Publish': ['kms:GenerateDataKey', 'kms:Decrypt'],
  'secretsmanager:GetSecretValue': ['kms:Decrypt'],
  'secretsmanager:PutSecretValue': ['kms:GenerateDataKey', 'kms:Decrypt'],
};
const TABLE_KEY_ACTIONS = ['kms:Decrypt'];

const functionProperties = z.object({
  DeadLetterConfig: z.object({ TargetArn: z.unknown() }).optional(),
  LoggingConfig: z.object({ LogGroup: z.unknown() }),
  TracingConfig: z.object({ Mode: z.string() }).optional(),
});
const mappingProperties = z.object({
  EventSourceArn: z.unknown(),
  FunctionName: z.object({ Ref: z.string() }),
});
const keyProperties = z.object({
  KmsMasterKeyId: z.unknown().optional(),
  KmsKeyId: z.unknown().optional(),
  SSESpecification: z.object({ KMSMasterKeyId: z.unknown() }).optional(),
  BucketEncryption: z
    .object({
      ServerSideEncryptionConfiguration: z.tuple([
        z.object({ ServerSideEncryptionByDefault: z.object({ KMSMasterKeyID: z.unknown() }) }),
      ]),
    })
    .transform(
      ({ ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault }] }) =>
        ServerSideEncryptionByDefault,
    )
    .optional(),
});

/**
 * What AWS does with a function's role that no request of the function shows: it polls the queue, keeps events that
 * failed, writes logs and traces, and uses the keys of what the requests are about.
 */
export function impliedActions(
  deployment: Deployment,
  recorded: readonly PerformedAction[],
): PerformedAction[] {
  const byLambda = [
    ...deployment.resourcesOf('AWS::Lambda::Function').flatMap((lambda) => ofFunction(deployment, lambda)),
    ...deployment.resourcesOf('AWS::Lambda::EventSourceMapping').flatMap(({ stack, properties }) => {
      const { EventSourceArn, FunctionName } = mappingProperties.parse(properties);
      const resource = deployment.resolve(stack, EventSourceArn);
      if (!resource.includes(':sqs:'))
        throw new UnsupportedTemplateError(`Events that come from ${resource}.`);
      return POLLED.map((action) => ({ caller: FunctionName.Ref, action, resource }));
    }),
  ];
  const keys = keysOf(deployment);
  return [
    ...byLambda,
    ...[...recorded, ...byLambda].flatMap((performed) => useOfKey(performed, keys, deployment.region)),
  ];
}

function ofFunction(deployment: Deployment, lambda: FoundResource): PerformedAction[] {
  const { stack, logicalId: caller } = lambda;
  const { DeadLetterConfig, LoggingConfig, TracingConfig } = functionProperties.parse(lambda.properties);
  const group = deployment
    .resourcesOf('AWS::Logs::LogGroup')
    .find(
      (each) =>
        each.stack === stack &&
        stack.physicalIds[each.logicalId] === deployment.resolve(stack, LoggingConfig.LogGroup),
    );
  if (group === undefined)
    throw new UnsupportedTemplateError(`The log group of ${caller} is not in its stack.`);
  const stream = deployment.arnOf(group).replace(/\*$/, LOG_STREAM);
  const kept = DeadLetterConfig === undefined ? [] : [deployment.resolve(stack, DeadLetterConfig.TargetArn)];
  const traced =
    TracingConfig?.Mode === 'Active' ? ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'] : [];
  return [
    ...['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({ caller, action, resource: stream })),
    ...kept.map((resource) => ({ caller, action: 'sqs:SendMessage', resource })),
    ...traced.map((action) => ({ caller, action, resource: '*' })),
  ];
}

/** The customer-managed key by the ARN of what is encrypted with it. */
function keysOf(deployment: Deployment): Map<string, string> {
  const keys = new Map<string, string>();
  for (const found of deployment.resourcesOf(
    'AWS::DynamoDB::Table',
    'AWS::S3::Bucket',
    'AWS::SQS::Queue',
    'AWS::SNS::Topic',
    'AWS::SecretsManager::Secret',
  )) {
    const { KmsMasterKeyId, KmsKeyId, SSESpecification, BucketEncryption } = keyProperties.parse(
      found.properties,
    );
    const key =
      KmsMasterKeyId ?? KmsKeyId ?? SSESpecification?.KMSMasterKeyId ?? BucketEncryption?.KMSMasterKeyID;
    if (key !== undefined) keys.set(deployment.arnOf(found), deployment.resolve(found.stack, key));
  }
  return keys;
}

function useOfKey(
  { caller, action, resource }: PerformedAction,
  keys: ReadonlyMap<string, string>,
  region: string,
): PerformedAction[] {
  // Of the table of an index, or the bucket of a file.
  const key = keys.get(resource.replace(/\/index\/.*$|(?<=^arn:[^:]+:s3:::[^/]+)\/.*$/, ''));
  if (key === undefined) return [];
  const [service = ''] = action.split(':');
  const needed = service === 'dynamodb' ? TABLE_KEY_ACTIONS : (KEY_ACTIONS[action] ?? []);
  const context = { 'kms:ViaService': `${service}.${region}.amazonaws.com` };
  return needed.map((keyAction) => ({ caller, action: keyAction, resource: key, context }));
}
