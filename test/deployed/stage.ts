import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import * as z from 'zod';
import { type StageOutputs, stageOutputs } from '../../infra/ops/targets/stage-outputs.ts';
import { SANDBOX_SLACK } from '../../infra/sandbox/slack/workspace.ts';
import { type Status, status } from '../../infra/status/status.ts';
import { loadConfiguration } from '../../shared/configuration.ts';
import { allowSignIn } from '../support/autodesk/allow-sign-in.ts';
import {
  type Ended,
  OPS,
  REPOSITORY,
  type RunningCommand,
  startCommand,
  startProgram,
} from '../support/processes/run-command.ts';
import { differencesFrom, EXPORTED_LISTS, exportedLines } from '../support/sync/compare-with-sandbox.ts';
import { awsClient, awsEnvironment } from './aws.ts';
import type { Company } from './company.ts';
import './resolve-localhost.ts';

const SOON = { timeout: 60_000, interval: 250 };
const NAME_PREFIX = 'buildingconnected-sync-';

const { DEPLOYED_EMULATOR_URL } = loadConfiguration(z.object({ DEPLOYED_EMULATOR_URL: z.url() }));
export const AWS_ENVIRONMENT = awsEnvironment(DEPLOYED_EMULATOR_URL);
export const AWS_CLIENT = awsClient(DEPLOYED_EMULATOR_URL);

export interface StageOptions {
  name: string;
  company: Company;
  /** Of nothing else; commands run in it. */
  workFolder: string;
  /** Of the version that commands are run of, where it is not this one. */
  repository?: string;
}

/** A deployed stage, seen from outside: as its operator, as its neighbors. */
export class DeployedStage {
  readonly name: string;
  readonly company: Company;
  readonly #cwd: string;
  #repository: string;

  constructor({ name, company, workFolder, repository = REPOSITORY }: StageOptions) {
    this.name = name;
    this.company = company;
    this.#cwd = workFolder;
    this.#repository = repository;
  }

  get stacks(): string[] {
    return [`${NAME_PREFIX}${this.name}-data`, `${NAME_PREFIX}${this.name}`];
  }

  /** The deploy command of package.json, with templates that are there already. */
  async deploy(assemblyFolder: string, repository = REPOSITORY): Promise<void> {
    this.#repository = repository;
    const args = ['run', 'deploy', '--', '--app', assemblyFolder, '--require-approval', 'never'];
    const { code, stdout, stderr } = await startProgram('npm', [...args, '--context', `stage=${this.name}`], {
      cwd: repository,
      env: { ...AWS_ENVIRONMENT, HOME: this.#cwd },
    }).ended;
    if (code !== 0) throw new Error(`The deployment failed: ${stdout}${stderr}`);
  }

  /** `npm run ops -- ... --stage NAME`, begun. */
  start(args: readonly string[], input?: string): RunningCommand {
    return startCommand(OPS, [...args, '--stage', this.name], {
      cwd: this.#cwd,
      repository: this.#repository,
      env: { ...AWS_ENVIRONMENT, AUTODESK_BASE_URL: this.company.sandbox.origin },
      ...(input === undefined ? {} : { input }),
    });
  }

  ops(...args: string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  /** The same, for what has to go well: answers what was printed on standard output. */
  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.ops(...args);
    expect(code, `ops ${args.join(' ')}: ${stderr}`).toBe(0);
    return stdout;
  }

  async json(...args: string[]): Promise<unknown> {
    return JSON.parse(await this.run(...args, '--json'));
  }

  async status(): Promise<Status> {
    return status.parse(await this.json('status'));
  }

  /** What `status --json` prints, in whatever shape the version has. */
  statusText(): Promise<string> {
    return this.run('status', '--json');
  }

  /** The credentials of the app and the address of Slack, as `configure` reads them. */
  async configure({ slack = true }: { slack?: boolean } = {}): Promise<Ended> {
    const { client } = this.company;
    const lines = [
      `AUTODESK_CLIENT_ID=${client.clientId}`,
      `AUTODESK_CLIENT_SECRET=${client.clientSecret}`,
      ...(slack ? [`SLACK_WEBHOOK_URL=${this.company.slack.url}`] : []),
    ];
    return this.start(['configure'], lines.join('\n')).ended;
  }

  /** The Slack app, as `configure` reads it: it takes the place of the webhook. */
  async configureSlackApp(): Promise<Ended> {
    const { botToken, channel, signingSecret } = SANDBOX_SLACK;
    const lines = [
      `SLACK_BOT_TOKEN=${botToken}`,
      `SLACK_CHANNEL=${channel}`,
      `SLACK_SIGNING_SECRET=${signingSecret}`,
      `SLACK_API_URL=${this.company.slackApp.apiUrl}`,
    ];
    return this.start(['configure'], lines.join('\n')).ended;
  }

  /** Data Connector calls back at the stage's address; answers the status of the response. */
  async callBack(jobId: string, requestId: string): Promise<number> {
    const url = (await this.run('callback-url')).trim();
    const [accountId] = this.company.sandbox.accountIds;
    const { status: answer } = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ accountId, requestId, jobId, state: 'complete', success: true }),
    });
    return answer;
  }

  /** What the schedule of the publish function does: answers once it is done; rejects where it failed. */
  async publish(): Promise<void> {
    const name = await this.#functionName('Publish');
    const url = new URL(`/2015-03-31/functions/${name}/invocations`, DEPLOYED_EMULATOR_URL);
    const invoked = await fetch(url, { method: 'POST', body: JSON.stringify({ trigger: 'publish' }) });
    const answer = await invoked.text();
    if (!invoked.ok || invoked.headers.has('x-amz-function-error'))
      throw new Error(`Not published: ${answer}`);
  }

  /** The files of the published tables. */
  async publishedFiles(): Promise<string[]> {
    const { LakeBucket } = await this.outputsText();
    const s3 = new S3Client({ ...AWS_CLIENT, forcePathStyle: true });
    const files: string[] = [];
    const pages = paginateListObjectsV2({ client: s3 }, { Bucket: LakeBucket, Prefix: 'tables/' });
    for await (const { Contents = [] } of pages) files.push(...Contents.map(({ Key = '' }) => Key));
    s3.destroy();
    return files.sort();
  }

  /** An answer of Athena, a line for each row. */
  async asked(...args: string[]): Promise<unknown[]> {
    const text = await this.run('query', ...args, '--format', 'jsonl');
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  }

  /** Somebody signs in and allows access. */
  async authorize(...args: string[]): Promise<Ended> {
    const { output, ended } = this.start(['authorize', '--redirect-uri', this.company.redirectUri, ...args]);
    await expect.poll(() => output.stderr, SOON).toContain('/authorize?');
    await allowSignIn(/http:\S+authorize\?\S+/.exec(output.stderr)?.[0] ?? '');
    return ended;
  }

  /** The outputs of the stacks as this version reads them. */
  async outputs(): Promise<StageOutputs> {
    return stageOutputs.parse(await this.outputsText());
  }

  async outputsText(): Promise<Record<string, string | undefined>> {
    const client = new CloudFormationClient(AWS_CLIENT);
    const values: Record<string, string | undefined> = {};
    for (const StackName of this.stacks) {
      const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
      for (const { OutputKey = '', OutputValue } of Stacks[0]?.Outputs ?? []) values[OutputKey] = OutputValue;
    }
    client.destroy();
    return values;
  }

  async #functionName(name: string): Promise<string> {
    const client = new CloudFormationClient(AWS_CLIENT);
    const { StackResources = [] } = await client.send(
      new DescribeStackResourcesCommand({ StackName: `${NAME_PREFIX}${this.name}` }),
    );
    client.destroy();
    const found = StackResources.find(({ LogicalResourceId = '' }) =>
      LogicalResourceId.startsWith(`${name}Function`),
    );
    return found?.PhysicalResourceId ?? '';
  }

  /** What differs between `export` and the sandbox, over all lists or those named. */
  async differences(...lists: string[]): Promise<string[]> {
    const found = [];
    for (const list of lists.length > 0 ? lists : EXPORTED_LISTS) {
      const lines = exportedLines(await this.run('export', '--resource', list));
      found.push(...differencesFrom(this.company.sandbox, list, lines));
    }
    return found;
  }
}

/** Every list of a status has a run that ended well. */
export function allComplete({ resources }: Status): boolean {
  return resources.length > 0 && resources.every(({ lastRun }) => lastRun?.status === 'complete');
}
