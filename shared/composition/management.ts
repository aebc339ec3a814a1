import type { Connection } from '../autodesk/client/token-source.ts';
import type { ThreeLeggedCredentials } from '../autodesk/connection/credentials.ts';
import { FileRefreshLedger } from '../autodesk/connection/file-refresh-ledger.ts';
import { FileTokenVault } from '../autodesk/connection/file-token-vault.ts';
import { TokenEndpoint } from '../autodesk/connection/token-endpoint.ts';
import { TokenKeeper } from '../autodesk/connection/token-keeper.ts';
import type { AutodeskHttp } from '../autodesk/http/http.ts';
import type { Basics } from './given.ts';

/**
 * The sign-in for commands that set something up at Autodesk, kept in a folder of its own so that the mirror's token
 * stays one that only reads. Its refresh tokens are single-use, too, and looked after in the same way.
 */
export function managementConnection(
  options: Basics & { folder: string; http: AutodeskHttp; credentials: ThreeLeggedCredentials },
): Connection {
  const { folder, http, credentials, clock, randomness, log, metrics } = options;
  return new TokenKeeper({
    vault: new FileTokenVault(folder),
    ledger: new FileRefreshLedger(folder),
    endpoint: new TokenEndpoint(http, clock),
    credentials: async () => credentials,
    clock,
    randomness,
    log,
    metrics,
  });
}
