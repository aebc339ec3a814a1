import type { Connection } from '../autodesk/client/token-source.ts';
import type { ThreeLeggedCredentials } from '../autodesk/connection/credentials.ts';
import { FileRefreshLedger } from '../autodesk/connection/file-refresh-ledger.ts';
import { FileTokenVault } from '../autodesk/connection/file-token-vault.ts';
import type { RefreshLedger } from '../autodesk/connection/refresh-ledger.ts';
import { TokenEndpoint } from '../autodesk/connection/token-endpoint.ts';
import { TokenKeeper } from '../autodesk/connection/token-keeper.ts';
import type { TokenVault } from '../autodesk/connection/token-vault.ts';
import type { AutodeskHttp } from '../autodesk/http/http.ts';
import type { StateItem } from '../dynamodb/state-item.ts';
import { noMetrics } from '../observability/metrics.ts';
import type { Basics } from './given.ts';

/** Where the management sign-in is kept. Never where the mirror's token is, which stays one that only reads. */
export interface ManagementSignIn {
  vault: TokenVault;
  ledger: StateItem<RefreshLedger>;
}

/** Kept in a folder of its own on this machine. */
export function managementInFolder(folder: string): ManagementSignIn {
  return { vault: new FileTokenVault(folder), ledger: new FileRefreshLedger(folder) };
}

/** Tokens of the management sign-in. Its refresh tokens are single-use, too, and looked after in the same way. */
export function managementConnection(
  options: Omit<Basics, 'metrics'> & {
    signIn: ManagementSignIn;
    http: AutodeskHttp;
    credentials: () => Promise<ThreeLeggedCredentials>;
  },
): Connection {
  const { signIn, http, credentials, clock, randomness, log } = options;
  const endpoint = new TokenEndpoint(http, clock);
  // The figures of the connection are those of the mirror's.
  return new TokenKeeper({ ...signIn, endpoint, credentials, clock, randomness, log, metrics: noMetrics });
}
