import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Clock } from './clock.ts';

/** Secrets by their ARN, as they are now or were a few minutes ago. */
export interface SecretReader {
  /** Undefined while the secret does not exist or has no value yet. */
  read(secretArn: string): Promise<string | undefined>;
}

/** A secret that a person replaces is used so soon afterwards. */
const KEPT_MS = 2 * 60_000;

/** Secrets Manager, asked at most once in two minutes for each secret. */
export function createSecretReader(secretsManager: SecretsManagerClient, clock: Clock): SecretReader {
  const kept = new Map<string, { value: string | undefined; untilMs: number }>();
  return {
    async read(secretArn) {
      const known = kept.get(secretArn);
      if (known !== undefined && clock.now() < known.untilMs) return known.value;
      const value = await fetchSecret(secretsManager, secretArn);
      kept.set(secretArn, { value, untilMs: clock.now() + KEPT_MS });
      return value;
    },
  };
}

async function fetchSecret(
  secretsManager: SecretsManagerClient,
  secretArn: string,
): Promise<string | undefined> {
  try {
    const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: secretArn }));
    return SecretString || undefined;
  } catch (error) {
    // A secret that has no value yet is not found either.
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
