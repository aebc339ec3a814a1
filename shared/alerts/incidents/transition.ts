import { isDeepStrictEqual } from 'node:util';
import { isoTime } from '../../clock.ts';
import { cutText, oneLine } from '../rules/plain-text.ts';
import type { Finding } from '../rules/rule.ts';
import { type ChangeKind, type Incident, incidentId } from './incident.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** More entries than people read; the oldest go first. */
const HISTORY_ENTRIES = 100;

/**
 * Reminders fall on full hours, those that come more than a day apart on this one, the morning in the Americas: so
 * that what opened at different minutes is said again in one message.
 */
const REMINDER_HOUR_UTC = 14;

/** Who is named in the history where no person acted. */
const SYSTEM = 'system';

export interface Timing {
  waitMinutes: number;
  remindAfterHours: number;
}

/**
 * What becomes of a subject's incident now that its condition is known: `found` while it holds. Pure; answers
 * undefined when nothing is to be stored. A resolved incident that finds its condition true again makes way for a
 * new one.
 */
export function advance(
  current: Incident | undefined,
  found: Finding | undefined,
  timing: Timing,
  nowMs: number,
): Incident | undefined {
  if (found === undefined) return current && resolve(current, nowMs);
  if (current === undefined || current.state === 'resolved') return start(current, found, timing, nowMs);

  const updated = isDeepStrictEqual(current.finding, found) ? current : { ...current, finding: found };
  const unchanged = updated === current ? undefined : updated;
  switch (current.state) {
    case 'pending':
      return nowMs - Date.parse(current.startedAt) >= timing.waitMinutes * MINUTE_MS
        ? open(updated, nowMs)
        : unchanged;
    case 'silenced':
      return nowMs >= Date.parse(current.silencedUntil ?? current.startedAt)
        ? { ...changed(updated, 'silence-ended', 'silence ended', nowMs), state: 'open' }
        : unchanged;
    case 'open':
    case 'acknowledged':
      if (current.finding.error !== found.error) {
        return changed(updated, 'error-changed', `error: ${briefly(found.error ?? 'none')}`, nowMs);
      }
      return current.state === 'open' && isReminderDue(current, timing, nowMs)
        ? changed(updated, 'reminded', 'reminded', nowMs)
        : unchanged;
  }
}

/** Somebody has taken it. Undefined when it is already so, or over. */
export function acknowledged(current: Incident, who: string, nowMs: number): Incident | undefined {
  if (current.state === 'resolved' || current.state === 'acknowledged') return undefined;
  return {
    ...changed(opened(current, nowMs), 'acknowledged', 'acknowledged', nowMs, who),
    state: 'acknowledged',
  };
}

/** Nothing more is told until a moment, except that it is over. Undefined when it is over already. */
export function silenced(
  current: Incident,
  who: string,
  untilMs: number,
  nowMs: number,
): Incident | undefined {
  if (current.state === 'resolved') return undefined;
  const until = isoTime(untilMs);
  return {
    ...changed(opened(current, nowMs), 'silenced', `silenced until ${until}`, nowMs, who),
    state: 'silenced',
    silencedUntil: until,
  };
}

/** Over because nobody wants to know any more: its rule was switched off. Told to no one. */
export function dropped(current: Incident, nowMs: number): Incident | undefined {
  const over = resolve(current, nowMs);
  return over && { ...over, told: {} };
}

function start(previous: Incident | undefined, found: Finding, timing: Timing, nowMs: number): Incident {
  const startedAtMs = previous ? Math.max(nowMs, Date.parse(previous.startedAt) + 1) : nowMs;
  const startedAt = isoTime(startedAtMs);
  const begun: Incident = {
    id: incidentId(found, startedAtMs),
    finding: found,
    state: 'pending',
    startedAt,
    change: { number: 1, kind: 'opened', at: startedAt },
    told: {},
    history: [
      { at: startedAt, who: SYSTEM, what: found.error ? `seen, error: ${briefly(found.error)}` : 'seen' },
    ],
    rev: previous?.rev ?? 0,
  };
  return timing.waitMinutes === 0 ? open(begun, startedAtMs) : begun;
}

function open(current: Incident, nowMs: number): Incident {
  const at = isoTime(nowMs);
  return {
    ...opened(current, nowMs),
    state: 'open',
    change: { ...current.change, at },
    history: remember(current, SYSTEM, 'opened', nowMs),
  };
}

function opened(current: Incident, nowMs: number): Incident {
  return current.openedAt === undefined ? { ...current, openedAt: isoTime(nowMs) } : current;
}

function resolve(current: Incident, nowMs: number): Incident | undefined {
  if (current.state === 'resolved') return undefined;
  return {
    ...changed(current, 'resolved', 'resolved', nowMs),
    state: 'resolved',
    resolvedAt: isoTime(nowMs),
  };
}

function changed(
  current: Incident,
  kind: ChangeKind,
  what: string,
  nowMs: number,
  who: string = SYSTEM,
): Incident {
  return {
    ...current,
    change: {
      number: current.change.number + 1,
      kind,
      at: isoTime(nowMs),
      ...(who !== SYSTEM && { who }),
    },
    history: remember(current, who, what, nowMs),
  };
}

function remember(current: Incident, who: string, what: string, nowMs: number): Incident['history'] {
  return [...current.history, { at: isoTime(nowMs), who, what }].slice(-HISTORY_ENTRIES);
}

/** Enough to tell errors apart; a hundred long ones would outgrow an item of the table. */
function briefly(error: string): string {
  return cutText(oneLine(error), 200);
}

function isReminderDue(current: Incident, timing: Timing, nowMs: number): boolean {
  if (timing.remindAfterHours === 0) return false;
  const dueMs = Date.parse(current.change.at) + timing.remindAfterHours * HOUR_MS;
  const gridMs = timing.remindAfterHours > 24 ? 24 * HOUR_MS : HOUR_MS;
  const offsetMs = REMINDER_HOUR_UTC * HOUR_MS;
  return nowMs >= Math.floor((dueMs - offsetMs) / gridMs) * gridMs + offsetMs;
}
