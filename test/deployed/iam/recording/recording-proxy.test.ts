import { once } from 'node:events';
import { createServer } from 'node:http';
import { DynamoDBClient, GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.ts';

const HERE = 'us-east-1:000000000000';
const SECRET = `arn:aws:secretsmanager:${HERE}:secret:Token-a1b2c3`;
const TOPIC = `arn:aws:sns:${HERE}:Alerts`;

/** AWS, as far as it answers anything; what it was asked stands in `bodies`. */
const bodies: string[] = [];
const aws = createServer(async (request, response) => {
  bodies.push((await request.toArray()).join(''));
  if (request.headers['x-amz-target']?.includes('GetSecretValue')) {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: 'ResourceNotFoundException', message: 'none' }));
  } else if (request.headers['x-amz-target'] === undefined) {
    response.end(
      '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
    );
  } else {
    response.end(JSON.stringify({ Item: { pk: { S: 'from AWS' } }, MessageId: '1' }));
  }
});
let proxy: RecordingProxy;

beforeEach(async () => {
  bodies.length = 0;
  aws.listen(0, '127.0.0.1');
  await once(aws, 'listening');
  const address = aws.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  proxy = await startRecordingProxy({
    upstream: new URL(`http://127.0.0.1:${address.port}`),
    account: '000000000000',
  });
});

afterEach(async () => {
  await proxy.close();
  aws.close();
  aws.closeAllConnections();
});

function settings(caller?: string) {
  return {
    endpoint: proxy.url,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'any' },
    ...(caller === undefined ? {} : { userAgentAppId: caller }),
  };
}

it('passes requests of the AWS SDK on, answers what AWS answers, and knows who did what', async () => {
  const dynamodb = new DynamoDBClient(settings('Worker1'));
  const read = new GetItemCommand({ TableName: 'State', Key: { pk: { S: 'a' } } });
  expect(await dynamodb.send(read)).toMatchObject({ Item: { pk: { S: 'from AWS' } } });
  await dynamodb.send(
    new TransactWriteItemsCommand({
      TransactItems: [{ Put: { TableName: 'Records', Item: { pk: { S: 'b' } } } }],
    }),
  );
  const queue = new SQSClient({ ...settings('Intake1'), md5: false });
  const QueueUrl = `${proxy.url}/000000000000/Fetch.fifo`;
  await queue.send(new SendMessageCommand({ QueueUrl, MessageBody: 'see' }));
  await new SNSClient(settings('Alert1')).send(new PublishCommand({ TopicArn: TOPIC, Message: 'see' }));
  const secret = new GetSecretValueCommand({ SecretId: SECRET });
  await expect(new SecretsManagerClient(settings('Alert1')).send(secret)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  expect(bodies).toHaveLength(5);
  expect(proxy.recorded()).toEqual([
    { caller: 'Worker1', action: 'dynamodb:GetItem', resource: `arn:aws:dynamodb:${HERE}:table/State` },
    { caller: 'Worker1', action: 'dynamodb:PutItem', resource: `arn:aws:dynamodb:${HERE}:table/Records` },
    { caller: 'Intake1', action: 'sqs:SendMessage', resource: `arn:aws:sqs:${HERE}:Fetch.fifo` },
    { caller: 'Alert1', action: 'sns:Publish', resource: TOPIC },
    { caller: 'Alert1', action: 'secretsmanager:GetSecretValue', resource: SECRET },
  ]);
});

it('lists an action once, and a caller that does not say who it is as unknown', async () => {
  const dynamodb = new DynamoDBClient(settings());
  const read = { TableName: 'State', Key: { pk: { S: 'a' } } };
  await dynamodb.send(new GetItemCommand(read));
  await dynamodb.send(new GetItemCommand(read));
  expect(proxy.recorded()).toMatchObject([{ caller: 'unknown', action: 'dynamodb:GetItem' }]);
});

it('loses the connection where AWS does not answer', async () => {
  aws.close();
  aws.closeAllConnections();
  const read = new GetItemCommand({ TableName: 'State', Key: { pk: { S: 'a' } } });
  await expect(new DynamoDBClient(settings('Worker1')).send(read)).rejects.toThrow();
});
