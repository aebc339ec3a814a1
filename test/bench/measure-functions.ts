import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { synthesiseByCommand } from '../infra/cdk/synthesise-command.ts';

const run = promisify(execFile);
const STACK = 'buildingconnected-sync-prod';
const TIMES = 5;

export interface FunctionFigures {
  name: string;
  bundleKb: number;
  /** A new process that only imports the bundle, less one that imports nothing; the median of five. */
  importMs: number;
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

/** Size and import time of each function as it is deployed. */
export async function measureFunctions(): Promise<FunctionFigures[]> {
  const app = await synthesiseByCommand();
  try {
    const text = await readFile(join(app.folder, `${STACK}.template.json`), 'utf8');
    const { Resources } = template.parse(JSON.parse(text));
    const bareMs = await medianMs("''", {});
    const figures: FunctionFigures[] = [];
    for (const name of ['Intake', 'Worker', 'Alert']) {
      const found = Object.entries(Resources).find(
        ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith(name),
      );
      const { Code, Environment } = found?.[1].Properties ?? {};
      const folder = await app.bundleOf(STACK, (Code?.S3Key ?? '').replace('.zip', ''));
      const bundle = join(folder, 'index.mjs');
      const environment = Object.fromEntries(
        Object.entries(Environment?.Variables ?? {}).map(([key, value]) => [
          key,
          typeof value === 'string' ? value : 'https://queue.example/name',
        ]),
      );
      const importMs = (await medianMs(`await import(${JSON.stringify(bundle)})`, environment)) - bareMs;
      figures.push({ name: name.toLowerCase(), bundleKb: (await stat(bundle)).size / 1024, importMs });
    }
    return figures;
  } finally {
    await app.remove();
  }
}

async function medianMs(code: string, environment: Record<string, string>): Promise<number> {
  const times: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
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
    times.push(performance.now() - startedMs);
  }
  return times.sort((a, b) => a - b)[Math.floor(TIMES / 2)] ?? 0;
}
