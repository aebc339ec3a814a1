import * as z from 'zod';
import { ConfigurationError } from '../../errors.ts';
import type { SecretReader } from '../../secrets.ts';

const text = z.string().min(1);

/** An app that acts for a person who signed in. Without a secret: a public app (Desktop, Mobile or SPA). */
const threeLegged = z.object({
  kind: z.literal('three-legged').default('three-legged'),
  clientId: text,
  clientSecret: text.optional(),
});

/** A Secure Service Account. Whether BuildingConnected accepts one is documented in contradiction: experimental. */
const serviceAccount = z.object({
  kind: z.literal('service-account'),
  clientId: text,
  clientSecret: text,
  serviceAccountId: text,
  keyId: text,
  /** PEM, PKCS #8 or PKCS #1. */
  privateKey: text,
});

/** What the connection secret holds. */
export const connectionCredentials = z.union([serviceAccount, threeLegged]);
export type ConnectionCredentials = z.infer<typeof connectionCredentials>;
export type ThreeLeggedCredentials = z.infer<typeof threeLegged>;
export type ServiceAccountCredentials = z.infer<typeof serviceAccount>;

/** Where a connection gets its credentials, asked whenever they are needed. */
export type CredentialsSource =
  /** `seed`: a refresh token to begin with. */
  | { kind: 'three-legged'; read: () => Promise<ThreeLeggedCredentials>; seed?: string | undefined }
  | { kind: 'service-account'; read: () => Promise<ServiceAccountCredentials> };

/** Credentials that are known already. */
export function knownCredentials(credentials: ConnectionCredentials, seed?: string): CredentialsSource {
  return credentials.kind === 'three-legged'
    ? { kind: credentials.kind, read: async () => credentials, seed }
    : { kind: credentials.kind, read: async () => credentials };
}

/** The credentials of the connection secret, which has to be of the kind that the stage names. */
export function credentialsInSecret(
  authorization: 'user' | 'service-account',
  secrets: SecretReader,
  secretArn: string,
): CredentialsSource {
  const read = () => readCredentials(secrets, secretArn);
  switch (authorization) {
    case 'user':
      return {
        kind: 'three-legged',
        async read() {
          const credentials = await read();
          if (credentials.kind !== 'three-legged') throw ofAnotherKind(credentials.kind, authorization);
          return credentials;
        },
      };
    case 'service-account':
      return {
        kind: 'service-account',
        async read() {
          const credentials = await read();
          if (credentials.kind !== 'service-account') throw ofAnotherKind(credentials.kind, authorization);
          return credentials;
        },
      };
  }
}

/** Throws `ConfigurationError` where the secret is empty or holds anything else. */
export async function readCredentials(
  secrets: SecretReader,
  secretArn: string,
): Promise<ConnectionCredentials> {
  const credentials = parseCredentials(await secrets.read(secretArn));
  if (credentials) return credentials;
  throw new ConfigurationError(['the connection secret is empty; run `npm run ops -- configure`']);
}

/** Undefined where the secret is empty or holds anything else. */
export function parseCredentials(text: string | undefined): ConnectionCredentials | undefined {
  try {
    return connectionCredentials.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}

function ofAnotherKind(kind: string, authorization: string): ConfigurationError {
  return new ConfigurationError([
    `the connection secret is for ${kind}, but the stage is set to ${authorization}`,
  ]);
}

/** The scopes that the mirror asks for: it only reads. */
export const SCOPES: readonly string[] = ['data:read'];

/**
 * The scopes of the management sign-in, with which something is set up at Autodesk: webhooks, requests of Data
 * Connector. Never the mirror's.
 */
export const MANAGEMENT_SCOPES: readonly string[] = ['data:read', 'data:create', 'data:write'];

/** The command that makes the management sign-in; for a stage, its name is added. */
export const MANAGEMENT_SIGN_IN = `npm run ops -- authorize --scopes ${MANAGEMENT_SCOPES.join(',')}`;
