import { join } from 'node:path';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../clock.ts';
import { createFileSecretStore } from '../rotation/file-secret-store.ts';
import { createSecretCheck, equalInConstantTime, type SecretStore } from '../rotation/rotating-secret.ts';
import { createSecretsManagerSecretStore } from '../rotation/secrets-manager-secret-store.ts';

/** A token stands in URLs that are stored at Autodesk by hand, one by one. */
const REREAD_AFTER_MS = 60_000;
const ROTATE = 'npm run ops -- callback-url --rotate';

/** The token of the callback URL in a data folder: `callback-secret.json`. */
export function createFileCallbackTokens(dataDir: string): SecretStore {
  return createFileSecretStore(join(dataDir, 'callback-secret.json'), ROTATE);
}

/** The token of the callback URL of a stage. */
export function createSecretsManagerCallbackTokens(
  secretsManager: SecretsManagerClient,
  secretArn: string,
): SecretStore {
  return createSecretsManagerSecretStore(secretsManager, secretArn, 'CALLBACK_SECRET_ARN', ROTATE);
}

/** Tells whether a token is the current or the previous one, in a time that does not depend on how alike they are. */
export function createTokenCheck(
  tokens: Pick<SecretStore, 'read'>,
  clock: Clock,
): (offered: string) => Promise<boolean> {
  const check = createSecretCheck(tokens, equalInConstantTime, clock, REREAD_AFTER_MS);
  return async (offered) => (await check(offered)) === 'right';
}
