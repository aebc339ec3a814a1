/** A token that requests are sent with. `generation` tells two tokens of one source apart, and which is newer. */
export interface AccessToken {
  value: string;
  generation: number;
}

/** Where the client gets its access tokens. */
export interface TokenSource {
  /** A token that is thought to be good now, shared by all workers. Throws `NeedsConsentError`. */
  get(): Promise<AccessToken>;
  /** Autodesk answered 401 to this token: the next `get` of this source gives a newer one. */
  refused(token: AccessToken): void;
}

export interface AuthorizationStatus {
  state: 'connected' | 'needs-consent' | 'not-configured';
  /** When the connection dies if nothing refreshes it; ISO 8601. Absent where nothing expires. */
  expiresAt?: string;
  /** When its newest refresh token was obtained; ISO 8601. */
  obtainedAt?: string;
  /** Whole days until `expiresAt`, never below 0. */
  daysLeft?: number;
  /** Why a person is needed. */
  reason?: string;
}

/** A connection to Autodesk: tokens, and what keeps them coming. */
export interface Connection extends TokenSource {
  /** Renews a connection that nothing has renewed for most of a day, so that it does not lapse while idle. */
  keepAlive(): Promise<void>;
  authorizationStatus(): Promise<AuthorizationStatus>;
}
