import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { CallbackTokens } from './callback-tokens.ts';
import { parseCallbackSecret } from './parse-callback-secret.ts';

/** The callback secret in Secrets Manager, as `{"current": "...", "previous": "..."}`. */
export function createSecretsManagerCallbackTokens(
  secretsManager: SecretsManagerClient,
  secretArn: string,
): CallbackTokens {
  return {
    async read() {
      try {
        const { SecretString } = await secretsManager.send(
          new GetSecretValueCommand({ SecretId: secretArn }),
        );
        return parseCallbackSecret(SecretString ?? '', 'CALLBACK_SECRET_ARN');
      } catch (error) {
        // A secret that has no value yet is not found either.
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }
    },

    async write(secret) {
      await secretsManager.send(
        new PutSecretValueCommand({ SecretId: secretArn, SecretString: JSON.stringify(secret) }),
      );
    },
  };
}
