import { readFile } from 'node:fs/promises';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createLocalClients, type LocalClients } from '../../../infra/local/engines/clients.ts';
import { type RunningDynalite, startDynalite } from '../../../infra/local/engines/dynalite.ts';
import { type RunningFauxqs, startFauxqs } from '../../../infra/local/engines/fauxqs.ts';
import { queueUrls, TOPIC_ARN } from '../../../infra/local/engines/queues.ts';
import { createTables, LOCAL_TABLES } from '../../../infra/local/engines/tables.ts';
import { SANDBOX_CLIENT, type Sandbox, startSandbox } from '../../../infra/sandbox/sandbox.ts';
import { signedClick } from '../../../infra/sandbox/slack/click.ts';
import { SANDBOX_SLACK } from '../../../infra/sandbox/slack/workspace.ts';
import { MANAGEMENT_SCOPES, SCOPES } from '../../../shared/autodesk/connection/credentials.ts';
import { systemClock } from '../../../shared/clock.ts';
import { hookHealthItem } from '../../../shared/composition/stores.ts';
import { readTable } from '../../support/lake/read-table.ts';
import { type GlueStandIn, startGlueStandIn } from '../../support/processes/glue-stand-in.ts';
import { type RunningFunction, startLambda } from '../../support/processes/lambda-runtime.ts';
import { type SecretsStandIn, startSecretsStandIn } from '../../support/processes/secrets-stand-in.ts';
import { type SynthesisedApp, synthesiseByCommand } from './synthesise-command.ts';

const STACK = 'buildingconnected-sync-prod';
const TOKEN = 'a'.repeat(43);
const LAKE_BUCKET = 'lake';

let app: SynthesisedApp;

beforeAll(async () => {
  app = await synthesiseByCommand();
}, 120_000);

afterAll(() => app?.remove());

describe('npm run synth, without credentials and without an account', () => {
  it('writes two stacks a stage', () => {
    expect(app.templateFiles.map((file) => file.replace(/.*\//, '')).sort()).toEqual([
      'buildingconnected-sync-dev-data.template.json',
      'buildingconnected-sync-dev.template.json',
      'buildingconnected-sync-prod-data.template.json',
      'buildingconnected-sync-prod.template.json',
    ]);
  });
});

const functionProperties = z.object({
  Code: z.object({ S3Key: z.string() }),
  Timeout: z.number(),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

/** The token of somebody who signed in a while ago: the first use renews it. */
function expiredToken({ authorization }: Sandbox, scopes: readonly string[]) {
  const longAgo = new Date(Date.now() - 3 * 24 * 60 * 60 * 1000).toISOString();
  return {
    generation: 1,
    accessToken: 'expired',
    accessTokenExpiresAt: longAgo,
    refreshToken: authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, [...scopes]),
    obtainedAt: longAgo,
  };
}

describe('the bundles, as Lambda runs them', () => {
  let dynalite: RunningDynalite;
  let fauxqs: RunningFauxqs;
  let secrets: SecretsStandIn;
  let glue: GlueStandIn;
  let sandbox: Sandbox;
  let clients: LocalClients;
  let queues: ReturnType<typeof queueUrls>;
  const running: RunningFunction[] = [];

  beforeAll(async () => {
    [dynalite, fauxqs, secrets, glue, sandbox] = await Promise.all([
      startDynalite(),
      startFauxqs(),
      startSecretsStandIn(),
      startGlueStandIn(),
      startSandbox({ scale: { projects: 2, pairs: 2, invites: 7, forms: 1, requests: 1, jobs: 1 } }),
    ]);
    clients = createLocalClients({ dynamodb: dynalite.endpoint, queues: fauxqs.endpoint });
    queues = queueUrls(fauxqs.endpoint);
    secrets.values.set('CALLBACK_SECRET_ARN', JSON.stringify({ current: TOKEN }));
    secrets.values.set('CONNECTION_SECRET_ARN', JSON.stringify(SANDBOX_CLIENT));
    secrets.values.set('TOKEN_SECRET_ARN', JSON.stringify(expiredToken(sandbox, SCOPES)));
    await createTables(clients.dynamodb);
  });

  afterAll(async () => {
    await Promise.all(running.map((each) => each.stop()));
    clients?.destroy();
    secrets?.stop();
    glue?.stop();
    await Promise.all([dynalite?.stop(), fauxqs?.stop(), sandbox?.close()]);
  });

  /** What AWS would fill in for the references of the template. */
  function localValue(variable: string): string {
    const values: Record<string, string> = {
      RECORDS_TABLE: LOCAL_TABLES.records,
      STATE_TABLE: LOCAL_TABLES.state,
      FETCH_QUEUE_URL: queues.fetch,
      URGENT_QUEUE_URL: queues.urgent,
      FETCH_DEAD_LETTERS_URL: queues.fetchDeadLetters,
      ALERT_QUEUE_URL: queues.alert,
      ALERT_DEAD_LETTERS_URL: queues.alertDeadLetters,
      ALERTS_TOPIC_ARN: TOPIC_ARN,
      LAKE_BUCKET,
    };
    const value = values[variable] ?? (variable.endsWith('_SECRET_ARN') ? variable : undefined);
    if (value === undefined) throw new Error(`The test knows no local value of ${variable}.`);
    return value;
  }

  /** The function of the template, with its own bundle, its own timeout and its own variables. */
  async function startShipped(
    name: 'Intake' | 'Worker' | 'Alert' | 'Slack' | 'Publish',
    changed: Record<string, string> = {},
  ): Promise<RunningFunction> {
    const { Resources } = z
      .object({ Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })) })
      .parse(JSON.parse(await readFile(`${app.folder}/${STACK}.template.json`, 'utf8')));
    const found = Object.entries(Resources).find(
      ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith(name),
    );
    const { Code, Timeout, Environment } = functionProperties.parse(found?.[1].Properties);
    const lambda = await startLambda({
      folder: await app.bundleOf(STACK, Code.S3Key.replace('.zip', '')),
      timeoutMs: Timeout * 1000,
      environment: {
        ...Object.fromEntries(
          Object.entries(Environment.Variables).map(([variable, value]) => [
            variable,
            typeof value === 'string' ? value : localValue(variable),
          ]),
        ),
        AWS_ENDPOINT_URL_DYNAMODB: dynalite.endpoint,
        AWS_ENDPOINT_URL_SQS: fauxqs.endpoint,
        AWS_ENDPOINT_URL_SNS: fauxqs.endpoint,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
        AWS_ENDPOINT_URL_S3: fauxqs.endpoint,
        AWS_ENDPOINT_URL_GLUE: glue.endpoint,
        ...changed,
      },
    });
    running.push(lambda);
    return lambda;
  }

  /** Takes the messages that are there now off a queue. */
  async function take(queueUrl: string): Promise<string[]> {
    const { Messages = [] } = await clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
    );
    for (const { ReceiptHandle } of Messages) {
      await clients.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
    return Messages.map(({ Body }) => Body ?? '');
  }

  async function itemsOf(table: string): Promise<string[]> {
    const { Items = [] } = await clients.dynamodb.send(new ScanCommand({ TableName: table }));
    return Items.map(({ pk }) => pk?.S ?? '');
  }

  function httpRequest(method: string, token: string, body?: unknown) {
    const path = `/callbacks/data-connector/${token}`;
    return {
      version: '2.0',
      routeKey: 'ANY /callbacks/data-connector/{token}',
      rawPath: path,
      rawQueryString: '',
      headers: { 'content-type': 'application/json', host: 'api.example.com' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'api',
        domainName: 'api.example.com',
        domainPrefix: 'api',
        http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
        requestId: 'request',
        routeKey: 'ANY /callbacks/data-connector/{token}',
        stage: '$default',
        time: '22/Nov/2026:01:00:00 +0000',
        timeEpoch: 1795309200000,
      },
      pathParameters: { token },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      isBase64Encoded: false,
    };
  }

  function queueEvent(messageId: string, body: string) {
    return {
      Records: [
        {
          messageId,
          receiptHandle: 'receipt',
          body,
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: '1795309200000',
            SenderId: 'sender',
            ApproximateFirstReceiveTimestamp: '1795309200001',
            MessageGroupId: 'alerts',
          },
          messageAttributes: {},
          md5OfBody: '00000000000000000000000000000000',
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue',
          awsRegion: 'us-east-1',
        },
      ],
    };
  }

  it('take a schedule in and mirror a list', async () => {
    const intake = await startShipped('Intake');
    const worker = await startShipped('Worker', { AUTODESK_BASE_URL: sandbox.origin });
    const schedule = { trigger: 'sync', mode: 'incremental', resources: ['invites'] };
    expect(await intake.invoke(schedule), intake.log().join('\n')).toEqual({
      kind: 'answered',
      payload: null,
    });

    let messages = await take(queues.fetch);
    expect(messages.map((body) => JSON.parse(body))).toEqual([
      expect.objectContaining({ kind: 'run', resource: 'invites' }),
    ]);
    while (messages.length > 0) {
      for (const body of messages) {
        const outcome = await worker.invoke(queueEvent('fetch', body));
        expect(outcome, worker.log().join('\n')).toEqual({
          kind: 'answered',
          payload: { batchItemFailures: [] },
        });
      }
      messages = await take(queues.fetch);
    }

    const stored = (await itemsOf(LOCAL_TABLES.records)).filter((pk) => pk.includes('invites'));
    expect(stored).toHaveLength(sandbox.data.records('invites').length);
    expect(JSON.parse(secrets.values.get('TOKEN_SECRET_ARN') ?? '{}')).toMatchObject({ generation: 2 });
    const counted = worker.log().filter((line) => line.includes('"RunsCompleted"'));
    expect(JSON.parse(counted[0] ?? '{}')).toMatchObject({ service: STACK, resource: 'invites' });
  });

  it('switch on a webhook that is off, with the management sign-in, which is renewed in its own secret', async () => {
    const { hooks, user } = sandbox;
    const callbackUrl = 'http://127.0.0.1:9/webhooks/autodesk';
    const { hookId, event } = hooks.add({
      event: 'bid.created',
      callbackUrl,
      companyId: String(user.companyId),
      autoReactivateHook: true,
    });
    hooks.change(hookId, { status: 'inactive' });
    secrets.values.set(
      'MANAGEMENT_TOKEN_SECRET_ARN',
      JSON.stringify(expiredToken(sandbox, MANAGEMENT_SCOPES)),
    );
    const own = secrets.values.get('TOKEN_SECRET_ARN');
    const health = hookHealthItem({ ...clients, tables: LOCAL_TABLES, clock: systemClock });
    const watched = { hookId, event, status: 'active' };
    await health.write({ setUp: { region: 'US', callbackUrl }, hooks: [watched] }, 0);
    const worker = await startShipped('Worker', { AUTODESK_BASE_URL: sandbox.origin });

    const outcome = await worker.invoke(queueEvent('look', JSON.stringify({ kind: 'keep-alive' })));

    expect(outcome, worker.log().join('\n')).toEqual({
      kind: 'answered',
      payload: { batchItemFailures: [] },
    });
    expect(hooks.get(hookId)?.status).toBe('active');
    expect((await health.read()).value).toMatchObject({ hooks: [watched], lookedAt: expect.any(String) });
    const renewed = JSON.parse(secrets.values.get('MANAGEMENT_TOKEN_SECRET_ARN') ?? '{}');
    expect(renewed).toMatchObject({ generation: 2 });
    expect(secrets.values.get('TOKEN_SECRET_ARN')).toBe(own);
    expect(await itemsOf(LOCAL_TABLES.state)).toContain('management-token');
    expect((await take(queues.fetch)).map((body) => JSON.parse(body))).toEqual([
      expect.objectContaining({ kind: 'run', resource: 'bids' }),
    ]);
  });

  it('publish what is mirrored as tables', async () => {
    const s3 = new S3Client({
      endpoint: fauxqs.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await s3.send(new CreateBucketCommand({ Bucket: LAKE_BUCKET }));
    const publish = await startShipped('Publish');
    const outcome = await publish.invoke({ trigger: 'publish' });
    expect(outcome, publish.log().join('\n')).toEqual({ kind: 'answered', payload: null });

    const place = glue.tables.get('invites')?.StorageDescriptor.Location.replace(`s3://${LAKE_BUCKET}/`, '');
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: LAKE_BUCKET, Prefix: place ?? 'nowhere' }),
    );
    const files = await Promise.all(
      Contents.map(async ({ Key }) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: LAKE_BUCKET, Key }));
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      }),
    );
    s3.destroy();
    expect((await readTable(files)).map(({ id }) => id).sort()).toEqual(
      sandbox.data
        .records('invites')
        .map(({ id }) => id)
        .sort(),
    );
  });

  it('answer requests at the endpoint', async () => {
    const intake = await startShipped('Intake');
    const status = async (request: unknown) => {
      const outcome = await intake.invoke(request);
      return outcome.kind === 'answered'
        ? z.object({ statusCode: z.number() }).parse(outcome.payload).statusCode
        : outcome;
    };
    const callback = { accountId: 'a', requestId: 'r', jobId: 'j', state: 'complete', success: true };
    expect(await status(httpRequest('POST', 'b'.repeat(43), callback))).toBe(404);
    expect(await status(httpRequest('GET', TOKEN))).toBe(405);
    expect(await status(httpRequest('POST', TOKEN, { jobId: 1 }))).toBe(400);
    expect(await status(httpRequest('POST', TOKEN, callback))).toBe(403);
    const counted = intake.log().filter((line) => line.includes('"CallbacksRefused"'));
    expect(counted.length).toBeGreaterThan(0);
    expect(JSON.parse(counted[0] ?? '')).toMatchObject({ service: STACK, CallbacksRefused: 1 });
    expect(intake.log().join('\n')).not.toContain(TOKEN);
  });

  it('answer a click within the three seconds that Slack waits, their start included', async () => {
    const { signingSecret } = SANDBOX_SLACK;
    secrets.values.set('SLACK_SIGNING_SECRET_ARN', JSON.stringify({ signingSecret }));
    const message = { channel: 'C1', ts: '1.0', text: '', blocks: [] };
    const element = { actionId: 'acknowledge', blockId: 'b', value: 'acknowledge no-such-incident' };
    const { headers, body } = signedClick(message, element, systemClock);
    const request = {
      version: '2.0',
      headers,
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
      requestContext: { http: { method: 'POST' } },
    };
    const startedMs = performance.now();
    const slack = await startShipped('Slack');
    const outcome = await slack.invoke(request);
    expect(outcome, slack.log().join('\n')).toMatchObject({ kind: 'answered', payload: { statusCode: 200 } });
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    expect(await slack.invoke({ ...request, headers: {} })).toMatchObject({ payload: { statusCode: 401 } });
    expect((await take(queues.alert)).at(-1)).toContain('no-such-incident');
  });

  it('fail with the error of the handler, so that Scheduler tries again', async () => {
    const intake = await startShipped('Intake');
    expect(await intake.invoke({ trigger: 'no such thing' })).toMatchObject({
      kind: 'failed',
      errorType: 'UnreadableMessageError',
    });
  });

  it('tell where in the sources an error was thrown', async () => {
    const intake = await startShipped('Intake');
    expect(await intake.invoke({ trigger: 'no such thing' })).toMatchObject({
      stackTrace: expect.stringMatching(/functions\/intake\/intake\.ts:\d+:\d+/),
    });
  });

  it('evaluate alerts, and park what cannot be read', async () => {
    const alert = await startShipped('Alert');
    const evaluated = await alert.invoke(queueEvent('1', JSON.stringify({ kind: 'evaluate' })));
    expect(evaluated, alert.log().join('\n')).toEqual({
      kind: 'answered',
      payload: { batchItemFailures: [] },
    });
    const parked = await alert.invoke(queueEvent('2', 'not a message'));
    expect(parked, alert.log().join('\n')).toEqual({ kind: 'answered', payload: { batchItemFailures: [] } });
    expect(await take(queues.alertDeadLetters)).toEqual(['not a message']);
  });

  it('stop at once, naming every setting, where settings are missing', async () => {
    const intake = await startShipped('Intake', { STATE_TABLE: '', FETCH_QUEUE_URL: '' });
    const outcome = await intake.invoke({ trigger: 'tick' });
    expect(outcome).toMatchObject({ kind: 'failed', errorType: 'ConfigurationError' });
    expect(outcome).toMatchObject({ errorMessage: expect.stringMatching(/STATE_TABLE.*FETCH_QUEUE_URL/) });
  });
});
