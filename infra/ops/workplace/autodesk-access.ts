import { EMPTY_WINDOW, rateWindow } from '../../../shared/autodesk/budget/rate-window.ts';
import { SharedRateBudget } from '../../../shared/autodesk/budget/shared-rate-budget.ts';
import { AutodeskClient } from '../../../shared/autodesk/client/client.ts';
import type { ConnectionCredentials } from '../../../shared/autodesk/connection/credentials.ts';
import { ServiceAccountConnection } from '../../../shared/autodesk/connection/service-account.ts';
import { TokenEndpoint } from '../../../shared/autodesk/connection/token-endpoint.ts';
import { TokenKeeper } from '../../../shared/autodesk/connection/token-keeper.ts';
import { AutodeskHttp } from '../../../shared/autodesk/http/http.ts';
import { type AutodeskOrigin, autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { systemClock } from '../../../shared/clock.ts';
import { DynamoStateItem } from '../../../shared/dynamodb/state-item.ts';
import { ConfigurationError } from '../../../shared/errors.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import type { ApiName } from '../../../shared/resources/resource.ts';
import { createSecretReader } from '../../../shared/secrets.ts';
import {
  type LiveSettings,
  readLiveSettings,
  readSandboxSettings,
  type SandboxSettings,
} from '../../local/data/environment.ts';
import { SANDBOX_CLIENT } from '../../sandbox/sandbox.ts';
import { CommandFailedError } from '../terminal/command-failed-error.ts';
import { parseCredentials } from './authorization.ts';
import { storesOf } from './stores.ts';
import type { Workplace } from './workplace.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** What the functions keep to by default. */
const REQUESTS_PER_MINUTE = { buildingconnected: 900, 'data-connector': 54 };

/** How a workplace reaches Autodesk. */
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
}: Workplace): Promise<AutodeskSettings> {
  const lists = { enabledResources, accountIds };
  if (where.kind === 'aws') {
    const text = await createSecretReader(where.secretsManager, systemClock).read(
      where.outputs.ConnectionSecretArn,
    );
    const credentials = parseCredentials(text);
    if (!credentials) {
      throw new ConfigurationError(['the connection secret is not filled; run `npm run ops -- configure`']);
    }
    return {
      origin: autodeskOrigin.parse(where.outputs.AutodeskBaseUrl),
      credentials,
      requestsPerMinute: REQUESTS_PER_MINUTE,
      lists,
    };
  }
  if (where.origin === 'sandbox') {
    if (where.sandbox === undefined) {
      throw new CommandFailedError(
        'This data folder mirrors the sandbox, which lives inside `npm start` only.',
        'Run it while `npm start` runs; with --live it looks at Autodesk itself.',
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
export function autodeskClientOf(workplace: Workplace, settings: AutodeskSettings): AutodeskClient {
  const { credentials } = settings;
  const { clock, randomness, log, metrics, refreshLedger } = storesOf(workplace);
  const http = new AutodeskHttp({
    fetch: globalThis.fetch,
    origin: settings.origin,
    timeoutMs: REQUEST_TIMEOUT_MS,
    ...(settings.mode && { mode: settings.mode }),
  });
  const windowOf = (api: ApiName) =>
    new DynamoStateItem(
      workplace.dynamodb,
      workplace.tables.state,
      { pk: `budget#${api}`, sk: 'budget' },
      rateWindow,
      EMPTY_WINDOW,
    );
  const parts = { clock, randomness, log, metrics };
  const endpoint = new TokenEndpoint(http, clock);
  const tokens =
    credentials.kind === 'service-account'
      ? new ServiceAccountConnection({ endpoint, credentials: async () => credentials, ...parts })
      : new TokenKeeper({
          vault: workplace.tokenVault,
          ledger: refreshLedger,
          endpoint,
          credentials: async () => credentials,
          seed: settings.seed,
          ...parts,
        });
  return new AutodeskClient({
    http,
    tokens,
    budget: new SharedRateBudget({
      windows: {
        buildingconnected: windowOf('buildingconnected'),
        'data-connector': windowOf('data-connector'),
      },
      requestsPerMinute: settings.requestsPerMinute,
      clock,
      randomness,
    }),
    usage: new Usage(),
    ...parts,
  });
}
