import type { ScopeState } from './run.ts';

/** Why Autodesk may not have a list for the signed-in user: no subscription, no permission, no such list. */
const UNAVAILABLE = ['SUBSCRIPTION_REQUIRED', 'FORBIDDEN', 'NOT_FOUND'] as const;

/**
 * Whether a list was refused every time it was asked for. Most often the company has not bought what it belongs to:
 * worth a word, but nothing is broken and nothing goes stale. A list that has worked once is never unavailable.
 */
export function isUnavailable({ watermark, activeRun, lastRun }: ScopeState): boolean {
  return (
    watermark === undefined &&
    activeRun === undefined &&
    lastRun?.status === 'failed' &&
    UNAVAILABLE.some((code) => code === lastRun.error?.code)
  );
}
