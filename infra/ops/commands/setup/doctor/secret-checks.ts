import { stat } from 'node:fs/promises';
import { systemClock } from '../../../../../shared/clock.ts';
import { ConfigurationError } from '../../../../../shared/errors.ts';
import { createSecretReader } from '../../../../../shared/secrets.ts';
import { CommandFailedError } from '../../../terminal/command-failed-error.ts';
import { parseCredentials } from '../../../workplace/authorization.ts';
import type { Workplace } from '../../../workplace/workplace.ts';
import { type CheckResult, makeCheck } from './check.ts';

/** That the secrets are there and of the right shape; nothing of them is told. */
export async function checkSecrets({ where, callbackTokens }: Workplace): Promise<CheckResult[]> {
  if (where.kind === 'local') {
    return [await makeCheck('secrets', () => describeFolder(where.folder))];
  }
  const secrets = createSecretReader(where.secretsManager, systemClock);
  return [
    await makeCheck('connection secret', async () => {
      const credentials = parseCredentials(await secrets.read(where.outputs.ConnectionSecretArn));
      if (credentials) return `of a ${credentials.kind} app`;
      throw new ConfigurationError(['the connection secret is not filled; run `npm run ops -- configure`']);
    }),
    await makeCheck('callback secret', async () => {
      const secret = await callbackTokens.read();
      if (secret) return secret.previous === undefined ? 'there' : 'there, and the one before still holds';
      throw new CommandFailedError('There is no callback secret.', 'Run `npm run ops -- callback-url`.');
    }),
  ];
}

/** Locally the secrets lie in the data folder, which is nobody else's business. */
async function describeFolder(folder: string): Promise<string> {
  const { mode } = await stat(folder);
  if ((mode & 0o077) === 0) return 'in the data folder, readable by its owner only';
  throw new CommandFailedError(
    `Others may look into ${folder}, which holds the tokens.`,
    `Run \`chmod 700 ${folder}\`.`,
  );
}
