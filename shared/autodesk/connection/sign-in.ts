import { createHash } from 'node:crypto';
import { type Clock, isoTime } from '../../clock.ts';
import { SyncError } from '../../errors.ts';
import type { Randomness } from '../../randomness.ts';
import type { SignedInUser } from '../client/client.ts';
import { AutodeskUnavailableError, RequestRefusedError } from '../http/errors.ts';
import type { AutodeskOrigin } from '../http/origin.ts';
import { expiresAtOf } from './authorization-status.ts';
import type { ThreeLeggedCredentials } from './credentials.ts';
import { type TokenEndpoint, unexpectedToken } from './token-endpoint.ts';
import type { TokenVault } from './token-vault.ts';

const AUTHORIZE_PATH = '/authentication/v2/authorize';

const FAILURES = {
  DENIED: {
    message: 'Access was denied on the Autodesk page.',
    remedy: 'Run it again and choose Allow.',
  },
  WRONG_STATE: {
    message: 'That URL belongs to a different sign-in.',
    remedy: 'Run it again and use the URL from the latest run.',
  },
  NO_CODE: {
    message: 'That URL has no code in it.',
    remedy: 'Copy the whole URL from the browser, starting at http.',
  },
  MISSING_SCOPE: {
    message: 'Autodesk does not grant this app the scopes that it asked for.',
    remedy: "Enable the BuildingConnected and Data Connector APIs on the app's page at Autodesk.",
  },
  CODE_REFUSED: {
    message: 'Autodesk rejected the code.',
    remedy:
      'Run it again within five minutes of opening the page. Check that the redirect URL is registered, ' +
      "exactly as written, among the callback URLs on the app's page at Autodesk.",
  },
  NO_REFRESH_TOKEN: {
    message: 'Autodesk granted access for an hour only: its response has no refresh token.',
    remedy:
      "Check the app type on the app's page at Autodesk: it must allow refresh tokens. Then run it again.",
  },
  REFUSED: {
    message: 'Autodesk rejected the sign-in.',
    remedy:
      "Check these on the app's page at Autodesk: client id, app type, and that the redirect URL is among " +
      'its callback URLs.',
  },
} as const;

/** A sign-in that did not reach its end; the code says why. */
export class SignInError extends SyncError {
  override readonly name = 'SignInError';
  readonly code: keyof typeof FAILURES;
  readonly disposition = 'fail';

  constructor(code: keyof typeof FAILURES) {
    super(FAILURES[code].message, FAILURES[code].remedy);
    this.code = code;
  }
}

/** A sign-in that waits for a person. `state` and `verifier` are good for this one only. */
export interface StartedSignIn {
  /** The page on which the person allows access. */
  url: string;
  redirectUri: string;
  state: string;
  verifier: string;
}

/** Starts a three-legged sign-in with PKCE. `redirectUri` has to be registered for the app, letter for letter. */
export function startSignIn(
  origin: AutodeskOrigin,
  clientId: string,
  redirectUri: string,
  scopes: readonly string[],
  randomness: Randomness,
): StartedSignIn {
  const state = randomness.hex(16);
  const verifier = randomness.hex(32);
  const url = new URL(AUTHORIZE_PATH, origin);
  const parameters = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, redirectUri, state, verifier };
}

export interface SignInPorts {
  endpoint: TokenEndpoint;
  credentials: ThreeLeggedCredentials;
  vault: TokenVault;
  clock: Clock;
  /** Proves an access token: asks Autodesk whose it is. */
  whoIs: (accessToken: string) => Promise<SignedInUser>;
}

export interface SignedIn {
  user: SignedInUser;
  generation: number;
  /** Until when the connection lives if nothing renews it; ISO 8601. */
  expiresAt: string;
}

/**
 * Ends a sign-in with the address that the browser was sent back to: exchanges the code, proves the token and
 * stores it as the next generation, which ends any need for consent. Nothing is stored unless the proof succeeds.
 */
export async function finishSignIn(
  started: StartedSignIn,
  returnedTo: string,
  { endpoint, credentials, vault, clock, whoIs }: SignInPorts,
): Promise<SignedIn> {
  const answer = await endpoint.request(
    {
      grant_type: 'authorization_code',
      code: codeIn(returnedTo, started),
      redirect_uri: started.redirectUri,
      code_verifier: started.verifier,
    },
    credentials,
  );
  if (answer.kind === 'refused') {
    if (answer.error === 'invalid_client') throw new RequestRefusedError('INVALID_CLIENT', answer.status);
    throw new SignInError(answer.error === 'invalid_grant' ? 'CODE_REFUSED' : 'REFUSED');
  }
  if (answer.kind === 'unexpected') throw unexpectedToken(answer.what);
  if (answer.kind !== 'granted') throw new AutodeskUnavailableError(answer.reason);
  const { accessToken, expiresInSeconds, refreshToken } = answer;
  if (refreshToken === undefined) throw new SignInError('NO_REFRESH_TOKEN');
  const obtainedAtMs = clock.now();
  const user = await whoIs(accessToken);
  for (;;) {
    const newest = await vault.read();
    const token = {
      generation: (newest?.generation ?? 0) + 1,
      accessToken,
      accessTokenExpiresAt: isoTime(obtainedAtMs + expiresInSeconds * 1_000),
      refreshToken,
      obtainedAt: isoTime(obtainedAtMs),
      ...(newest?.seedHash === undefined ? {} : { seedHash: newest.seedHash }),
    };
    // A refresh of the old connection may take the generation first; this one then comes after it.
    if (await vault.store(token)) {
      return { user, generation: token.generation, expiresAt: expiresAtOf(token) };
    }
  }
}

/** The code in the address that came back, which may have been pasted with white space around it. */
function codeIn(returnedTo: string, { state }: StartedSignIn): string {
  const parameters = URL.parse(returnedTo.trim())?.searchParams;
  if (parameters === undefined) throw new SignInError('NO_CODE');
  const error = parameters.get('error');
  const code = parameters.get('code');
  if (error === null && code === null) throw new SignInError('NO_CODE');
  if (parameters.get('state') !== state) throw new SignInError('WRONG_STATE');
  if (error === 'access_denied') throw new SignInError('DENIED');
  if (error === 'invalid_scope') throw new SignInError('MISSING_SCOPE');
  if (code === null || code === '') throw new SignInError('REFUSED');
  return code;
}
