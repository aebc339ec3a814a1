import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../clock.ts';
import { createFileSecretStore } from '../rotation/file-secret-store.ts';
import { createSecretCheck, equalInConstantTime, type SecretStore } from '../rotation/rotating-secret.ts';
import { createSecretsManagerSecretStore } from '../rotation/secrets-manager-secret-store.ts';

const ROTATE = 'npm run ops -- webhooks rotate';

/** The secret that Autodesk signs events with, in a data folder: `webhook-secret.json`. */
export function createFileWebhookSecret(dataDir: string): SecretStore {
  return createFileSecretStore(join(dataDir, 'webhook-secret.json'), ROTATE);
}

/** The secret that Autodesk signs a stage's events with. */
export function createSecretsManagerWebhookSecret(
  secretsManager: SecretsManagerClient,
  secretArn: string,
): SecretStore {
  return createSecretsManagerSecretStore(secretsManager, secretArn, 'WEBHOOK_SECRET_ARN', ROTATE);
}

/** Autodesk may sign with a new secret moments after it was given it; an event that is refused comes late. */
const REREAD_AFTER_MS = 10_000;

/** An event as it came. */
export interface SignedEvent {
  /** Of the header `x-adsk-signature`. */
  signature: string;
  /** Byte for byte. */
  body: Buffer;
}

/** Tells whether an event is signed with the current or the previous secret, in constant time. */
export function createSignatureCheck(secrets: Pick<SecretStore, 'read'>, clock: Clock) {
  return createSecretCheck(
    secrets,
    (secret: string, { signature, body }: SignedEvent) =>
      equalInConstantTime(signatureOf(body, secret), signature),
    clock,
    REREAD_AFTER_MS,
  );
}

/** The signature that Autodesk would give: https://aps.autodesk.com/en/docs/webhooks/v1/ (HMAC-SHA1 of the raw body). */
export function signatureOf(body: Buffer | string, secret: string): string {
  return `sha1hash=${createHmac('sha1', secret).update(body).digest('hex')}`;
}
