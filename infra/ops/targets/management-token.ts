import { ManagementClient } from '../../../shared/autodesk/client/management-client.ts';
import type { TokenSource } from '../../../shared/autodesk/client/token-source.ts';
import { MANAGEMENT_SCOPES, MANAGEMENT_SIGN_IN } from '../../../shared/autodesk/connection/credentials.ts';
import { SecretTokenVault } from '../../../shared/autodesk/connection/secret-token-vault.ts';
import { NeedsConsentError } from '../../../shared/autodesk/http/errors.ts';
import { autodeskHttp } from '../../../shared/composition/autodesk.ts';
import {
  type ManagementSignIn,
  managementConnection,
  managementInFolder,
} from '../../../shared/composition/management.ts';
import { managementLedger } from '../../../shared/composition/stores.ts';
import { SyncError } from '../../../shared/errors.ts';
import { managementFolder } from '../../local/data/data-folder.ts';
import { readAutodeskSettings } from './autodesk-access.ts';
import { BASICS } from './stores.ts';
import type { Target } from './target.ts';

/** There is no sign-in with which something may be set up at Autodesk. `remedy` is the command that makes one possible. */
export class NoManagementTokenError extends SyncError {
  override readonly name = 'NoManagementTokenError';
  readonly code = 'NO_MANAGEMENT_TOKEN';
  readonly disposition = 'consent';
}

/** Where the management sign-in of a target is kept. Throws `NoManagementTokenError` where a stage has no place for it yet. */
export function managementSignInOf(target: Target): ManagementSignIn {
  const { where } = target;
  if (where.kind === 'local') return managementInFolder(managementFolder(where.folder));
  const { ManagementTokenSecretArn: secretArn } = where.outputs;
  if (secretArn === undefined) {
    throw new NoManagementTokenError(
      `The stage ${where.stage} has no secret for a sign-in with the scopes ${MANAGEMENT_SCOPES.join(' ')}.`,
      `Deploy it again (\`npm run deploy -- --context stage=${where.stage}\`), then run this again.`,
    );
  }
  return {
    vault: new SecretTokenVault(where.secretsManager, secretArn),
    ledger: managementLedger({ ...BASICS, ...target }),
  };
}

/** The command that makes the management sign-in of a target. */
export function managementSignInCommand({ where }: Pick<Target, 'where'>): string {
  return where.kind === 'local' ? MANAGEMENT_SIGN_IN : `${MANAGEMENT_SIGN_IN} --stage ${where.stage}`;
}

/**
 * Access tokens for commands that set something up at Autodesk, with the scopes data:read, data:create and data:write.
 * Renewed when they expire. Throws `NoManagementTokenError` where nobody has signed in for it.
 */
export async function managementToken(target: Target): Promise<TokenSource> {
  const { connection } = await openManagement(target);
  return connection;
}

/** Calls that look at or change what is set up at Autodesk. Throws `NoManagementTokenError`. */
export async function managementClient(target: Target): Promise<ManagementClient> {
  const { connection, http } = await openManagement(target);
  return new ManagementClient({ ...BASICS, http, tokens: connection });
}

async function openManagement(target: Target) {
  const signIn = managementSignInOf(target);
  if ((await signIn.vault.read()) === undefined) throw notSignedIn(target);
  const settings = await readAutodeskSettings(target);
  const { credentials } = settings;
  if (credentials.kind === 'service-account') throw notSignedIn(target);
  const http = autodeskHttp(settings);
  const keeper = managementConnection({ ...BASICS, signIn, http, credentials: async () => credentials });
  const connection: TokenSource = {
    async get() {
      try {
        return await keeper.get();
      } catch (error) {
        // The words of the mirror's own connection would name another sign-in.
        if (error instanceof NeedsConsentError) throw notSignedIn(target);
        throw error;
      }
    },
    refused: (token) => keeper.refused(token),
  };
  return { http, connection };
}

function notSignedIn(target: Target): NoManagementTokenError {
  return new NoManagementTokenError(
    `This needs a sign-in with the scopes ${MANAGEMENT_SCOPES.join(' ')}; the mirror's own can only read.`,
    `Run \`${managementSignInCommand(target)}\`, then run this again.`,
  );
}
