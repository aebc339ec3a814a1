import { findResource } from '../../resources/registry.ts';
import { isUnavailable } from '../../sync/state/availability.ts';
import type { ScopeState } from '../../sync/state/run.ts';
import { timeText } from '../../time-text.ts';
import type { Finding } from './rule.ts';
import { aboutScope, errorText } from './rules.ts';
import type { AlertRules } from './settings.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A run that goes on for longer than this no longer counts as about to bring the data up to date. */
const SYNC_UNDER_WAY_MS = 30 * MINUTE_MS;

/** So many lists that are old for one reason are one problem. */
const MANY_LISTS = 3;

/** Lists that are out of date: one finding for each, or one for all that have the same cause. */
export function staleLists(
  states: readonly ScopeState[],
  settings: AlertRules['stale'],
  nowMs: number,
  timeZone: string,
): Finding[] {
  const stale = states.filter((state) => isStale(state, settings, nowMs));
  return [...Map.groupBy(stale, (state) => causeOf(state)?.code)].flatMap(([code, alike]) =>
    code === undefined || alike.length < MANY_LISTS
      ? alike.map((state) => findingOf(state, timeZone))
      : [together(code, alike, timeZone)],
  );
}

/** True when the last complete run began too long ago and none is on its way. */
function isStale(state: ScopeState, settings: AlertRules['stale'], nowMs: number): boolean {
  const since = sinceOf(state);
  // Nothing gets old that was never there.
  if (since === undefined || isUnavailable(state)) return false;
  const rhythmMs = findResource(state.resource)?.daily ? DAY_MS : 0;
  if (nowMs - Date.parse(since) < rhythmMs + settings.afterHours * HOUR_MS) return false;
  const { activeRun } = state;
  return activeRun === undefined || nowMs - Date.parse(activeRun.startedAt) >= SYNC_UNDER_WAY_MS;
}

function findingOf(state: ScopeState, timeZone: string): Finding {
  const since = sinceOf(state);
  return {
    ...aboutScope('stale', state),
    ...causeIn(state),
    ...(since !== undefined && { since }),
    readings: { 'Last complete sync': state.watermark ? timeText(state.watermark, timeZone) : 'never' },
  };
}

/** Its subject is the cause, so that it stays one incident while lists come and go. */
function together(code: string, states: readonly ScopeState[], timeZone: string): Finding {
  const [first] = states.toSorted((a, b) => (sinceOf(a) ?? '').localeCompare(sinceOf(b) ?? ''));
  return {
    ...(first && findingOf(first, timeZone)),
    rule: 'stale',
    subject: code,
    shownAs: `${states.length} lists`,
    facts: {},
    readings: { Lists: states.map(({ resource }) => resource).join(', ') },
  };
}

function sinceOf({ watermark, activeRun, lastRun }: ScopeState): string | undefined {
  return watermark ?? activeRun?.startedAt ?? lastRun?.startedAt;
}

function causeOf({ activeRun, lastRun }: ScopeState) {
  return activeRun?.stalled?.by ?? lastRun?.error;
}

function causeIn(state: ScopeState): Pick<Finding, 'error' | 'remedy'> {
  const cause = causeOf(state);
  return cause ? { error: errorText(cause.message), remedy: errorText(cause.remedy) } : {};
}
