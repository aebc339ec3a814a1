import { SyncError, type SyncErrorOptions } from '../../errors.ts';

/** Autodesk did not answer, or answered 5xx: it may pass by itself. */
export class AutodeskUnavailableError extends SyncError {
  override readonly name = 'AutodeskUnavailableError';
  readonly code = 'AUTODESK_UNAVAILABLE';
  readonly disposition = 'retry';

  constructor(what: string, options?: SyncErrorOptions) {
    super(
      `Cannot reach Autodesk: ${what}`,
      "Usually clears on its own. If it does not, check Autodesk's health page and your network.",
      options,
    );
  }
}

/** The rate budget is spent or Autodesk asked for a pause, for longer than a caller should wait. */
export class RateLimitedError extends SyncError {
  override readonly name = 'RateLimitedError';
  readonly code = 'RATE_LIMITED';
  readonly disposition = 'wait';
  /** Milliseconds until the same request may be tried again. */
  readonly retryAfterMs: number;

  constructor(api: string, retryAfterMs: number, options?: SyncErrorOptions) {
    super(
      `Rate limit reached for ${api}; retrying in ${Math.ceil(retryAfterMs / 1000)} s.`,
      'Clears on its own. If it happens often, lower the requests per minute or sync less often.',
      options,
    );
    this.retryAfterMs = retryAfterMs;
  }
}

/** Nothing can be read until a person has signed in. */
export class NeedsConsentError extends SyncError {
  override readonly name = 'NeedsConsentError';
  readonly code = 'NEEDS_CONSENT';
  readonly disposition = 'consent';

  constructor(reason: string, options?: SyncErrorOptions) {
    super(
      `Autodesk needs someone to sign in: ${reason}`,
      'Run `npm run ops -- authorize` and sign in as the user whose data is mirrored. Syncs resume on their own.',
      options,
    );
  }
}

/** Autodesk refused access token after access token, also new ones. */
export class TokenRefusedError extends SyncError {
  override readonly name = 'TokenRefusedError';
  readonly code = 'TOKEN_REFUSED';
  readonly disposition = 'retry';

  constructor(refused: number, options?: SyncErrorOptions) {
    super(
      `Autodesk rejected ${refused} access tokens in a row right after issuing them.`,
      'If it continues, check that the app still has the BuildingConnected and Data Connector APIs enabled.',
      options,
    );
  }
}

/** The answer is not what the API promises. Going on would take it for the end of a list. */
export class UnexpectedResponseError extends SyncError {
  override readonly name = 'UnexpectedResponseError';
  readonly code = 'UNEXPECTED_ANSWER';
  readonly disposition = 'fail';

  constructor(what: string, options?: SyncErrorOptions) {
    super(
      `Unexpected response from Autodesk: ${what}`,
      'Check for a proxy or firewall between this host and Autodesk. If Autodesk changed its API, upgrade.',
      options,
    );
  }
}

/** A list led back to a cursor it had given before. */
export class RepeatedCursorError extends SyncError {
  override readonly name = 'RepeatedCursorError';
  readonly code = 'REPEATED_CURSOR';
  readonly disposition = 'fail';

  constructor(resource: string, options?: SyncErrorOptions) {
    super(
      `The ${resource} list returned the same cursor twice and would never end.`,
      'Run it again. If it happens again, report it to Autodesk with the time of the run.',
      options,
    );
  }
}

/** A list went on past every plausible length. */
export class PageCapError extends SyncError {
  override readonly name = 'PageCapError';
  readonly code = 'PAGE_CAP';
  readonly disposition = 'fail';

  constructor(resource: string, pages: number, options?: SyncErrorOptions) {
    super(
      `The ${resource} list had not ended after ${pages} pages.`,
      'Run it again. If it happens again, report it to Autodesk with the time of the run.',
      options,
    );
  }
}

const REFUSALS = {
  SUBSCRIPTION_REQUIRED: {
    message: 'The signed-in user has no subscription for this data.',
    remedy:
      'Give the user (or their office) BuildingConnected Pro, and Bid Board Pro for opportunity-project pairs; ' +
      'for API access contact Autodesk sales. Then run the sync again.',
  },
  TWO_LEGGED_TOKEN: {
    message: 'This API needs a user sign-in; this token belongs to the app alone.',
    remedy: 'Run `npm run ops -- authorize`; client credentials are not enough for this API.',
  },
  APP_NOT_IN_ACCOUNT: {
    message: 'The app or the user has no access to Data Connector in this account.',
    remedy:
      'Have an account administrator add the client id under Custom Integrations and give the user executive ' +
      'overview or project administrator permission.',
  },
  ACCOUNT_UNKNOWN: {
    message: 'Autodesk does not recognize this account.',
    remedy: 'Correct AUTODESK_ACCOUNT_IDS: use the id of a hub that the signed-in user can see.',
  },
  WRONG_SCOPE: {
    message: 'The token is missing a scope that this request needs.',
    remedy: 'Run `npm run ops -- authorize` again and allow every scope that it asks for.',
  },
  MANAGEMENT_SCOPE: {
    message: 'The management sign-in is missing a scope that this request needs.',
    remedy: 'Run `npm run ops -- authorize --scopes data:read,data:create,data:write` and allow every scope.',
  },
  FORBIDDEN: {
    message: 'The signed-in user does not have permission to read this.',
    remedy: 'Give the user permission in BuildingConnected, or sign in as another user.',
  },
  NOT_FOUND: {
    message: 'Autodesk could not find this path or record.',
    remedy: 'Check the base URL of the API. If it is right, Autodesk changed its API: upgrade.',
  },
  BAD_REQUEST: {
    message: 'Autodesk rejected the request as invalid.',
    remedy: 'Run it again. If it happens again, report it with the time of the run.',
  },
  INVALID_CLIENT: {
    message: 'Autodesk rejected the client id or its secret.',
    remedy:
      'Correct AUTODESK_CLIENT_ID and AUTODESK_CLIENT_SECRET, or for a stage run `npm run ops -- configure`. The ' +
      "app's page at Autodesk shows both; a Desktop or SPA app has no secret.",
  },
  SERVICE_ACCOUNT: {
    message: "Autodesk rejected the service account's assertion.",
    remedy: 'Check the service account id, the key id and the private key, and that the account is enabled.',
  },
  TOKEN_REQUEST: {
    message: 'Autodesk rejected the token request as invalid.',
    remedy:
      'Check the app type at Autodesk: a Traditional Web App has a secret, a Desktop or SPA app has none.',
  },
} as const satisfies Record<string, { message: string; remedy: string }>;

export type RefusalCode = keyof typeof REFUSALS;

/** What a person can correct before it is asked again, while work waits; the others end the run. */
const RETRIED: readonly RefusalCode[] = ['INVALID_CLIENT', 'SERVICE_ACCOUNT', 'TOKEN_REQUEST'];

/** Autodesk understood who asks and said no (4xx). `code` says why, once for alerts, `doctor` and logs alike. */
export class RequestRefusedError extends SyncError {
  override readonly name = 'RequestRefusedError';
  readonly code: RefusalCode;
  readonly disposition: 'fail' | 'retry';
  readonly status: number;

  constructor(code: RefusalCode, status: number, serverTitle?: string, options?: SyncErrorOptions) {
    const { message, remedy } = REFUSALS[code];
    super(
      serverTitle ? `${message} (HTTP ${status}: ${serverTitle})` : `${message} (HTTP ${status})`,
      remedy,
      options,
    );
    this.code = code;
    this.status = status;
    this.disposition = RETRIED.includes(code) ? 'retry' : 'fail';
  }
}

/**
 * Whether Autodesk may have refused the cursor of a list rather than the caller: any 4xx but 401, 403 and 429.
 * Only the caller knows whether the request carried a cursor.
 */
export function mayBeRefusedCursor(error: unknown): boolean {
  return error instanceof RequestRefusedError && error.status !== 401 && error.status !== 403;
}
