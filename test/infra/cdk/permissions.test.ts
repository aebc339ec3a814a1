import { expect, it } from 'vitest';
import * as z from 'zod';
import type { StackTemplate } from './stack-template.ts';
import { resourcesOf, synthesiseStages, targetOf } from './synthesise.ts';

const stages = synthesiseStages();
const prod = stages.get('prod');
const full = stages.get('full');

const conditions = z.union([
  z
    .object({ StringEquals: z.object({ 'kms:ViaService': z.object({ 'Fn::Join': z.array(z.unknown()) }) }) })
    .transform(({ StringEquals }) => serviceIn(JSON.stringify(StringEquals['kms:ViaService']['Fn::Join']))),
  z
    .object({ StringLike: z.object({ 's3:prefix': z.union([z.string(), z.array(z.string())]) }) })
    .transform(({ StringLike }) => ` below ${[StringLike['s3:prefix']].flat().join(' and ')}`),
]);

const policy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.literal('Allow'),
        Action: z.union([z.string(), z.array(z.string())]).transform((action) => [action].flat()),
        Resource: z.unknown().transform((resource) => [resource].flat()),
        Condition: conditions.default(''),
      }),
    ),
  }),
});

/** What a role may do, a line for each action on each resource; logical ids without CDK's hash. */
function permissionsOf({ Resources }: StackTemplate, role: string): string[] {
  const document = Object.entries(Resources).find(
    ([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith(`${role}RoleDefaultPolicy`),
  );
  return statementsOf(document?.[1].Properties);
}

function statementsOf(properties: unknown): string[] {
  return policy
    .parse(properties)
    .PolicyDocument.Statement.flatMap(({ Action, Resource, Condition }) =>
      Resource.flatMap((resource) => Action.map((action) => `${action} on ${nameOf(resource)}${Condition}`)),
    )
    .sort();
}

function nameOf(resource: unknown): string {
  if (resource === '*') return '*';
  const inAccount = z
    .object({
      'Fn::Join': z.tuple([z.literal(''), z.array(z.union([z.string(), z.object({ Ref: z.string() })]))]),
    })
    .safeParse(resource);
  if (inAccount.success && inAccount.data['Fn::Join'][1][0] === 'arn:') {
    const parts = inAccount.data['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : ''));
    return parts
      .join('')
      .replace(/^arn::[a-z]+:::?/, '')
      .replace(/^:/, '');
  }
  const joined = z
    .object({ 'Fn::Join': z.tuple([z.literal(''), z.tuple([z.unknown(), z.string()])]) })
    .safeParse(resource);
  if (joined.success) {
    const [, [target, suffix]] = joined.data['Fn::Join'];
    return `${nameOf(target)}${suffix}`;
  }
  return targetOf(resource).replace(/[0-9A-F]{8}$/, '');
}

function serviceIn(condition: string | undefined): string {
  const service = /"([a-z0-9]+)\.",/.exec(condition ?? '')?.[1];
  return service === undefined ? '' : ` through ${service}`;
}

const items = (actions: string[], table: string) => actions.map((action) => `dynamodb:${action} on ${table}`);
const indexes = (...names: string[]) => names.map((index) => `dynamodb:Query on Records/index/${index}`);
const consume = (queue: string) =>
  ['DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage'].map((action) => `sqs:${action} on ${queue}`);
const tableKey = [
  'Decrypt',
  'DescribeKey',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
].map((action) => `kms:${action} on Key through dynamodb`);
const key = (service: string, actions: string[]) =>
  actions.map((action) => `kms:${action} on Key through ${service}`);
const glue = (actions: string[]) =>
  actions.flatMap((action) =>
    ['catalog', 'database/buildingconnected_prod', 'table/buildingconnected_prod/*'].map(
      (resource) => `glue:${action} on ${resource}`,
    ),
  );
const every = (name: string) => [
  `logs:CreateLogStream on ${name}Logs`,
  `logs:PutLogEvents on ${name}Logs`,
  'xray:PutTelemetryRecords on *',
  'xray:PutTraceSegments on *',
];

const EXPECTED = {
  Intake: [
    ...every('Intake'),
    ...items(['GetItem', 'PutItem', 'Query', 'UpdateItem'], 'State'),
    ...tableKey,
    ...key('secretsmanager', ['Decrypt']),
    ...key('sqs', ['Decrypt', 'GenerateDataKey']),
    'secretsmanager:GetSecretValue on Callback',
    'secretsmanager:GetSecretValue on Webhook',
    'sqs:SendMessage on AlertQueue',
    'sqs:SendMessage on FetchQueue',
    'sqs:SendMessage on FetchQueueUrgent',
    'sqs:SendMessage on SchedulesDeadLetters',
  ],
  Worker: [
    ...every('Worker'),
    ...items(['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'], 'Records'),
    ...items(['BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'], 'State'),
    ...indexes('attention', 'by-update'),
    ...tableKey,
    ...consume('FetchQueue'),
    ...consume('FetchQueueUrgent'),
    ...key('secretsmanager', ['Decrypt', 'GenerateDataKey']),
    ...key('sqs', ['Decrypt', 'GenerateDataKey']),
    'secretsmanager:GetSecretValue on Connection',
    'secretsmanager:GetSecretValue on Management',
    'secretsmanager:GetSecretValue on Token',
    'secretsmanager:PutSecretValue on Management',
    'secretsmanager:PutSecretValue on Token',
    'sqs:SendMessage on AlertQueue',
    'sqs:SendMessage on FetchQueue',
    'sqs:SendMessage on FetchQueueDeadLetters',
    'sqs:SendMessage on FetchQueueUrgent',
  ],
  Alert: [
    ...every('Alert'),
    ...items(['BatchGetItem', 'GetItem'], 'Records'),
    ...items(['DeleteItem', 'GetItem', 'PutItem', 'Query'], 'State'),
    ...indexes('attention', 'by-project', 'by-update'),
    ...tableKey,
    ...consume('AlertQueue'),
    ...key('secretsmanager', ['Decrypt']),
    ...key('sns', ['Decrypt', 'GenerateDataKey']),
    ...key('sqs', ['Decrypt', 'GenerateDataKey']),
    'secretsmanager:GetSecretValue on Slack',
    'secretsmanager:GetSecretValue on Token',
    'sns:Publish on Alerts',
    'sqs:SendMessage on AlertQueueDeadLetters',
  ],
  Slack: [
    ...every('Slack'),
    ...items(['GetItem', 'PutItem', 'Query'], 'State'),
    ...tableKey,
    ...key('secretsmanager', ['Decrypt']),
    ...key('sqs', ['Decrypt', 'GenerateDataKey']),
    'secretsmanager:GetSecretValue on SlackSigning',
    'sqs:SendMessage on AlertQueue',
  ],
  Publish: [
    ...every('Publish'),
    ...items(['BatchGetItem', 'GetItem', 'Query'], 'Records'),
    ...items(['GetItem', 'PutItem'], 'State'),
    ...indexes('by-update'),
    ...tableKey,
    ...glue(['CreateTable', 'GetTable', 'UpdateTable']),
    ...key('s3', ['GenerateDataKey']),
    's3:ListBucket on LakeBucket below tables/*',
    's3:PutObject on LakeBucket/tables/*',
    's3:PutObjectTagging on LakeBucket/tables/*',
  ],
  Schedules: [
    ...key('sqs', ['Decrypt', 'GenerateDataKey']),
    'lambda:InvokeFunction on IntakeFunction',
    'lambda:InvokeFunction on PublishFunction',
    'sqs:SendMessage on SchedulesDeadLetters',
  ],
};

it.each(Object.entries(EXPECTED))('%s may do exactly this', (role, expected) => {
  if (prod === undefined) throw new Error('There is no stage prod.');
  const found = permissionsOf(prod.sync, role);
  expect([...new Set(found)]).toEqual([...expected].sort());
});

it('a stage that lands extracts and hashes fields lets its functions do exactly this in addition', () => {
  if (prod === undefined || full === undefined) throw new Error('A stage is missing.');
  const added = (name: string) => {
    const usual = new Set(permissionsOf(prod.sync, name));
    return permissionsOf(full.sync, name).filter((permission) => !usual.has(permission));
  };
  expect(added('Worker').sort()).toEqual([
    ...key('s3', ['Decrypt', 'GenerateDataKey']),
    's3:AbortMultipartUpload on Extracts/extracts/*',
    's3:GetObject on Extracts/extracts/*',
    's3:ListBucket on Extracts',
    's3:PutObject on Extracts/extracts/*',
    'secretsmanager:GetSecretValue on Field',
  ]);
  // Its database is named after the stage.
  expect(
    added('Publish')
      .filter((permission) => !permission.startsWith('glue:'))
      .sort(),
  ).toEqual([...key('s3', ['Decrypt']), 's3:GetObject on Extracts/extracts/*', 's3:ListBucket on Extracts']);
});

it('no other role has a policy', () => {
  const roles = prod ? resourcesOf(prod.sync, 'AWS::IAM::Policy').map(([id]) => id) : [];
  expect(roles.map((id) => id.replace(/RoleDefaultPolicy.*/, '')).sort()).toEqual(
    Object.keys(EXPECTED).sort(),
  );
  expect(prod && resourcesOf(prod.sync, 'AWS::IAM::ManagedPolicy')).toEqual([]);
});

it('an analyst may ask what this stage publishes, in its workgroup, and do nothing else', () => {
  const policies = prod ? resourcesOf(prod.data, 'AWS::IAM::ManagedPolicy') : [];
  expect(policies.flatMap(([, { Properties }]) => statementsOf(Properties)).sort()).toEqual(
    [
      ...[
        'BatchGetQueryExecution',
        'GetQueryExecution',
        'GetQueryResults',
        'GetQueryResultsStream',
        'GetWorkGroup',
        'ListQueryExecutions',
        'StartQueryExecution',
        'StopQueryExecution',
      ].map((action) => `athena:${action} on workgroup/buildingconnected-sync-prod`),
      ...['GetTableMetadata', 'ListDatabases', 'ListTableMetadata'].map(
        (action) => `athena:${action} on datacatalog/AwsDataCatalog`,
      ),
      ...glue(['GetDatabase', 'GetTable', 'GetTables']),
      'glue:GetDatabase on database/default',
      ...key('s3', ['Decrypt', 'GenerateDataKey']),
      's3:AbortMultipartUpload on LakeBucket/results/*',
      's3:GetBucketLocation on LakeBucket',
      's3:GetObject on LakeBucket/results/*',
      's3:GetObject on LakeBucket/tables/*',
      's3:ListBucket on LakeBucket below tables/* and results/*',
      's3:ListBucketMultipartUploads on LakeBucket',
      's3:ListMultipartUploadParts on LakeBucket/results/*',
      's3:PutObject on LakeBucket/results/*',
    ].sort(),
  );
});

it('the worker alone reads the secret that fields are hashed with', () => {
  if (full === undefined) throw new Error('A stage is missing.');
  const readers = resourcesOf(full.sync, 'AWS::IAM::Policy').filter(([, { Properties }]) =>
    JSON.stringify(Properties).includes('ExportsOutputRefField'),
  );
  expect(readers.map(([id]) => id.replace(/RoleDefaultPolicy.*/, ''))).toEqual(['Worker']);
});
