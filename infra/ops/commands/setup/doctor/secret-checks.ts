import { stat } from 'node:fs/promises';
import { readCredentials } from '../../../../../shared/autodesk/connection/credentials.ts';
import type { Target } from '../../../targets/target.ts';
import { CommandFailedError } from '../../../terminal/command-failed-error.ts';
import { type CheckResult, makeCheck } from './check.ts';

/** That the secrets are there and of the right shape; nothing of them is told. */
export async function checkSecrets({ where, callbackTokens }: Target): Promise<CheckResult[]> {
  if (where.kind === 'local') {
    return [await makeCheck('secrets', () => describeFolder(where.folder))];
  }
  return [
    await makeCheck('connection secret', async () => {
      const { kind } = await readCredentials(where.secrets, where.outputs.ConnectionSecretArn);
      return `of a ${kind} app`;
    }),
    await makeCheck('callback secret', async () => {
      const secret = await callbackTokens.read();
      if (secret)
        return secret.previous === undefined ? 'there' : 'present, and the previous one still works';
      throw new CommandFailedError('There is no callback secret.', 'Run `npm run ops -- callback-url`.');
    }),
  ];
}

/** Locally the secrets lie in the data folder, which is nobody else's business. */
async function describeFolder(folder: string): Promise<string> {
  const { mode } = await stat(folder);
  if ((mode & 0o077) === 0) return 'in the data folder, readable by its owner only';
  throw new CommandFailedError(
    `Other users can read ${folder}, which holds the tokens.`,
    `Run \`chmod 700 ${folder}\`.`,
  );
}
