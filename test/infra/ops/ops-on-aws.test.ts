import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readAutodeskSettings } from '../../../infra/ops/targets/autodesk-access.ts';
import { openAwsTarget } from '../../../infra/ops/targets/aws-target.ts';
import { hashWith } from '../../../shared/privacy/treat-fields.ts';
import { treatRecords } from '../../../shared/privacy/treated-api.ts';
import { ops } from './captured-terminal.ts';
import { describeStage, OUTPUTS } from './described-stage.ts';

const TOKEN = 't'.repeat(43);

const cloudFormation = mockClient(CloudFormationClient);
const sqs = mockClient(SQSClient);
const secretsManager = mockClient(SecretsManagerClient);
const sns = mockClient(SNSClient);
const dynamoDb = mockClient(DynamoDBClient);
const clients = [cloudFormation, sqs, secretsManager, sns, dynamoDb];
// They stand in for the classes themselves, which other tests use.
afterAll(() => {
  for (const client of clients) client.restore();
  vi.unstubAllEnvs();
});

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  for (const client of clients) client.reset();
  describeStage(cloudFormation, OUTPUTS);
  sqs.on(GetQueueAttributesCommand).callsFake(({ QueueUrl, AttributeNames }) => ({
    Attributes: AttributeNames.includes('QueueArn')
      ? { QueueArn: `arn:${QueueUrl}` }
      : { ApproximateNumberOfMessages: QueueUrl.includes('fetch-dead') ? '7' : '0' },
  }));
  secretsManager
    .on(GetSecretValueCommand, { SecretId: 'arn:secret:callback' })
    .resolves({ SecretString: JSON.stringify({ current: TOKEN }) });
});

const onStage = (...args: string[]) => ops([...args, '--stage', 'prod']);

describe('ops with --stage', () => {
  it('finds everything by the outputs of both stacks of the stage', async () => {
    expect(await onStage('callback-url')).toEqual({
      exitCode: 0,
      out: `https://api.test/callbacks/data-connector/${TOKEN}\n`,
      err: '',
    });
    expect(cloudFormation.commandCalls(DescribeStacksCommand).map(({ args }) => args[0].input)).toEqual([
      { StackName: 'buildingconnected-sync-prod-data' },
      { StackName: 'buildingconnected-sync-prod' },
    ]);
  });

  it('says how to deploy a stage that is not there', async () => {
    cloudFormation.reset();
    cloudFormation
      .on(DescribeStacksCommand)
      .rejects(Object.assign(new Error('Stack with id x does not exist'), { name: 'ValidationError' }));

    const { exitCode, err } = await onStage('status');

    expect(exitCode).toBe(1);
    expect(err).toMatch(/^There is no stack buildingconnected-sync-prod-data [^\n]*npm run deploy[^\n]*\n$/);
  });

  it('names every output that a stage of an older version lacks', async () => {
    const { CallbackUrlBase: _, EnabledResources: __, ...older } = OUTPUTS;
    describeStage(cloudFormation, older);

    const { exitCode, err } = await onStage('status');

    expect(exitCode).toBe(1);
    expect(err).toContain('CallbackUrlBase');
    expect(err).toContain('EnabledResources');
  });

  it('reads the status', async () => {
    dynamoDb.on(GetItemCommand).resolves({});
    dynamoDb.on(QueryCommand).resolves({ Items: [] });
    for (const SecretId of ['arn:secret:token', 'arn:secret:connection']) {
      secretsManager.on(GetSecretValueCommand, { SecretId }).resolves({ SecretString: '{}' });
    }

    const { exitCode, out } = await onStage('status', '--json');

    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      resources: [{ resource: 'invites', scope: 'company', lastRun: null }],
      queues: { fetch: { deadLetters: 7 } },
      authorization: { state: 'not-configured', expiresAt: null },
    });
  });

  it("reads a record's history with one look at the record and one query", async () => {
    const item = (readAt: string, n: string) => ({
      resource: { S: 'invites' },
      id: { S: 'i1' },
      scope: { S: 'company' },
      contentHash: { S: n },
      readAt: { S: readAt },
      data: { M: { n: { N: n } } },
    });
    const [first, second] = ['2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z'];
    dynamoDb.on(GetItemCommand).resolves({ Item: item(second, '2') });
    dynamoDb.on(QueryCommand).resolves({ Items: [{ ...item(first, '1'), replacedAt: { S: second } }] });

    const { exitCode, out } = await onStage('history', '--resource', 'invites', '--id', 'i1', '--json');

    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toEqual({
      resource: 'invites',
      id: 'i1',
      versions: [
        { readAt: second, changes: [{ path: 'n', before: 1, after: 2 }], data: { n: 2 } },
        { readAt: first, replacedAt: second, changes: [], data: { n: 1 } },
      ],
    });
    expect(dynamoDb.commandCalls(GetItemCommand)).toHaveLength(1);
    expect(dynamoDb.commandCalls(QueryCommand).map(({ args }) => args[0].input)).toMatchObject([
      {
        ConsistentRead: true,
        ScanIndexForward: false,
        ExpressionAttributeValues: { ':pk': { S: 'history#invites#company#i1' } },
      },
    ]);
  });

  it('counts a service account as connected', async () => {
    dynamoDb.on(GetItemCommand).resolves({});
    dynamoDb.on(QueryCommand).resolves({ Items: [] });
    const SecretString = JSON.stringify({
      kind: 'service-account',
      clientId: 'c',
      clientSecret: 's',
      serviceAccountId: 'a',
      keyId: 'k',
      privateKey: 'p',
    });
    secretsManager
      .on(GetSecretValueCommand, { SecretId: 'arn:secret:connection' })
      .resolves({ SecretString });

    const { out } = await onStage('status', '--json');

    expect(JSON.parse(out).authorization).toEqual({ state: 'connected', expiresAt: null });
  });

  it('treats records as the worker of the stage does, with its policy and its secret', async () => {
    const policy = { invites: { email: 'hash', phoneNumber: 'drop' } };
    describeStage(cloudFormation, { ...OUTPUTS, FieldPolicy: JSON.stringify(policy) });
    const current = 'k'.repeat(43);
    secretsManager
      .on(GetSecretValueCommand, { SecretId: 'arn:secret:field' })
      .resolves({ SecretString: JSON.stringify({ current }) });

    const { treatment, close } = await openAwsTarget('prod');
    const records = [{ id: '1', invitees: [{ email: 'ana@example.com', phoneNumber: '555-0100' }] }];

    expect(await treatRecords('invites', records, treatment)).toEqual([
      { id: '1', invitees: [{ email: hashWith(current)('ana@example.com') }] },
    ]);
    await close();
  });

  it('asks for no secret on a stage that hashes nothing', async () => {
    const { treatment, close } = await openAwsTarget('prod');
    expect(await treatRecords('invites', [{ id: '1', email: 'a' }], treatment)).toEqual([
      { id: '1', email: 'a' },
    ]);
    expect(secretsManager.commandCalls(GetSecretValueCommand)).toEqual([]);
    await close();
  });

  it('rotates the callback secret and keeps the old one valid', async () => {
    const { exitCode, out } = await onStage('callback-url', '--rotate');

    expect(exitCode).toBe(0);
    const [put] = secretsManager.commandCalls(PutSecretValueCommand);
    const written = JSON.parse(put?.args[0].input.SecretString ?? '');
    expect(written).toEqual({ current: expect.stringMatching(/^[0-9a-f]{64}$/), previous: TOKEN });
    expect(put?.args[0].input.SecretId).toBe('arn:secret:callback');
    expect(out).toBe(`https://api.test/callbacks/data-connector/${written.current}\n`);
  });

  it('moves dead letters back, as many as there were, each deleted only after it was sent', async () => {
    const letter = (id: string) => ({
      MessageId: id,
      ReceiptHandle: `receipt of ${id}`,
      Body: `body of ${id}`,
      MessageAttributes: { reason: { DataType: 'String', StringValue: 'it is not JSON' } },
    });
    sqs.on(ReceiveMessageCommand).resolves({});
    sqs
      .on(ReceiveMessageCommand, { QueueUrl: 'https://sqs.test/fetch-dead' })
      .resolvesOnce({ Messages: [letter('m1')] })
      .resolvesOnce({})
      .resolvesOnce({})
      // What fails at once is a dead letter again.
      .callsFake(({ MaxNumberOfMessages: most = 0 }) => ({
        Messages: ['m1', 'm2', 'm3'].slice(0, most).map(letter),
      }));
    sqs.on(ChangeMessageVisibilityCommand).resolves({});
    sqs.on(SendMessageCommand).resolves({});
    sqs.on(DeleteMessageCommand).resolves({});

    const { exitCode, err } = await onStage('redrive');

    expect(exitCode).toBe(0);
    expect(err).toContain('fetch: 1 because it is not JSON');
    expect(err).toContain('fetch: 7 dead letters moved back');
    // What was looked at is there again for the move.
    expect(sqs.commandCalls(ChangeMessageVisibilityCommand).map(({ args }) => args[0].input)).toEqual([
      { QueueUrl: 'https://sqs.test/fetch-dead', ReceiptHandle: 'receipt of m1', VisibilityTimeout: 0 },
    ]);
    const sent = sqs.commandCalls(SendMessageCommand);
    const deleted = sqs.commandCalls(DeleteMessageCommand);
    expect([sent.length, deleted.length]).toEqual([7, 7]);
    expect(sent[0]?.args[0].input).toEqual({ QueueUrl: 'https://sqs.test/fetch', MessageBody: 'body of m1' });
    expect(deleted[0]?.args[0].input).toEqual({
      QueueUrl: 'https://sqs.test/fetch-dead',
      ReceiptHandle: 'receipt of m1',
    });
  });

  it('fills the secrets from standard input', async () => {
    const webhook = 'https://hooks.test/services/T0/B0/abc';
    const { exitCode, out, err } = await ops(['configure', '--stage', 'prod'], {
      input: `AUTODESK_CLIENT_ID=my-app\nAUTODESK_CLIENT_SECRET="s3cret"\nSLACK_WEBHOOK_URL=${webhook}\n`,
    });

    expect(exitCode).toBe(0);
    expect(out + err).not.toMatch(/s3cret|hooks\.test/);
    expect(secretsManager.commandCalls(PutSecretValueCommand).map(({ args }) => args[0].input)).toEqual([
      {
        SecretId: 'arn:secret:connection',
        SecretString: '{"kind":"three-legged","clientId":"my-app","clientSecret":"s3cret"}',
      },
      { SecretId: 'arn:secret:slack', SecretString: `{"webhookUrl":"${webhook}"}` },
    ]);
  });

  it('keeps the token of the Slack app apart from what its clicks are signed with', async () => {
    const { exitCode, out, err } = await ops(['configure', '--stage', 'prod'], {
      input: 'SLACK_BOT_TOKEN=xoxb-s3cret\nSLACK_CHANNEL=C1\nSLACK_SIGNING_SECRET=s1gning\n',
    });

    expect(exitCode).toBe(0);
    expect(out + err).not.toMatch(/s3cret|s1gning/);
    expect(secretsManager.commandCalls(PutSecretValueCommand).map(({ args }) => args[0].input)).toEqual([
      { SecretId: 'arn:secret:slack', SecretString: '{"botToken":"xoxb-s3cret","channel":"C1"}' },
      { SecretId: 'arn:secret:slack-signing', SecretString: '{"signingSecret":"s1gning"}' },
    ]);
  });

  it.each([
    ['nothing', '', 2],
    ['a bot token without its channel', 'SLACK_BOT_TOKEN=xoxb-s3cret', 2],
    ['a secret without its client id', 'AUTODESK_CLIENT_SECRET=s3cret', 2],
    ['an address that is not https', 'SLACK_WEBHOOK_URL=http://hooks.test/s3cret', 1],
  ])('refuses %s on standard input, and stores nothing', async (_what, input, expected) => {
    const { exitCode, err } = await ops(['configure', '--stage', 'prod'], { input });

    expect(exitCode).toBe(expected);
    expect(err).not.toContain('s3cret');
    expect(secretsManager.commandCalls(PutSecretValueCommand)).toEqual([]);
  });

  it('checks the set-up and fails with what to do', async () => {
    dynamoDb.on(GetItemCommand).resolves({}).on(QueryCommand).resolves({ Items: [] });
    secretsManager.on(GetSecretValueCommand).resolves({});
    sns.on(ListSubscriptionsByTopicCommand).resolves({
      Subscriptions: [{ SubscriptionArn: 'PendingConfirmation', Endpoint: 'ada@example.com' }],
    });

    const { exitCode, out } = await onStage('doctor', '--json');

    expect(exitCode).toBe(1);
    const results: { check: string; outcome: string; finding: string; remedy?: string }[] = JSON.parse(out);
    const byCheck = new Map(results.map((result) => [result.check, result]));
    expect(byCheck.get('callback secret')).toMatchObject({ outcome: 'fail' });
    expect(byCheck.get('autodesk')).toMatchObject({ outcome: 'skipped' });
    expect(byCheck.get('connection secret')?.finding).toContain('configure');
    expect(byCheck.get('dead letters')?.remedy).toContain('redrive');
    expect(byCheck.get('email')?.finding).toContain('ada@example.com');
    for (const { outcome, remedy } of results) if (outcome === 'fail') expect(remedy).not.toBe('');
  });
});

describe('a stage that mirrors the sample data', () => {
  it('is asked for nothing else by commands, within its own budget', async () => {
    describeStage(cloudFormation, { ...OUTPUTS, AutodeskMode: 'test', AutodeskRequestsPerMinute: '77' });
    secretsManager
      .on(GetSecretValueCommand, { SecretId: OUTPUTS.ConnectionSecretArn })
      .resolves({ SecretString: JSON.stringify({ clientId: 'app', clientSecret: 's' }) });

    const target = await openAwsTarget('prod');

    expect(await readAutodeskSettings(target)).toMatchObject({
      mode: 'test',
      requestsPerMinute: { buildingconnected: 77, 'data-connector': 54 },
    });
  });
});
