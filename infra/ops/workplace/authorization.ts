import type { AuthorizationStatus } from '../../../shared/autodesk/client/token-source.ts';
import { authorizationStatusOf } from '../../../shared/autodesk/connection/authorization-status.ts';
import { connectionCredentials } from '../../../shared/autodesk/connection/credentials.ts';
import { createSecretReader } from '../../../shared/secrets.ts';
import { storesOf } from './stores.ts';
import type { Workplace } from './workplace.ts';

/** The connection to Autodesk as far as it is stored; Autodesk is not asked. */
export async function readAuthorization(workplace: Workplace): Promise<AuthorizationStatus> {
  if (await isServiceAccount(workplace)) return { state: 'connected' };
  const { refreshLedger, clock } = storesOf(workplace);
  const [token, { value }] = await Promise.all([workplace.tokenVault.read(), refreshLedger.read()]);
  return authorizationStatusOf(token, value, undefined, clock.now());
}

/** A service account has no token that could lapse. Locally there is none. */
async function isServiceAccount(workplace: Workplace): Promise<boolean> {
  const { where } = workplace;
  if (where.kind === 'local') return false;
  const { clock } = storesOf(workplace);
  const text = await createSecretReader(where.secretsManager, clock).read(where.outputs.ConnectionSecretArn);
  return parseCredentials(text)?.kind === 'service-account';
}

/** Undefined where the secret is empty or not usable. */
export function parseCredentials(text: string | undefined) {
  try {
    return connectionCredentials.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}
