import type { Connection } from '../client/token-source.ts';
import type { CredentialsSource } from './credentials.ts';
import { ServiceAccountConnection, type ServiceAccountPorts } from './service-account.ts';
import { TokenKeeper, type TokenKeeperPorts } from './token-keeper.ts';

/** The connection of the kind that the credentials are of. */
export function connect(
  credentials: CredentialsSource,
  ports: Omit<TokenKeeperPorts, 'credentials' | 'seed'> & Omit<ServiceAccountPorts, 'credentials'>,
): Connection {
  switch (credentials.kind) {
    case 'three-legged':
      return new TokenKeeper({ ...ports, credentials: credentials.read, seed: credentials.seed });
    case 'service-account':
      return new ServiceAccountConnection({ ...ports, credentials: credentials.read });
  }
}
