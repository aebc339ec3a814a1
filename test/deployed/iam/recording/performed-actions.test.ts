import { describe, expect, it } from 'vitest';
import { actionsOf, callerOf } from './performed-actions.ts';

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=000000000000/20261127/us-east-1/any/aws4_request, Signature=0';
const POST = { method: 'POST', path: '/' };
const home = { account: '000000000000', partition: 'aws' };
const table = (name: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;
const QueueUrl = 'http://localhost:4566/000000000000/Fetch';

function needed(target: string, body: unknown): string[] {
  const headers = { 'x-amz-target': target, authorization: AUTHORIZATION };
  return actionsOf({ ...POST, headers, body: JSON.stringify(body) }, home).map(
    ({ action, resource }) => `${action} ${resource}`,
  );
}

it.each([
  ['aws-sdk-js/3.1162.0 api/dynamodb#3.1162.0 app/Worker1A', 'Worker1A'],
  // Powertools adds itself to the application's id.
  ['aws-sdk-js/3.1162.0 app/Worker1A-PT-NO-OP-2.35.0-PTEnv-NA', 'Worker1A'],
  ['aws-sdk-js/3.1162.0', 'unknown'],
  // All that Powertools says where nobody has said who it is.
  ['aws-sdk-js/3.1162.0 app/PT-NO-OP-2.35.0-PTEnv-NA', 'unknown'],
])('the user agent %s is of %s', (agent, caller) => {
  expect(callerOf({ headers: { 'user-agent': agent } })).toBe(caller);
});

describe('what a request to AWS needs', () => {
  it.each([
    ['PutItem', { TableName: 'State' }, [`dynamodb:PutItem ${table('State')}`]],
    ['Query', { TableName: table('State') }, [`dynamodb:Query ${table('State')}`]],
    ['Query', { TableName: 'State', IndexName: 'due' }, [`dynamodb:Query ${table('State')}/index/due`]],
    [
      'BatchWriteItem',
      { RequestItems: { State: [], Records: [] } },
      [`dynamodb:BatchWriteItem ${table('State')}`, `dynamodb:BatchWriteItem ${table('Records')}`],
    ],
    [
      'TransactWriteItems',
      {
        TransactItems: [
          { Put: { TableName: 'State' } },
          { Update: { TableName: 'State' } },
          { Delete: { TableName: 'Records' } },
          { ConditionCheck: { TableName: 'Records' } },
        ],
      },
      [
        `dynamodb:PutItem ${table('State')}`,
        `dynamodb:UpdateItem ${table('State')}`,
        `dynamodb:DeleteItem ${table('Records')}`,
        `dynamodb:ConditionCheckItem ${table('Records')}`,
      ],
    ],
    [
      'TransactGetItems',
      { TransactItems: [{ Get: { TableName: 'State' } }] },
      [`dynamodb:GetItem ${table('State')}`],
    ],
  ])('DynamoDB %s', (operation, body, actions) => {
    expect(needed(`DynamoDB_20120810.${operation}`, body)).toEqual(actions);
  });

  it.each([
    ['SendMessage', 'SendMessage'],
    ['SendMessageBatch', 'SendMessage'],
    ['DeleteMessageBatch', 'DeleteMessage'],
    ['ChangeMessageVisibilityBatch', 'ChangeMessageVisibility'],
    ['ReceiveMessage', 'ReceiveMessage'],
  ])('SQS %s is %s on the queue', (operation, action) => {
    expect(needed(`AmazonSQS.${operation}`, { QueueUrl })).toEqual([
      `sqs:${action} arn:aws:sqs:us-east-1:000000000000:Fetch`,
    ]);
  });

  it.each([
    'arn:aws:secretsmanager:us-east-1:000000000000:secret:Token-a1b2c3',
    // As the emulator knows a secret.
    'Token-a1b2c3',
  ])('Secrets Manager reads %s by its ARN', (SecretId) => {
    expect(needed('secretsmanager.GetSecretValue', { SecretId })).toEqual([
      'secretsmanager:GetSecretValue arn:aws:secretsmanager:us-east-1:000000000000:secret:Token-a1b2c3',
    ]);
  });

  it.each([
    ['GetTable', { DatabaseName: 'd', Name: 't' }],
    ['UpdateTable', { DatabaseName: 'd', TableInput: { Name: 't' } }],
  ])('Glue %s needs the catalog, the database and the table', (operation, body) => {
    expect(needed(`AWSGlue.${operation}`, body)).toEqual(
      ['catalog', 'database/d', 'table/d/t'].map(
        (resource) => `glue:${operation} arn:aws:glue:us-east-1:000000000000:${resource}`,
      ),
    );
  });

  it.each([
    ['PUT', '/lake/tables/a/b.parquet?x-id=PutObject', 's3:PutObject', 'lake/tables/a/b.parquet'],
    ['PUT', '/lake/tables/a%20b?tagging&x-id=PutObjectTagging', 's3:PutObjectTagging', 'lake/tables/a b'],
    ['POST', '/lake/tables/a?uploads', 's3:PutObject', 'lake/tables/a'],
    ['PUT', '/lake/tables/a?partNumber=1&uploadId=u&x-id=UploadPart', 's3:PutObject', 'lake/tables/a'],
    ['POST', '/lake/tables/a?uploadId=u', 's3:PutObject', 'lake/tables/a'],
    [
      'DELETE',
      '/lake/tables/a?uploadId=u&x-id=AbortMultipartUpload',
      's3:AbortMultipartUpload',
      'lake/tables/a',
    ],
    ['PUT', '/lake/tables/a?acl&x-id=PutObjectAcl', 'unknown:PutObjectAcl', 'lake/tables/a'],
    ['GET', '/lake?list-type=2&prefix=tables%2Fa%2F', 's3:ListBucket', 'lake', 'tables/a/'],
    ['DELETE', '/lake', 'unknown:DELETE bucket', 'lake', ''],
  ])('S3 %s %s is %s', (method, path, action, resource, prefix?: string) => {
    const headers = { authorization: AUTHORIZATION.replace('/any/', '/s3/') };
    expect(actionsOf({ method, path, headers, body: '' }, home)).toEqual([
      {
        action,
        resource: `arn:aws:s3:::${resource}`,
        ...(prefix !== undefined && { context: { 's3:prefix': prefix } }),
      },
    ]);
  });

  it.each([
    ['DynamoDB_20120810.ExecuteStatement', { Statement: 'SELECT * FROM "State"' }],
    ['AmazonSQS.CreateQueue', { QueueName: 'Fetch' }],
    ['TrentService.Decrypt', {}],
  ])('is unknown for %s, which no role allows', (target, body) => {
    expect(needed(target, body)).toEqual([`unknown:${target} *`]);
  });

  it('is unknown where the body says nothing', () => {
    expect(actionsOf({ ...POST, headers: {}, body: '' }, home)).toEqual([
      { action: 'unknown:request', resource: '*' },
    ]);
    const headers = { 'x-amz-target': 'AmazonSQS.SendMessage' };
    expect(actionsOf({ ...POST, headers, body: '{' }, home)).toMatchObject([
      { action: 'unknown:AmazonSQS.SendMessage' },
    ]);
  });
});
