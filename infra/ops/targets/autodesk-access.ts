import {
  type ConnectionCredentials,
  knownCredentials,
  readCredentials,
} from '../../../shared/autodesk/connection/credentials.ts';
import { type AutodeskOrigin, autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { type AutodeskReader, connectAutodesk } from '../../../shared/composition/autodesk.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import type { ApiName } from '../../../shared/resources/resource.ts';
import {
  type LiveSettings,
  readLiveSettings,
  readSandboxSettings,
  type SandboxSettings,
} from '../../local/data/environment.ts';
import { SANDBOX_CLIENT } from '../../sandbox/sandbox.ts';
import { CommandFailedError } from '../terminal/command-failed-error.ts';
import { BASICS } from './stores.ts';
import type { Target } from './target.ts';

/** How a target reaches Autodesk. */
export interface AutodeskSettings {
  origin: AutodeskOrigin;
  mode?: 'test';
  credentials: ConnectionCredentials;
  /** A refresh token to begin with, as `npm start -- --live` uses it. */
  seed?: string;
  requestsPerMinute: Record<ApiName, number>;
  lists: EnabledResources;
}

interface EnabledResources {
  enabledResources: readonly string[];
  accountIds: readonly string[];
}

/** Throws `ConfigurationError` with what is missing, `CommandFailedError` where there is no Autodesk at all. */
export async function readAutodeskSettings({
  where,
  enabledResources,
  accountIds,
}: Target): Promise<AutodeskSettings> {
  const lists = { enabledResources, accountIds };
  if (where.kind === 'aws') {
    const { secrets, outputs } = where;
    return {
      origin: outputs.AutodeskBaseUrl,
      ...(outputs.AutodeskMode && { mode: outputs.AutodeskMode }),
      credentials: await readCredentials(secrets, outputs.ConnectionSecretArn),
      requestsPerMinute: {
        buildingconnected: outputs.AutodeskRequestsPerMinute,
        'data-connector': outputs.DataConnectorRequestsPerMinute,
      },
      lists,
    };
  }
  if (where.origin === 'sandbox') {
    if (where.sandbox === undefined) {
      throw new CommandFailedError(
        'This data folder mirrors the sandbox, which runs only inside `npm start`.',
        'Run this while `npm start` runs, or use --live for Autodesk itself.',
      );
    }
    const { clientId, clientSecret } = SANDBOX_CLIENT;
    return {
      origin: autodeskOrigin.parse(where.sandbox),
      credentials: { kind: 'three-legged', clientId, clientSecret },
      requestsPerMinute: budgetOf(await readSandboxSettings()),
      lists,
    };
  }
  return readLiveAutodeskSettings();
}

/** How `npm start -- --live` reaches Autodesk: what the environment and `.env` say. Throws `ConfigurationError`. */
export async function readLiveAutodeskSettings(): Promise<AutodeskSettings> {
  const settings = await readLiveSettings();
  const {
    AUTODESK_CLIENT_ID: clientId,
    AUTODESK_CLIENT_SECRET: clientSecret,
    AUTODESK_REFRESH_TOKEN: seed,
  } = settings;
  return {
    origin: settings.AUTODESK_BASE_URL,
    ...(settings.AUTODESK_BC_MODE && { mode: settings.AUTODESK_BC_MODE }),
    credentials: { kind: 'three-legged', clientId, ...(clientSecret !== undefined && { clientSecret }) },
    ...(seed !== undefined && { seed }),
    requestsPerMinute: budgetOf(settings),
    lists: { enabledResources: settings.ENABLED_RESOURCES, accountIds: settings.AUTODESK_ACCOUNT_IDS },
  };
}

function budgetOf(settings: SandboxSettings | LiveSettings): Record<ApiName, number> {
  return {
    buildingconnected: settings.AUTODESK_REQUESTS_PER_MINUTE,
    'data-connector': settings.DATA_CONNECTOR_REQUESTS_PER_MINUTE,
  };
}

/** Autodesk as the worker sees it, within the rate budget that all share. */
export function autodeskClientOf(target: Target, settings: AutodeskSettings): AutodeskReader {
  const { credentials, seed, ...access } = settings;
  return connectAutodesk({
    ...BASICS,
    ...target,
    ...access,
    credentials: knownCredentials(credentials, seed),
  }).clientFor(new Usage());
}
