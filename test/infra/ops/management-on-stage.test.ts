import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openPlace, runOps } from '../../../infra/ops/run-ops.ts';
import { managementToken } from '../../../infra/ops/targets/management-token.ts';
import { SANDBOX_CLIENT, type Sandbox, startSandbox } from '../../../infra/sandbox/sandbox.ts';
import { MANAGEMENT_SCOPES, SCOPES } from '../../../shared/autodesk/connection/credentials.ts';
import { isoTime } from '../../../shared/clock.ts';
import { allowSignIn } from '../../support/autodesk/allow-sign-in.ts';
import { freePort } from '../../support/processes/free-port.ts';
import { captureTerminal, ops } from './captured-terminal.ts';
import { describeStage, OUTPUTS } from './described-stage.ts';

const SIGN_IN = ['authorize', '--scopes', MANAGEMENT_SCOPES.join(','), '--stage', 'prod'];
const { ManagementTokenSecretArn: _new, ...EARLIER_OUTPUTS } = OUTPUTS;

const cloudFormation = mockClient(CloudFormationClient);
const secretsManager = mockClient(SecretsManagerClient);
const dynamoDb = mockClient(DynamoDBClient);
const clients = [cloudFormation, secretsManager, dynamoDb];
// They stand in for the classes themselves, which other tests use.
afterAll(() => {
  for (const client of clients) client.restore();
});

/** By the ARN of its secret. */
let secrets: Map<string, string>;
let sandbox: Sandbox;
let redirectUri: string;

beforeEach(async () => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  sandbox = await startSandbox({ clients: [{ ...SANDBOX_CLIENT, redirectUris: [redirectUri] }] });
  for (const client of clients) client.reset();
  describeStage(cloudFormation, { ...OUTPUTS, AutodeskBaseUrl: sandbox.origin });
  const { clientId, clientSecret } = SANDBOX_CLIENT;
  secrets = new Map([[OUTPUTS.ConnectionSecretArn, JSON.stringify({ clientId, clientSecret })]]);
  secretsManager.on(GetSecretValueCommand).callsFake(({ SecretId }) => {
    const SecretString = secrets.get(SecretId);
    if (SecretString === undefined) throw new ResourceNotFoundException({ message: 'none', $metadata: {} });
    return { SecretString };
  });
  const versions = new Set<string>();
  secretsManager.on(PutSecretValueCommand).callsFake(({ SecretId, SecretString, ClientRequestToken }) => {
    const version = `${SecretId}/${ClientRequestToken}`;
    if (versions.has(version)) throw new ResourceExistsException({ message: 'taken', $metadata: {} });
    versions.add(version);
    secrets.set(SecretId, SecretString);
    return {};
  });
  const items = new Map();
  dynamoDb
    .on(GetItemCommand)
    .callsFake(({ Key }) => ({ Item: items.get(Key.pk.S) }))
    .on(PutItemCommand)
    .callsFake(({ Item }) => {
      const before = items.get(Item.pk.S)?.rev.N ?? '0';
      if (Number(Item.rev.N) !== Number(before) + 1) {
        throw new ConditionalCheckFailedException({ message: 'rev', $metadata: {} });
      }
      items.set(Item.pk.S, Item);
      return {};
    })
    .on(QueryCommand)
    .resolves({ Items: [] });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await sandbox.close();
});

/** A token that has to be renewed before its first use. */
function expired(scopes: readonly string[]): string {
  const now = isoTime(Date.now());
  return JSON.stringify({
    generation: 1,
    accessToken: 'renewed before its first use',
    accessTokenExpiresAt: now,
    obtainedAt: now,
    refreshToken: sandbox.authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, [...scopes]),
  });
}

const stored = () =>
  secretsManager
    .commandCalls(PutSecretValueCommand)
    .map(({ args }) => [args[0].input.SecretId, args[0].input.ClientRequestToken]);
const firstGeneration = 'buildingconnected-token-000000000001';

describe('the management sign-in of a stage', () => {
  it('is stored in a secret of its own', async () => {
    const { terminal, printed } = captureTerminal();
    const ended = runOps([...SIGN_IN, '--redirect-uri', redirectUri], terminal);
    await expect.poll(() => printed().err, { timeout: 10_000 }).toContain('/authorize?');
    await allowSignIn(/http:\S+authorize\?\S+/.exec(printed().err)?.[0] ?? '');

    expect(await ended).toBe(0);
    expect(stored()).toEqual([[OUTPUTS.ManagementTokenSecretArn, firstGeneration]]);
  });

  const use = () =>
    openPlace({ dataDir: '.local', stage: 'prod' })(async (target) => (await managementToken(target)).get());

  it('is renewed there by any command, with a ledger of its own beside the one of the mirror', async () => {
    secrets.set(OUTPUTS.ManagementTokenSecretArn, expired(MANAGEMENT_SCOPES));
    const used = await use();

    expect(sandbox.authorization.admit(`Bearer ${used.value}`)?.scopes).toEqual(MANAGEMENT_SCOPES);
    expect(stored()).toEqual([[OUTPUTS.ManagementTokenSecretArn, 'buildingconnected-token-000000000002']]);
    const ledgers = dynamoDb.commandCalls(PutItemCommand).map(({ args }) => args[0].input);
    expect(
      new Set(ledgers.map(({ TableName, Item }) => `${TableName}/${Item?.pk?.S}/${Item?.sk?.S}`)),
    ).toEqual(new Set(['state/management-token/refresh']));
    // Another operator goes on with it.
    expect(await use()).toEqual(used);
    const read = secretsManager.commandCalls(GetSecretValueCommand).map(({ args }) => args[0].input.SecretId);
    expect(read).not.toContain(OUTPUTS.TokenSecretArn);
  });

  it('is renewed once where several need it at the same time', async () => {
    secrets.set(OUTPUTS.ManagementTokenSecretArn, expired(MANAGEMENT_SCOPES));
    const tokens = await Promise.all([use(), use(), use()]);

    expect(new Set(tokens.map(({ value }) => value)).size).toBe(1);
    expect(stored()).toHaveLength(1);
  });

  it('is missing until somebody signs in, and the error names the command', async () => {
    const { exitCode, err } = await ops(['webhooks', 'create', '--stage', 'prod']);

    expect(exitCode).toBe(1);
    expect(err).toContain(`npm run ops -- authorize --scopes ${MANAGEMENT_SCOPES.join(',')} --stage prod`);
  });
});

describe('a stage that was deployed before it had a place for the management sign-in', () => {
  beforeEach(() => {
    describeStage(cloudFormation, { ...EARLIER_OUTPUTS, AutodeskBaseUrl: sandbox.origin });
    secrets.set(OUTPUTS.TokenSecretArn, expired(SCOPES));
  });

  it.each([
    { what: 'signing in for it', args: SIGN_IN },
    { what: 'making webhooks', args: ['webhooks', 'create', '--stage', 'prod'] },
    {
      what: 'changing requests',
      args: ['data-connector', 'pause', '--request', 'r', '--account', 'a1', '--stage', 'prod'],
    },
  ])('is to be deployed again for $what', async ({ args }) => {
    const { exitCode, err } = await ops(args);

    expect(exitCode).toBe(1);
    expect(err).toMatch(
      /^The stage prod has no secret for [^\n]*npm run deploy -- --context stage=prod[^\n]*$/m,
    );
    expect(stored()).toEqual([]);
  });

  it('does without for everything else', async () => {
    expect(await ops(['webhooks', 'list', '--stage', 'prod', '--json'])).toMatchObject({
      exitCode: 0,
      out: '[]\n',
    });
  });
});
