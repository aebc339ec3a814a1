import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeSecretCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesizeStages } from './assembly.ts';
import { cdk } from './aws.ts';
import { type Company, startCompany } from './company.ts';
import { AWS_CLIENT, AWS_ENVIRONMENT, allComplete, DeployedStage } from './stage.ts';
import { resourcesOf } from './tagged-resources.ts';

const PATIENCE = 180_000;
const SOON = { timeout: 90_000, interval: 500 };
const NAMES = ['east', 'west'] as const;

const dynamodb = new DynamoDBClient(AWS_CLIENT);
const secretsManager = new SecretsManagerClient(AWS_CLIENT);
let folder: string;
const companies: Company[] = [];
const stages: DeployedStage[] = [];
let assemblyFolder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'two-stages-'));
  for (const name of NAMES) {
    companies.push(
      await startCompany({
        seed: name,
        scale: { projects: 3, pairs: 5, invites: 40, forms: 3, requests: 2, jobs: 2 },
      }),
    );
  }
  const settings = companies.map(({ sandbox }) => ({
    removalPolicy: 'destroy',
    accountIds: sandbox.accountIds,
    worker: { concurrency: 3 },
    autodesk: { baseUrl: sandbox.origin },
  }));
  const assembly = await synthesizeStages({
    workFolder: folder,
    stages: Object.fromEntries(NAMES.map((name, index) => [name, settings[index]])),
  });
  assemblyFolder = assembly.folder;
}, PATIENCE);

afterAll(async () => {
  for (const company of companies) await company.close();
  await rm(folder, { recursive: true, force: true });
});

describe('two stages in one account', { timeout: PATIENCE }, () => {
  it('mirror each its own company', async () => {
    for (const [index, company] of companies.entries()) {
      const name = NAMES[index] ?? '';
      const workFolder = join(folder, name);
      await mkdir(workFolder);
      const stage = new DeployedStage({ name, company, workFolder });
      stages.push(stage);
      if (index === 0) await stage.deploy(assemblyFolder);
      expect(await stage.configure()).toMatchObject({ code: 0 });
      expect(await stage.authorize()).toMatchObject({ code: 0 });
      await stage.run('sync');
    }
    for (const stage of stages) {
      await expect.poll(async () => allComplete(await stage.status()), SOON).toBe(true);
      expect(await stage.differences()).toEqual([]);
    }
  });

  it('are torn down one by one: nothing but the key is left, which AWS deletes later, and the other goes on', async () => {
    const [east, west] = stages;
    expect(new Set((await resourcesOf('east')).map((arn) => arn.split(':')[2]))).toEqual(
      new Set(['dynamodb', 'kms', 'lambda', 'scheduler', 'sns', 'sqs']),
    );
    expect(await tablesOf('east')).toHaveLength(2);
    const others = await resourcesOf('west');
    const outputs = await east?.outputs();
    const secrets = [
      outputs?.ConnectionSecretArn,
      outputs?.TokenSecretArn,
      outputs?.ManagementTokenSecretArn,
      outputs?.SlackSecretArn,
    ];
    for (const arn of secrets) expect(await isThere(arn)).toBe(true);

    for (const stack of [...(east?.stacks ?? [])].reverse()) {
      await cdk(['destroy', stack, '--app', assemblyFolder, '--context', 'stage=east', '--force'], folder, {
        ...AWS_ENVIRONMENT,
      });
    }

    expect((await resourcesOf('east')).filter((arn) => !/:(kms|dynamodb):/.test(arn))).toEqual([]);
    expect(await tablesOf('east')).toEqual([]);
    expect(await tablesOf('west')).toHaveLength(2);
    for (const arn of secrets) expect(await isThere(arn)).toBe(false);
    expect(await east?.ops('status')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no stack buildingconnected-sync-east'),
    });
    expect(await resourcesOf('west')).toEqual(others);
    await west?.run('sync', '--full');
    await expect.poll(async () => (await west?.differences()) ?? [], SOON).toEqual([]);
  });
});

/** The emulator's tagging API leaves out secrets. */
function isThere(secretArn: string | undefined): Promise<boolean> {
  return secretsManager.send(new DescribeSecretCommand({ SecretId: secretArn })).then(
    ({ DeletedDate }) => DeletedDate === undefined,
    (error: unknown) => {
      if (error instanceof ResourceNotFoundException) return false;
      throw error;
    },
  );
}

/** The emulator's tagging API goes on to list tables that are deleted. */
async function tablesOf(stage: string): Promise<string[]> {
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  return TableNames.filter((name) => name.startsWith(`buildingconnected-sync-${stage}-`));
}
