import type { AuthorizationStatus } from '../../../shared/autodesk/client/token-source.ts';
import { storedConnection } from '../../../shared/autodesk/connection/authorization-status.ts';
import { parseCredentials } from '../../../shared/autodesk/connection/credentials.ts';
import { storesOf } from './stores.ts';
import type { Target } from './target.ts';

/** The connection to Autodesk as far as it is stored; Autodesk is not asked. */
export async function readAuthorization(target: Target): Promise<AuthorizationStatus> {
  if (await isServiceAccount(target)) return { state: 'connected' };
  const { refreshLedger, clock } = storesOf(target);
  return storedConnection(target.tokenVault, refreshLedger, clock).authorizationStatus();
}

/** A service account has no token that could lapse. Locally there is none. */
async function isServiceAccount({ where }: Target): Promise<boolean> {
  if (where.kind === 'local') return false;
  return (
    parseCredentials(await where.secrets.read(where.outputs.ConnectionSecretArn))?.kind === 'service-account'
  );
}
