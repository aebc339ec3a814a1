import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { synthesiseByCommand } from '../infra/cdk/synthesise-command.ts';
import { checkOutEarlierVersion, EARLIER_VERSION } from '../support/processes/earlier-version.ts';
import { round, type Section } from './figures.ts';

const run = promisify(execFile);
const STACK = 'buildingconnected-sync-prod';
const FUNCTIONS = ['Intake', 'Worker', 'Alert', 'Slack', 'Publish'] as const;
type FunctionName = (typeof FUNCTIONS)[number];
const ROUNDS = 25;

export interface FunctionFigures {
  name: string;
  bundleKb: number;
  /** A new process that only imports the bundle, less one that imports nothing; the quickest of 25, which the machine disturbed least. */
  importMs: number;
  /** The same of the version before; undefined where its source or its packages could not be had. */
  beforeMs: number | undefined;
}

const template = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.looseObject({
        Code: z.object({ S3Key: z.string().default('') }).optional(),
        Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }).optional(),
      }),
    }),
  ),
});

interface Bundle {
  path: string;
  environment: Record<string, string>;
}

/** What `measureFunctions` measured, for people. */
export function functionSection(measured: readonly FunctionFigures[]): Section {
  return {
    title: 'Functions, as they are deployed',
    figures: measured.map(({ name, bundleKb, importMs, beforeMs }) => ({
      name,
      value: `${round(bundleKb)} KB, imported in ${round(importMs)} ms`,
      beside: beforeMs === undefined ? 'not measured' : `${round(beforeMs)} ms at 4640e35`,
      ...(beforeMs !== undefined && { ratio: `${round(importMs / beforeMs, 2)} x` }),
      bound: 'the AWS clients, zod, and the Node modules they load',
    })),
  };
}

/** Size and import time of functions as they are deployed, now and in the version before, turn by turn. */
export async function measureFunctions(
  names: readonly FunctionName[] = FUNCTIONS,
): Promise<FunctionFigures[]> {
  const app = await synthesiseByCommand();
  const before = await versionBefore();
  const appBefore = before === undefined ? undefined : await synthesiseByCommand([], before);
  try {
    const subjects = await Promise.all(
      names.map(async (name) => ({
        name,
        now: await bundleNow(app, name),
        before: appBefore && (await bundleOf(appBefore, name)),
      })),
    );
    const bare: number[] = [];
    const times = subjects.map((subject) => ({
      ...subject,
      nowMs: [] as number[],
      beforeMs: [] as number[],
    }));
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await startMs("''", {}));
      for (const subject of times) {
        subject.nowMs.push(await importMs(subject.now));
        if (subject.before) subject.beforeMs.push(await importMs(subject.before));
      }
    }
    return Promise.all(
      times.map(async ({ name, now, nowMs, beforeMs }) => ({
        name: name.toLowerCase(),
        bundleKb: (await stat(now.path)).size / 1024,
        importMs: Math.min(...nowMs) - Math.min(...bare),
        beforeMs: beforeMs.length === 0 ? undefined : Math.min(...beforeMs) - Math.min(...bare),
      })),
    );
  } finally {
    await Promise.all([app.remove(), appBefore?.remove()]);
  }
}

/** Undefined, with a line that says why, where the version before cannot be had. */
async function versionBefore(): Promise<string | undefined> {
  try {
    return await checkOutEarlierVersion();
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    process.stderr.write(
      `The version before (${EARLIER_VERSION.slice(0, 7)}) cannot be measured: ${reason}\n`,
    );
    return undefined;
  }
}

async function bundleNow(
  app: Awaited<ReturnType<typeof synthesiseByCommand>>,
  name: FunctionName,
): Promise<Bundle> {
  const bundle = await bundleOf(app, name);
  if (bundle === undefined) throw new Error(`The template has no function ${name}.`);
  return bundle;
}

async function bundleOf(
  app: Awaited<ReturnType<typeof synthesiseByCommand>>,
  name: FunctionName,
): Promise<Bundle | undefined> {
  const text = await readFile(join(app.folder, `${STACK}.template.json`), 'utf8');
  const { Resources } = template.parse(JSON.parse(text));
  const found = Object.entries(Resources).find(
    ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith(name),
  );
  // The version before has not had each of them.
  if (found === undefined) return undefined;
  const { Code, Environment } = found[1].Properties;
  const folder = await app.bundleOf(STACK, (Code?.S3Key ?? '').replace('.zip', ''));
  const environment = Object.fromEntries(
    Object.entries(Environment?.Variables ?? {}).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : 'https://queue.example/name',
    ]),
  );
  return { path: join(folder, 'index.mjs'), environment };
}

function importMs({ path, environment }: Bundle): Promise<number> {
  return startMs(`await import(${JSON.stringify(path)})`, environment);
}

/** How long a new process takes that runs this code and nothing else. */
async function startMs(code: string, environment: Record<string, string>): Promise<number> {
  const startedMs = performance.now();
  await run(process.execPath, ['--input-type=module', '-e', `${code}; process.exit(0);`], {
    env: {
      PATH: process.env.PATH,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      ...environment,
    },
  });
  return performance.now() - startedMs;
}
