import type { ApiName } from '../../resources/resource.ts';

/**
 * Requests of a minute, kept a tenth below Autodesk's published limits: 1,000 for BuildingConnected, 60 for Data
 * Connector.
 */
export const REQUESTS_PER_MINUTE: Record<ApiName, number> = { buildingconnected: 900, 'data-connector': 54 };

/** Why Autodesk wants no requests for a while: 429, or 503 with a time. */
export const PAUSE_REASONS = ['rate-limit', 'unavailable'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/**
 * The requests a minute that all workers share, and the pause that all of them hold after a 429 or a 503 that names one. Every request
 * to Autodesk, retries included, takes one place right before it is sent.
 */
export interface RateBudget {
  /**
   * Returns once a request may be sent now; waits a few seconds at most. Throws `RateLimitedError` with the time
   * to wait when the budget is spent, or the pause lasts, for longer than that. `urgent`: before all others, and from the
   * places that are kept for such requests, too.
   */
  take(api: ApiName, urgent?: boolean): Promise<void>;
  /** No worker sends a request to this API for `ms` milliseconds from now; a longer pause already set stands. */
  pause(api: ApiName, ms: number, by: PauseReason): Promise<void>;
}
