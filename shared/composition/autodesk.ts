import { SharedRateBudget } from '../autodesk/budget/shared-rate-budget.ts';
import type { AutodeskApi } from '../autodesk/client/api.ts';
import { AutodeskClient } from '../autodesk/client/client.ts';
import { ManagementClient } from '../autodesk/client/management-client.ts';
import type { TokenSource } from '../autodesk/client/token-source.ts';
import { connect } from '../autodesk/connection/connect.ts';
import type { CredentialsSource } from '../autodesk/connection/credentials.ts';
import { TokenEndpoint } from '../autodesk/connection/token-endpoint.ts';
import type { TokenVault } from '../autodesk/connection/token-vault.ts';
import { AutodeskHttp, type HttpOptions } from '../autodesk/http/http.ts';
import type { AutodeskOrigin } from '../autodesk/http/origin.ts';
import type { Usage } from '../observability/usage.ts';
import { type RecordTreatment, withTreatment } from '../privacy/treated-api.ts';
import type { ApiName } from '../resources/resource.ts';
import type { Basics, StateAccess } from './given.ts';
import { type ManagementSignIn, managementConnection } from './management.ts';
import { connectionLedger, rateWindows } from './stores.ts';

/** For one request to Autodesk, its body included. */
const REQUEST_TIMEOUT_MS = 30_000;

export interface AutodeskOptions extends Basics, StateAccess {
  origin: AutodeskOrigin;
  /** Autodesk's own sample data. */
  mode?: HttpOptions['mode'] | undefined;
  credentials: CredentialsSource;
  tokenVault: TokenVault;
  /** Absent where nothing is set up at Autodesk with it. */
  managementSignIn?: ManagementSignIn | undefined;
  requestsPerMinute: Record<ApiName, number>;
  /** What is done to every record that is read. */
  treatment: RecordTreatment;
}

/** What is read of Autodesk: records as they may be stored, what is no record, and who is signed in. */
export type AutodeskReader = AutodeskApi & Pick<AutodeskClient, 'document' | 'signedInUser'>;

/** Single requests to Autodesk, without tokens or retries. */
export function autodeskHttp({ origin, mode }: Pick<AutodeskOptions, 'origin' | 'mode'>): AutodeskHttp {
  return new AutodeskHttp({
    fetch: globalThis.fetch,
    origin,
    timeoutMs: REQUEST_TIMEOUT_MS,
    ...(mode && { mode }),
  });
}

/** The connection to Autodesk, and clients that read through it within the rate budget that all workers share. */
export function connectAutodesk(options: AutodeskOptions) {
  const {
    credentials,
    tokenVault,
    managementSignIn,
    requestsPerMinute,
    treatment,
    clock,
    randomness,
    log,
    metrics,
  } = options;
  const http = autodeskHttp(options);
  const connection = connect(credentials, {
    vault: tokenVault,
    ledger: connectionLedger(options),
    endpoint: new TokenEndpoint(http, clock),
    clock,
    randomness,
    log,
    metrics,
  });
  const budget = new SharedRateBudget({
    windows: rateWindows(options),
    requestsPerMinute,
    clock,
    randomness,
  });
  const clientWith = (tokens: TokenSource) => new ManagementClient({ http, tokens, clock, randomness });
  // A service account does not sign in.
  const manager =
    managementSignIn && credentials.kind === 'three-legged'
      ? clientWith(
          managementConnection({ ...options, signIn: managementSignIn, http, credentials: credentials.read }),
        )
      : undefined;
  return {
    connection,
    /** A client whose calls are counted in `usage`. There is none that answers records untreated. */
    clientFor: (usage: Usage): AutodeskReader => {
      const ports = { http, tokens: connection, budget, usage, clock, randomness, log, metrics };
      const client = new AutodeskClient(ports);
      return {
        ...withTreatment(client, treatment),
        document: (api, path) => client.document(api, path),
        signedInUser: () => client.signedInUser(),
      };
    },
    /** Calls outside the lists with the management sign-in; undefined while nobody has signed in for it. */
    signedInManager: async () => ((await managementSignIn?.vault.read()) === undefined ? undefined : manager),
    /** Calls outside the lists with the mirror's own token. */
    management: clientWith(connection),
  };
}
