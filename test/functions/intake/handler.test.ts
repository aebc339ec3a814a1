import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { SCHEMA_VERSION } from '../../../shared/dynamodb/tables.ts';
import { CURRENT_TOKEN } from './intake-world.ts';

const ACCOUNT = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';

describe('the deployed intake', () => {
  const sqs = mockClient(SQSClient);
  const dynamoDb = mockClient(DynamoDBClient);
  const secretsManager = mockClient(SecretsManagerClient);
  // They stand in for the classes themselves, which other tests use.
  afterAll(() => {
    for (const client of [sqs, dynamoDb, secretsManager]) client.restore();
    vi.unstubAllEnvs();
  });

  it('sends exactly these requests for a callback, the queue before the table', async () => {
    const order: string[] = [];
    sqs.on(SendMessageCommand).callsFake(() => order.push('queue') && {});
    dynamoDb.on(GetItemCommand).resolves({ Item: { schemaVersion: { N: String(SCHEMA_VERSION) } } });
    dynamoDb.on(PutItemCommand).callsFake(() => order.push('table') && {});
    secretsManager
      .on(GetSecretValueCommand)
      .resolves({ SecretString: JSON.stringify({ current: CURRENT_TOKEN }) });
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
    vi.stubEnv('STATE_TABLE', 'State');
    vi.stubEnv('FETCH_QUEUE_URL', 'https://sqs.test/fetch');
    vi.stubEnv('URGENT_QUEUE_URL', 'https://sqs.test/urgent');
    vi.stubEnv('ALERT_QUEUE_URL', 'https://sqs.test/alert.fifo');
    vi.stubEnv('CALLBACK_SECRET_ARN', 'arn:callback');
    vi.stubEnv('WEBHOOK_SECRET_ARN', 'arn:webhook');
    vi.stubEnv('AUTODESK_ACCOUNT_IDS', `11111111-2222-3333-4444-555555555555, b.${ACCOUNT}`);
    vi.stubEnv('ENABLED_RESOURCES', 'invites,data-connector-jobs');
    const { handler } = await import('../../../functions/intake/handler.ts');
    const body = JSON.stringify({
      accountId: ACCOUNT.toUpperCase(),
      requestId: 'r1',
      jobId: 'j1',
      state: 'complete',
      success: true,
    });

    const answer = await handler(
      {
        version: '2.0',
        headers: { 'content-type': 'application/json' },
        pathParameters: { token: CURRENT_TOKEN },
        body,
        isBase64Encoded: false,
        requestContext: { http: { method: 'POST' } },
      },
      { functionName: 'intake' } as Context,
    );

    expect(answer).toMatchObject({ statusCode: 202, body: '{"status":"accepted"}' });
    expect(order).toEqual(['queue', 'table']);
    expect(sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input)).toEqual([
      {
        QueueUrl: 'https://sqs.test/fetch',
        MessageBody: `{"kind":"confirm-callbacks","accountId":"${ACCOUNT}"}`,
        DelaySeconds: 2,
      },
    ]);
    expect(dynamoDb.commandCalls(PutItemCommand).map(({ args }) => args[0].input)).toEqual([
      {
        TableName: 'State',
        ReturnConsumedCapacity: 'TOTAL',
        ConditionExpression: 'attribute_not_exists(pk)',
        Item: {
          pk: { S: `callback#${ACCOUNT}` },
          sk: { S: 'j1' },
          accountId: { S: ACCOUNT },
          jobId: { S: 'j1' },
          requestId: { S: 'r1' },
          body: { S: body },
          receivedAt: { S: expect.any(String) },
          state: { S: 'received' },
          attempts: { N: '0' },
          dueAt: { S: expect.any(String) },
          expiresAt: { N: expect.stringMatching(/^\d+$/) },
        },
      },
    ]);
  });
});
