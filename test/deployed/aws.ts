import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY, startProgram } from '../support/processes/run-command.ts';

/** The emulator takes the access key id for the account. */
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

export type AwsEnvironment = ReturnType<typeof awsEnvironment>;

/** What commands see of AWS: the emulator, and no settings of this machine. */
export function awsEnvironment(emulatorUrl: string) {
  return {
    AWS_ENDPOINT_URL: emulatorUrl,
    AWS_ENDPOINT_URL_S3: emulatorUrl,
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_REGION: REGION,
    NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'resolve-localhost.ts'))}`,
    CI: 'true',
  };
}

/** For clients of this process. */
export function awsClient(emulatorUrl: string) {
  return {
    endpoint: emulatorUrl,
    region: REGION,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'any' },
  };
}

/** `npx cdk ...` of this project in a folder; rejects with what it said where it fails. */
export async function cdk(
  args: readonly string[],
  cwd: string,
  environment: Record<string, string>,
): Promise<void> {
  const program = join(REPOSITORY, 'node_modules/aws-cdk/bin/cdk');
  const { code, stdout, stderr } = await startProgram(process.execPath, [program, ...args], {
    cwd,
    env: { HOME: cwd, ...environment },
  }).ended;
  if (code !== 0) throw new Error(`cdk ${args.join(' ')} failed: ${stdout}${stderr}`);
}

/** Prepares the emulator for `cdk deploy`. */
export async function bootstrap(environment: AwsEnvironment): Promise<void> {
  // A folder without an app.
  const folder = await mkdtemp(join(tmpdir(), 'bootstrap-'));
  try {
    await cdk(['bootstrap', `aws://${ACCOUNT}/${REGION}`], folder, environment);
  } finally {
    await rm(folder, { recursive: true });
  }
}
