import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { JsonObject } from '../../shared/json.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { BUILDING_CONNECTED, createBuildingConnected } from './api/building-connected.ts';
import type { CursorStyle } from './api/cursor.ts';
import { createDataConnector, DATA_CONNECTOR } from './api/data-connector.ts';
import { RequestChanges } from './api/data-connector-requests.ts';
import { ExtractServer } from './api/extract-server.ts';
import type { NextUrlForm, PageFault } from './api/list-pages.ts';
import {
  Authorization,
  type ClientRegistration,
  type TokenLifetimes,
} from './authorization/authorization.ts';
import { createAssertionVerifier, type ServiceAccount } from './authorization/service-accounts.ts';
import { AUTHORIZE_PATH, createSignIn } from './authorization/sign-in.ts';
import { createTokenEndpoint, TOKEN_PATH } from './authorization/token-endpoint.ts';
import { type CompanyScale, makeCompany } from './company/company.ts';
import { BiddingData } from './data/bidding-data.ts';
import type { ListOrder } from './data/collection.ts';
import { ExtractFiles } from './data/extract-files.ts';
import { Life } from './data/life.ts';
import { Faults } from './faults.ts';
import { Journal, type JournalEntry } from './http/journal.ts';
import {
  gatewayError,
  type SandboxRequest,
  type SandboxResponse,
  tokenNotAccepted,
} from './http/response.ts';
import { closeServer, createHttpServer, listen, unknownAddress } from './http-server.ts';
import { seededRandomness } from './seed/seeded-randomness.ts';
import { createStateKeeper, loadSandbox, type SavedSandbox } from './state-file.ts';
import { createWebhooksApi, WEBHOOKS } from './webhooks/api.ts';
import { Deliveries, type DeliveryOptions } from './webhooks/deliveries.ts';
import { Hooks } from './webhooks/hooks.ts';

/** The app that is registered where no other is asked for. */
export const SANDBOX_CLIENT = {
  clientId: 'sandbox-client',
  clientSecret: 'sandbox-secret',
  redirectUris: ['http://127.0.0.1:8765/callback', 'http://localhost:8765/callback'],
} as const;

const SANDBOX_ACCOUNT_ID = 'f9abf4c8-1f51-4b26-a6b7-6ac0639cb138';

const DEFAULT_SCALE: CompanyScale = {
  projects: 24,
  pairs: 60,
  invites: 400,
  forms: 60,
  requests: 25,
  jobs: 40,
};

/** As many as Autodesk puts on a page. */
const HOOKS_ON_A_PAGE = 200;
/** What a token has to have been granted, by what is done with it. */
const SCOPE_FOR: Partial<Record<string, string>> = {
  GET: 'data:read',
  POST: 'data:create',
  PATCH: 'data:write',
  DELETE: 'data:write',
};

/** A little less than an hour, as Autodesk answers. */
const ACCESS_TOKEN_SECONDS = 3599;

export interface SandboxOptions {
  /** 0, any free port, where missing. */
  port?: number;
  /** Decides the company, its life and which faults strike. */
  seed?: string;
  scale?: Partial<CompanyScale>;
  accountIds?: string[];
  clients?: ClientRegistration[];
  serviceAccounts?: ServiceAccount[];
  tokens?: Partial<TokenLifetimes>;
  listOrder?: ListOrder;
  cursorStyle?: CursorStyle;
  nextUrlForm?: NextUrlForm;
  /** How long each answer takes at least. */
  latencyMs?: number;
  /** Where tokens and changes survive the process. A file keeps the company it was made with: seed and scale then count for nothing. */
  stateFile?: string;
  clock?: Clock;
  fetch?: typeof fetch;
  /** How webhooks are sent. */
  webhooks?: Pick<DeliveryOptions, 'retriesMs' | 'reactivatedAfterMs'> & { pageSize?: number };
}

export interface Sandbox {
  /** Where all three APIs are, such as `http://127.0.0.1:41234`. */
  origin: string;
  accountIds: string[];
  /** The person for whom tokens speak, as `users/me` shows them. */
  user: JsonObject;
  data: BiddingData;
  faults: Faults;
  journal: Journal;
  /** What jobs have made, and where it is downloaded. */
  extracts: { files: ExtractFiles; server: ExtractServer };
  authorization: Authorization;
  live: Life;
  hooks: Hooks;
  /** The calls of hooks. */
  webhooks: Deliveries;
  /** Stops life, saves the state, cuts the connections. A second call does nothing. */
  close(): Promise<void>;
}

/** Starts a stand-in for Autodesk's APIs on this machine. It speaks HTTP on 127.0.0.1 and calls nobody else. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const clock = options.clock ?? systemClock;
  const clients = options.clients ?? [{ ...SANDBOX_CLIENT, redirectUris: [...SANDBOX_CLIENT.redirectUris] }];
  const accountIds = options.accountIds ?? [SANDBOX_ACCOUNT_ID];
  const saved = options.stateFile === undefined ? undefined : loadSandbox(options.stateFile);
  const seed = saved?.seed ?? options.seed ?? 'larkfield';
  const scale = saved?.scale ?? { ...DEFAULT_SCALE, ...options.scale };
  const madeAtMs = saved?.madeAtMs ?? clock.now();

  const company = makeCompany(seed, scale, accountIds, madeAtMs);
  const data = new BiddingData(company, options.listOrder ?? 'id', clock, () => keeper.changed());
  const lifetimes = { accessTokenSeconds: ACCESS_TOKEN_SECONDS, ...options.tokens };
  const authorization = new Authorization(clock, systemRandomness, lifetimes, saved?.authorization, () =>
    keeper.save(),
  );
  const hooks = new Hooks(
    saved?.hooks ?? [],
    clock,
    () => randomUUID(),
    () => keeper.changed(),
  );
  const userId = String(company.user.id);
  const { pageSize = HOOKS_ON_A_PAGE, ...deliveryOptions } = options.webhooks ?? {};
  const webhooks = new Deliveries({
    hooks,
    userId,
    clock,
    fetch: options.fetch ?? fetch,
    ...deliveryOptions,
  });
  const live = new Life(
    data,
    seed,
    saved?.lifeSteps ?? 0,
    { clock, fetch: options.fetch ?? fetch, tell: (event, payload) => webhooks.tell(event, payload) },
    () => keeper.changed(),
  );
  const keeper = createStateKeeper(
    options.stateFile,
    (): SavedSandbox => ({
      version: 1,
      seed,
      scale,
      madeAtMs,
      lifeSteps: live.steps,
      changes: data.changes,
      authorization: authorization.state(),
      hooks: hooks.all(),
    }),
  );
  if (saved !== undefined) data.restore(saved.changes);
  keeper.save();

  const faults = new Faults(seededRandomness(`${seed}/faults`));
  const journal = new Journal(clock);
  const signIn = createSignIn(clients, authorization, company.user);
  const verifyAssertion = createAssertionVerifier(options.serviceAccounts ?? [], clock);
  const tokenEndpoint = createTokenEndpoint(clients, authorization, verifyAssertion);
  const companyId = String(company.user.companyId);
  const webhooksApi = createWebhooksApi({ hooks, companyId, userId, pageSize });
  const files = new ExtractFiles();
  const extracts = { files, server: new ExtractServer(files, clock, systemRandomness) };
  const changes = new RequestChanges(data, clock);
  const dataConnector = createDataConnector(data, new Set(accountIds), changes, extracts);
  const buildingConnected = createBuildingConnected({
    data,
    user: company.user,
    cursorStyle: options.cursorStyle ?? 'key',
    nextUrlForm: options.nextUrlForm ?? 'mixed',
  });

  async function answer(
    request: SandboxRequest,
    entry: JournalEntry,
    fault: PageFault | undefined,
  ): Promise<SandboxResponse> {
    const { path, method } = request;
    if (path === AUTHORIZE_PATH && (method === 'GET' || method === 'POST')) return signIn(request);
    if (path === TOKEN_PATH && method === 'POST') return tokenEndpoint(request);
    const isBuildingConnected = path.startsWith(`${BUILDING_CONNECTED}/`);
    const isWebhooks = path.startsWith(`${WEBHOOKS}/`);
    const isDataConnector = path.startsWith(`${DATA_CONNECTOR}/`);
    // Changing hooks takes more, of which the API of webhooks knows.
    const scope =
      isDataConnector || method === 'GET' ? SCOPE_FOR[method] : isWebhooks ? 'data:read' : undefined;
    if (scope === undefined || !(isBuildingConnected || isDataConnector || isWebhooks))
      return unknownAddress();

    const token = authorization.admit(request.authorization);
    if (token === undefined) return tokenNotAccepted();
    entry.tokenGeneration = token.generation;
    if (token.speaker === 'app') {
      return gatewayError(401, 'AUTH-001', 'You are not authorized to use a 2-legged token');
    }
    if (!token.scopes.includes(scope)) {
      return gatewayError(403, 'AUTH-010', 'Token does not have the privilege for this request.');
    }
    if (isWebhooks) return webhooksApi(request, token.scopes);
    return isBuildingConnected ? buildingConnected(request, origin, fault) : dataConnector(request, fault);
  }

  const server = createHttpServer({
    clock,
    latencyMs: options.latencyMs ?? 0,
    faults,
    journal,
    answer,
    beforeResponse: () => keeper.saveIfChanged(),
  });
  const origin = await listen(server, options.port ?? 0);
  extracts.server.origin = await listen(extracts.server.server, 0);
  return {
    origin,
    accountIds,
    user: company.user,
    data,
    faults,
    journal,
    extracts,
    authorization,
    live,
    hooks,
    webhooks,
    close: async () => {
      await live.stop();
      await webhooks.stop();
      await Promise.all([closeServer(server), closeServer(extracts.server.server)]);
      keeper.saveIfChanged();
    },
  };
}
