import * as z from 'zod';

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

/** The scopes that this project asks for: it only reads. */
export const SCOPES: readonly string[] = ['data:read'];
