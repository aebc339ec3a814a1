import { isDeepStrictEqual } from 'node:util';
import { isoTime } from '../../clock.ts';
import { cutText, oneLine } from '../rules/plain-text.ts';
import type { Finding } from '../rules/rule.ts';
import { type ChangeKind, type Incident, incidentId, type Person } from './incident.ts';

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
const SYSTEM: Person = { name: 'system' };

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
        ? { ...changed(unhandled(updated), 'silence-ended', 'silence ended', nowMs), state: 'open' }
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
export function acknowledged(current: Incident, by: Person, nowMs: number): Incident | undefined {
  if (current.state === 'resolved' || current.state === 'acknowledged') return undefined;
  return {
    ...changed(opened(unhandled(current), nowMs), 'acknowledged', 'acknowledged', nowMs, by),
    state: 'acknowledged',
    handled: { ...byline(by), at: isoTime(nowMs) },
  };
}

/** Nothing more is told until a moment, except that it is over. Undefined when it is over already. */
export function silenced(
  current: Incident,
  by: Person,
  untilMs: number,
  nowMs: number,
): Incident | undefined {
  if (current.state === 'resolved') return undefined;
  const until = isoTime(untilMs);
  return {
    ...changed(opened(current, nowMs), 'silenced', `silenced until ${until}`, nowMs, by),
    state: 'silenced',
    silencedUntil: until,
    handled: { ...byline(by), at: isoTime(nowMs) },
  };
}

/** Open again: what somebody did about it is undone. Undefined when nobody has done anything, or it is over. */
export function reopened(current: Incident, by: Person, nowMs: number): Incident | undefined {
  if (current.state !== 'acknowledged' && current.state !== 'silenced') return undefined;
  return { ...changed(unhandled(current), 'reopened', 'reopened', nowMs, by), state: 'open' };
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
      {
        at: startedAt,
        ...byline(SYSTEM),
        what: found.error ? `seen, error: ${briefly(found.error)}` : 'seen',
      },
    ],
    ...messagesLeft(previous),
    rev: previous?.rev ?? 0,
  };
  return timing.waitMinutes === 0 ? open(begun, startedAtMs) : begun;
}

/** Nobody else remembers what the messages about the episode before do not show yet. */
function messagesLeft(previous: Incident | undefined): Pick<Incident, 'toUpdate'> {
  if (previous === undefined) return {};
  const { shownIn = [], toUpdate = [], change } = previous;
  const left = [...toUpdate, ...shownIn.filter(({ shows }) => shows < change.number)];
  return left.length === 0 ? {} : { toUpdate: left };
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

function changed(current: Incident, kind: ChangeKind, what: string, nowMs: number, by = SYSTEM): Incident {
  return {
    ...current,
    change: {
      number: current.change.number + 1,
      kind,
      at: isoTime(nowMs),
      ...(by !== SYSTEM && { who: by.name }),
    },
    history: remember(current, by, what, nowMs),
  };
}

function unhandled(current: Incident): Incident {
  const { handled: _undone, silencedUntil: _over, ...rest } = current;
  return rest;
}

function remember(current: Incident, by: Person, what: string, nowMs: number): Incident['history'] {
  return [...current.history, { at: isoTime(nowMs), ...byline(by), what }].slice(-HISTORY_ENTRIES);
}

function byline({ name, slackUserId }: Person) {
  return { who: name, ...(slackUserId !== undefined && { slackUserId }) };
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
