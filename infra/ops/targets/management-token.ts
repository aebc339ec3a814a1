import { ManagementClient } from '../../../shared/autodesk/client/management-client.ts';
import type { TokenSource } from '../../../shared/autodesk/client/token-source.ts';
import { MANAGEMENT_SCOPES } from '../../../shared/autodesk/connection/credentials.ts';
import { FileTokenVault } from '../../../shared/autodesk/connection/file-token-vault.ts';
import { NeedsConsentError } from '../../../shared/autodesk/http/errors.ts';
import { autodeskHttp } from '../../../shared/composition/autodesk.ts';
import { managementConnection } from '../../../shared/composition/management.ts';
import { SyncError } from '../../../shared/errors.ts';
import { managementFolder, stageFolder } from '../../local/data/data-folder.ts';
import { readAutodeskSettings } from './autodesk-access.ts';
import { BASICS } from './stores.ts';
import type { Target } from './target.ts';

/** Nobody has signed in for commands that set something up at Autodesk. `remedy` is the command that does. */
export class NoManagementTokenError extends SyncError {
  override readonly name = 'NoManagementTokenError';
  readonly code = 'NO_MANAGEMENT_TOKEN';
  readonly disposition = 'consent';

  constructor(signInCommand: string) {
    super(
      `This needs a sign-in with the scopes ${MANAGEMENT_SCOPES.join(' ')}; the mirror's own can only read.`,
      `Run \`${signInCommand}\`, then run this again.`,
    );
  }
}

/** Where the sign-in for management commands is kept: never in a stage's secrets, which its functions can read. */
export function managementFolderOf({ where }: Pick<Target, 'where'>): string {
  return managementFolder(where.kind === 'local' ? where.folder : stageFolder(where.stage));
}

/** The command that signs in for management commands. */
function managementSignIn({ where }: Pick<Target, 'where'>): string {
  const place = where.kind === 'local' ? '' : ` --stage ${where.stage}`;
  return `npm run ops -- authorize${place} --scopes ${MANAGEMENT_SCOPES.join(',')}`;
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
  const folder = managementFolderOf(target);
  if ((await new FileTokenVault(folder).read()) === undefined) {
    throw new NoManagementTokenError(managementSignIn(target));
  }
  const settings = await readAutodeskSettings(target);
  const { credentials } = settings;
  if (credentials.kind === 'service-account') throw new NoManagementTokenError(managementSignIn(target));
  const http = autodeskHttp(settings);
  const keeper = managementConnection({ ...BASICS, folder, http, credentials });
  const connection: TokenSource = {
    async get() {
      try {
        return await keeper.get();
      } catch (error) {
        // The words of the mirror's own connection would name another sign-in.
        if (error instanceof NeedsConsentError) throw new NoManagementTokenError(managementSignIn(target));
        throw error;
      }
    },
    refused: (token) => keeper.refused(token),
  };
  return { http, connection };
}
