import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { parseRotatingSecret, type SecretStore } from './rotating-secret.ts';

/** A secret in Secrets Manager, as `{"current": "...", "previous": "..."}`. `source` is what problems name it by. */
export function createSecretsManagerSecretStore(
  secretsManager: SecretsManagerClient,
  secretArn: string,
  source: string,
  rotateCommand: string,
): SecretStore {
  return {
    async read() {
      try {
        const { SecretString } = await secretsManager.send(
          new GetSecretValueCommand({ SecretId: secretArn }),
        );
        if (!SecretString) return undefined;
        return parseRotatingSecret(SecretString, source, rotateCommand);
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
