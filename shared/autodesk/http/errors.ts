import { SyncError, type SyncErrorOptions } from '../../errors.ts';

/** Autodesk did not answer, or answered 5xx: it may pass by itself. */
export class AutodeskUnavailableError extends SyncError {
  readonly code = 'AUTODESK_UNAVAILABLE';
  readonly disposition = 'retry';

  constructor(what: string, options?: SyncErrorOptions) {
    super(
      `Autodesk cannot be reached: ${what}`,
      "Nothing, if it passes. If it lasts, look at Autodesk's health page and at the network.",
      options,
    );
  }
}

/** The rate budget is spent or Autodesk asked for a pause, for longer than a caller should wait. */
export class RateLimitedError extends SyncError {
  readonly code = 'RATE_LIMITED';
  readonly disposition = 'wait';
  /** Milliseconds until the same request may be tried again. */
  readonly retryAfterMs: number;

  constructor(api: string, retryAfterMs: number, options?: SyncErrorOptions) {
    super(
      `No request may be sent to ${api} for ${Math.ceil(retryAfterMs / 1000)} s.`,
      'Nothing, it passes. If it happens often, lower the requests a minute or sync less often.',
      options,
    );
    this.retryAfterMs = retryAfterMs;
  }
}

/** Nothing can be read until a person has signed in. */
export class NeedsConsentError extends SyncError {
  readonly code = 'NEEDS_CONSENT';
  readonly disposition = 'consent';

  constructor(reason: string, options?: SyncErrorOptions) {
    super(
      `The connection to Autodesk needs a person to sign in: ${reason}`,
      'Run `npm run ops -- authorize` and sign in as the user whose data is mirrored. Syncs go on by themselves.',
      options,
    );
  }
}

/** Autodesk refused access token after access token, also new ones. */
export class TokenRefusedError extends SyncError {
  readonly code = 'TOKEN_REFUSED';
  readonly disposition = 'retry';

  constructor(refused: number, options?: SyncErrorOptions) {
    super(
      `Autodesk refused ${refused} access tokens in a row, although it had just granted them.`,
      'If it lasts, check that the app still has the BuildingConnected and Data Connector APIs enabled.',
      options,
    );
  }
}

/** The answer is not what the API promises. Going on would take it for the end of a list. */
export class UnexpectedAnswerError extends SyncError {
  readonly code = 'UNEXPECTED_ANSWER';
  readonly disposition = 'fail';

  constructor(what: string, options?: SyncErrorOptions) {
    super(
      `The answer cannot be trusted: ${what}`,
      'Check that nothing stands between this host and Autodesk (proxy, firewall). If Autodesk changed its API, upgrade.',
      options,
    );
  }
}

/** A list led back to a cursor it had given before. */
export class RepeatedCursorError extends SyncError {
  readonly code = 'REPEATED_CURSOR';
  readonly disposition = 'fail';

  constructor(resource: string, options?: SyncErrorOptions) {
    super(
      `The list of ${resource} gave the same cursor twice and would never end.`,
      'Run it again. If it comes back, report it to Autodesk with the time of the run.',
      options,
    );
  }
}

/** A list went on past every plausible length. */
export class PageCapError extends SyncError {
  readonly code = 'PAGE_CAP';
  readonly disposition = 'fail';

  constructor(resource: string, pages: number, options?: SyncErrorOptions) {
    super(
      `The list of ${resource} had not ended after ${pages} pages.`,
      'Run it again. If it comes back, report it to Autodesk with the time of the run.',
      options,
    );
  }
}

const REFUSALS = {
  SUBSCRIPTION_REQUIRED: {
    message: 'The signed-in user has no subscription for this data.',
    remedy:
      'Give the user (or their office) BuildingConnected Pro, and Bid Board Pro for opportunity-project pairs; ' +
      'for API access ask Autodesk sales. Then run the sync again.',
  },
  TWO_LEGGED_TOKEN: {
    message: 'Autodesk wants a token of a person, this one is of an app alone.',
    remedy: 'Run `npm run ops -- authorize`; client credentials are not enough for this API.',
  },
  APP_NOT_IN_ACCOUNT: {
    message: 'The app or the user has no access to Data Connector in this account.',
    remedy:
      'An account administrator adds the client id under Custom Integrations and gives the user executive ' +
      'overview or project administrator permission.',
  },
  ACCOUNT_UNKNOWN: {
    message: 'Autodesk knows no such account.',
    remedy: 'Correct AUTODESK_ACCOUNT_IDS: the id of the hub without its leading `b.`.',
  },
  WRONG_SCOPE: {
    message: 'The token lacks a scope that this request needs.',
    remedy: 'Run `npm run ops -- authorize` again and allow every scope that it asks for.',
  },
  FORBIDDEN: {
    message: 'The signed-in user may not read this.',
    remedy: 'Give the user the permission in BuildingConnected, or sign in as another user.',
  },
  NOT_FOUND: {
    message: 'Autodesk knows no such path or record.',
    remedy: 'Check the address of the API. If it is right, Autodesk has changed its API: upgrade.',
  },
  BAD_REQUEST: {
    message: 'Autodesk did not understand the request.',
    remedy: 'Run it again. If it comes back, report it with the time of the run.',
  },
  INVALID_CLIENT: {
    message: 'Autodesk does not accept the client id with this secret.',
    remedy:
      'Correct AUTODESK_CLIENT_ID and AUTODESK_CLIENT_SECRET, or for a stage run `npm run ops -- configure`. The ' +
      "app's page at Autodesk shows both; a Desktop or SPA app has no secret.",
  },
  SERVICE_ACCOUNT: {
    message: 'Autodesk does not accept the assertion of the service account.',
    remedy: 'Check the service account id, the key id and the private key, and that the account is enabled.',
  },
  TOKEN_REQUEST: {
    message: 'Autodesk did not understand the request for a token.',
    remedy:
      'Check the type of the app at Autodesk: a Traditional Web App has a secret, a Desktop or SPA app has none.',
  },
} as const satisfies Record<string, { message: string; remedy: string }>;

export type RefusalCode = keyof typeof REFUSALS;

/** What a person can correct before it is asked again, while work waits; the others end the run. */
const RETRIED: readonly RefusalCode[] = ['INVALID_CLIENT', 'SERVICE_ACCOUNT', 'TOKEN_REQUEST'];

/** Autodesk understood who asks and said no (4xx). `code` says why, once for alerts, `doctor` and logs alike. */
export class RequestRefusedError extends SyncError {
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
