import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openLocalStack } from '../../infra/local/engines/local-stack.ts';
import { queueUrls } from '../../infra/local/engines/queues.ts';
import { SANDBOX_CLIENT, type Sandbox, startSandbox } from '../../infra/sandbox/sandbox.ts';
import { signatureOf } from '../../shared/alerts/clicks/slack-signature.ts';
import { SCOPES } from '../../shared/autodesk/connection/credentials.ts';
import { ops as runOpsCommand } from '../infra/ops/captured-terminal.ts';
import { START, startCommand } from '../support/processes/run-command.ts';
import { type EchoingProxy, startEchoingProxy } from './echoing-proxy.ts';

const CLIENT_SECRET = 'planted-client-secret-9f3a7c1e5b8d2046';
const SLACK_SECRET = 'planted-slack-path-4be1d07a63c9f852';
const BOT_TOKEN = 'xoxb-planted-bot-token-7c2e90d14ab8f635';
const SIGNING_SECRET = 'planted-signing-secret-58d1f3a6b7c9e042';
const SCALE = { projects: 2, pairs: 6, invites: 8, forms: 3, requests: 3, jobs: 4 };
/** Processes that import everything take their time on a machine that is busy with other tests. */
const PATIENCE_MS = 120_000;

let folder: string;
let dataDir: string;
let sandbox: Sandbox;
let autodesk: EchoingProxy;
let slack: Server;
/** A 403 is a refusal, which nobody waits for. */
let slackResponses: number | 'nothing' = 403;
let environment: Record<string, string>;
/** What commands have printed, by their command line. */
const printed = new Map<string, string>();
const planted = new Set([CLIENT_SECRET, SLACK_SECRET, BOT_TOKEN, SIGNING_SECRET]);
/** Slack as an app, at the same server. */
let slackApp: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redaction-'));
  dataDir = join(folder, 'data');
  const client = { clientId: SANDBOX_CLIENT.clientId, clientSecret: CLIENT_SECRET, redirectUris: [] };
  sandbox = await startSandbox({ scale: SCALE, clients: [client] });
  autodesk = await startEchoingProxy(sandbox.origin);
  slack = await startSlack();
  const address = slack.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const seed = sandbox.authorization.issueRefreshToken(client.clientId, [...SCOPES]);
  planted.add(seed);
  environment = {
    AUTODESK_BASE_URL: autodesk.origin,
    AUTODESK_CLIENT_ID: client.clientId,
    AUTODESK_CLIENT_SECRET: CLIENT_SECRET,
    AUTODESK_REFRESH_TOKEN: seed,
    AUTODESK_ACCOUNT_IDS: sandbox.accountIds.join(),
    SLACK_WEBHOOK_URL: `http://127.0.0.1:${port}/services/T0/B0/${SLACK_SECRET}`,
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    ALERT_EMAILS: 'team@example.com',
  };
  slackApp = {
    SLACK_BOT_TOKEN: BOT_TOKEN,
    SLACK_CHANNEL: 'C1',
    SLACK_API_URL: `http://127.0.0.1:${port}/api/`,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  slack.close();
  await autodesk.close();
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

describe('a live mirror whose every counterpart repeats the secrets it was sent', () => {
  it('lets none of them out', { timeout: PATIENCE_MS }, async () => {
    autodesk.refuse(/POST .*token/, { status: 401, code: 'invalid_client' }, 1);
    autodesk.refuse(/GET .*pairs/, { status: 401 }, 2);
    autodesk.refuse(/GET .*forms/, { status: 500 }, 2);
    autodesk.refuse(/GET .*invites/, { status: 403 });
    autodesk.refuse(/GET .*jobs/, { status: 200, as: 'html' });
    autodesk.refuse(/GET .*requests/, { status: 200, as: 'broken-json' });

    const running = startCommand(START, ['--live', '--port', '0', '--data-dir', dataDir], {
      cwd: folder,
      env: environment,
    });
    await expect.poll(() => running.output.stdout, { timeout: PATIENCE_MS }).toContain('Callback URL');
    const [callbackUrl = ''] = /http:\S+/.exec(running.output.stdout) ?? [];
    const callbackToken = callbackUrl.slice(callbackUrl.lastIndexOf('/') + 1);
    planted.add(callbackToken);
    await sendBadCallbacks(callbackUrl);
    await lookAtConsole(/Console: (\S+)/.exec(running.output.stderr)?.[1] ?? '');
    await sendBadClicks(new URL('/slack/actions', callbackUrl).href);
    await runCommands();

    sandbox.authorization.revokeConsent();
    await ops('sync');
    await ops('doctor', '--json');
    await expect
      .poll(async () => (await ops('status')).includes('Not connected'), { timeout: 60_000 })
      .toBe(true);
    for (const answer of [500, 'nothing'] as const) {
      slackResponses = answer;
      await ops('alerts-test');
    }
    for (const [name, value] of Object.entries(slackApp)) vi.stubEnv(name, value);
    for (const answer of [200, 403, 500, 'nothing'] as const) {
      slackResponses = answer;
      await ops('alerts-test');
      await ops('doctor', '--json');
    }
    for (const name of Object.keys(slackApp)) vi.stubEnv(name, undefined);
    slackResponses = 403;
    running.child.kill('SIGKILL');
    const { stdout, stderr } = await running.ended;
    expect(stdout).toContain(callbackToken);
    printed.set('npm start', `${stdout.replace(callbackUrl, '')}${stderr}`);

    printed.set('npm start -- --once', await start());
    printed.set('npm start -- --once, with an app', await start(slackApp));
    expect(await ops('status')).toContain('Not connected');
    await expectNothingOut();
  });

  it('lets none of them out when its own files are broken', { timeout: PATIENCE_MS }, async () => {
    const [token = ''] = globSync(`${dataDir}/live/connection/generation-*.json`).sort().reverse();
    const text = readFileSync(token, 'utf8');
    writeFileSync(token, text.slice(0, -2));
    expect(await ops('status')).not.toContain('Connected to');
    await ops('doctor');
    printed.set('npm start, broken token', await start());
    writeFileSync(token, text.replace('"refreshToken"', '"aRefreshToken"'));
    await ops('doctor', '--json');
    writeFileSync(token, text);

    const [callbacks = ''] = globSync(`${dataDir}/live/callback*`);
    const kept = readFileSync(callbacks, 'utf8');
    writeFileSync(callbacks, kept.slice(0, -2));
    await ops('callback-url');
    await ops('doctor');
    writeFileSync(callbacks, kept);
    await expectNothingOut();
  });

  it.each([
    ['AUTODESK_BASE_URL', `https://user:${CLIENT_SECRET}@example.com`],
    ['AUTODESK_CLIENT_ID', ''],
    ['SLACK_WEBHOOK_URL', `hooks.slack.com/services/${SLACK_SECRET}`],
    ['SLACK_API_URL', `https://slack.example/${BOT_TOKEN}`],
    ['SLACK_BOT_TOKEN', `${BOT_TOKEN} `],
    ['AUTODESK_BC_MODE', CLIENT_SECRET],
  ])('lets none of them out when %s is wrong', { timeout: PATIENCE_MS }, async (name, value) => {
    printed.set(`npm start, wrong ${name}`, await start({ [name]: value }));
    vi.stubEnv(name, value);
    await ops('doctor', '--live');
    vi.stubEnv(name, environment[name]);
    expect(leaks()).toEqual([]);
  });
});

async function runCommands(): Promise<void> {
  await ops('status');
  await ops('status', '--json');
  await ops('doctor');
  await ops('incidents', '--all', '--json');
  await ops('quarantine', '--json');
  await ops('redrive', '--list', '--json');
  await ops('replay', '--json');
  await ops('alerts-test');
  for (const resource of ['opportunity-project-pairs', 'invites', 'scope-specific-bid-forms']) {
    await ops('export', '--resource', resource);
  }
}

async function sendBadCallbacks(url: string): Promise<void> {
  const json = { 'content-type': 'application/json' };
  const requests: RequestInit[] = [
    { method: 'GET' },
    { method: 'POST', body: url },
    { method: 'POST', headers: json, body: `{"url":"${url}"` },
    {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ accountId: 'unheard-of', jobId: url, requestId: url }),
    },
    { method: 'POST', headers: json, body: url.repeat(400) },
  ];
  for (const request of requests) {
    const answer = await fetch(url, request);
    expect(answer.ok).toBe(false);
    printed.set(`answer ${answer.status}`, await answer.text());
  }
  printed.set('answer to a wrong token', await (await fetch(`${url}x`, { method: 'POST' })).text());
}

/** Every view, with what its buttons answer. */
async function lookAtConsole(url: string): Promise<void> {
  const views = ['', 'transfers', 'runs', 'timeline', 'records?q=a', 'operations', 'doctor', 'api/status'];
  for (const view of [...views, 'confirm/redrive', 'nowhere']) {
    printed.set(`console ${view}`, await (await fetch(`${url}${view}`)).text());
  }
  const [, token = ''] = /name="token" value="(\w+)"/.exec(printed.get('console operations') ?? '') ?? [];
  const response = await fetch(`${url}act/alerts-test`, {
    method: 'POST',
    headers: { origin: new URL(url).origin },
    body: new URLSearchParams({ token }),
  });
  printed.set('console alerts-test', await response.text());
  expect(printed.get('console alerts-test')).toContain('alerts-test');
}

/** Signed or not, with secrets where nobody should look. */
async function sendBadClicks(url: string): Promise<void> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  for (const body of [SIGNING_SECRET, `payload=${BOT_TOKEN}`, `payload={"type":"${SIGNING_SECRET}"`]) {
    for (const signature of [SIGNING_SECRET, signatureOf(timestamp, Buffer.from(body), SIGNING_SECRET)]) {
      const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature };
      const answer = await fetch(url, { method: 'POST', headers, body });
      expect([400, 401, 415]).toContain(answer.status);
      printed.set(`answer ${printed.size} to a click`, await answer.text());
    }
  }
}

/** A command in this process, with the settings of the test. */
async function ops(...args: string[]): Promise<string> {
  const { out, err } = await runOpsCommand([...args, '--data-dir', dataDir]);
  printed.set(`${printed.size} ops ${args.join(' ')}`, out + err);
  return out + err;
}

async function start(changed: Record<string, string> = {}): Promise<string> {
  const args = ['--live', '--once', '--data-dir', dataDir];
  const { ended } = startCommand(START, args, { cwd: folder, env: { ...environment, ...changed } });
  const { stdout, stderr, code } = await ended;
  expect(code).toBe(1);
  return stdout + stderr;
}

/** Refuses every message and repeats its own secret address. */
async function startSlack(): Promise<Server> {
  const server = createServer((request, response) => {
    if (slackResponses === 'nothing') request.socket.destroy();
    else if (request.url?.startsWith('/api/')) {
      const error = `${request.headers.authorization} ${request.url}`;
      response.writeHead(slackResponses).end(JSON.stringify({ ok: false, error }));
    } else response.writeHead(slackResponses).end(`no_service ${request.url}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** The places that hold one of the secrets, of those that must not. */
function leaks(): string[] {
  const secrets = [...planted, ...autodesk.secrets].filter((secret) => secret.length > 0);
  return [...printed].flatMap(([place, text]) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${place}: ${secret}`),
  );
}

/** Looks at all that was printed, all that lies in the data folder, the tables and the queues. */
async function expectNothingOut(): Promise<void> {
  for (const path of globSync(`${dataDir}/**`)) {
    if (!statSync(path).isFile() || isForSecrets(path)) continue;
    printed.set(path, readFileSync(path, 'latin1'));
  }
  for (const path of globSync(`${dataDir}/**`)) {
    const mode = statSync(path).mode & 0o777;
    if (isForSecrets(path)) expect(mode & 0o077, path).toBe(0);
  }
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  const stack = await openLocalStack({ dataDir });
  try {
    const { dynamodb, sqs } = stack.clients;
    for (const TableName of ['State', 'Records']) {
      let ExclusiveStartKey: ScanCommandOutput['LastEvaluatedKey'];
      do {
        const page: ScanCommandOutput = await dynamodb.send(
          new ScanCommand({ TableName, ExclusiveStartKey }),
        );
        for (const item of page.Items ?? []) {
          printed.set(`${TableName} ${item.pk?.S} ${item.sk?.S}`, JSON.stringify(item));
        }
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
    }
    for (const [name, QueueUrl] of Object.entries(queueUrls(stack.addresses.queues))) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 0,
          MessageAttributeNames: ['All'],
        }),
      );
      for (const message of Messages) printed.set(`${name} ${message.MessageId}`, JSON.stringify(message));
    }
  } finally {
    await stack.close();
  }
  expect(autodesk.secrets.size).toBeGreaterThan(3);
  expect(leaks()).toEqual([]);
}

/** The files whose purpose is to keep a secret. */
function isForSecrets(path: string): boolean {
  return path.startsWith(`${dataDir}/live/connection`) || path.startsWith(`${dataDir}/live/callback`);
}
