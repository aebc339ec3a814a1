import type { Connection } from '../../shared/autodesk/client/token-source.ts';
import {
  type ConnectionCredentials,
  connectionCredentials,
  type ServiceAccountCredentials,
  type ThreeLeggedCredentials,
} from '../../shared/autodesk/connection/credentials.ts';
import {
  ServiceAccountConnection,
  type ServiceAccountPorts,
} from '../../shared/autodesk/connection/service-account.ts';
import { TokenKeeper, type TokenKeeperPorts } from '../../shared/autodesk/connection/token-keeper.ts';
import { ConfigurationError } from '../../shared/errors.ts';
import type { SecretReader } from '../../shared/secrets.ts';

/** Who the stage reads Autodesk as: a person who signed in, or a Secure Service Account. */
export type AuthorizationKind = 'user' | 'service-account';

/** The connection of the kind that the stage names; its credentials are read from the secret when they are needed. */
export function createConnection(
  kind: AuthorizationKind,
  secrets: SecretReader,
  secretArn: string,
  ports: Omit<TokenKeeperPorts, 'credentials'> & Omit<ServiceAccountPorts, 'credentials'>,
): Connection {
  switch (kind) {
    case 'user':
      return new TokenKeeper({
        ...ports,
        credentials: () => readCredentials('three-legged', secrets, secretArn),
      });
    case 'service-account':
      return new ServiceAccountConnection({
        ...ports,
        credentials: () => readCredentials(kind, secrets, secretArn),
      });
  }
}

function readCredentials(
  kind: 'three-legged',
  secrets: SecretReader,
  secretArn: string,
): Promise<ThreeLeggedCredentials>;
function readCredentials(
  kind: 'service-account',
  secrets: SecretReader,
  secretArn: string,
): Promise<ServiceAccountCredentials>;
async function readCredentials(
  kind: ConnectionCredentials['kind'],
  secrets: SecretReader,
  secretArn: string,
): Promise<ConnectionCredentials> {
  const text = await secrets.read(secretArn);
  const parsed = text === undefined ? undefined : connectionCredentials.safeParse(tryParse(text));
  if (!parsed?.success) {
    throw new ConfigurationError(['the connection secret is not filled; run `ops configure`']);
  }
  if (parsed.data.kind !== kind) {
    throw new ConfigurationError([
      `the connection secret is of kind ${parsed.data.kind}, the stage says ${kind}`,
    ]);
  }
  return parsed.data;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
