import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';

/** Runs the CDK app as the CDK command does, with this context. */
function runApp(
  context: Record<string, unknown>,
  environment: Record<string, string> = {},
): Promise<{ code: unknown; stderr: string }> {
  const env = { PATH: process.env.PATH, CDK_CONTEXT_JSON: JSON.stringify(context), ...environment };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--throw-deprecation', 'infra/cdk/app.ts'],
      { env },
      (error, _stdout, stderr) => {
        resolve({ code: error?.code ?? 0, stderr });
      },
    );
  });
}

it('ends with a line for each problem of cdk.json', async () => {
  const stages = { prod: { worker: { concurrency: 1 }, slack: true } };
  expect(await runApp({ stages })).toEqual({
    code: 1,
    stderr:
      'cdk.json: stages.prod.worker.concurrency: Too small: expected number to be >=3\n' +
      'cdk.json: stages.prod.slack: is not a setting\n',
  });
});

it('deploys no stage that was not named', async () => {
  expect(await runApp({ stages: { dev: {}, prod: {} } }, { npm_lifecycle_event: 'deploy' })).toEqual({
    code: 1,
    stderr: 'cdk.json: stage: choose one to deploy, as in `npm run deploy -- --context stage=prod`\n',
  });
});
