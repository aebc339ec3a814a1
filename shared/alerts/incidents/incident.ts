import { createHash } from 'node:crypto';
import * as z from 'zod';
import { finding, type RuleName } from '../rules/rule.ts';
import { CHANNELS } from '../rules/settings.ts';

/**
 * - `pending`       seen, but inside the wait in which it may pass untold
 * - `open`          told, nobody has taken it
 * - `acknowledged`  somebody has taken it: no more reminders
 * - `silenced`      nothing is told about it until a moment
 * - `resolved`      over
 */
const STATES = ['pending', 'open', 'acknowledged', 'silenced', 'resolved'] as const;

/** What can be told about an incident. The latest one is what a channel hears that missed several. */
export const CHANGES = [
  'opened',
  'error-changed',
  'reminded',
  'acknowledged',
  'silenced',
  'silence-ended',
  'reopened',
  'resolved',
] as const;
export type ChangeKind = (typeof CHANGES)[number];

const told = z.object({
  /** The number of the change that was told last. */
  change: z.number(),
  kind: z.enum(CHANGES),
  at: z.string(),
});

/** Who did something: a name, and the id of the Slack user where it was done there. */
const byPerson = { who: z.string(), slackUserId: z.string().exactOptional() };

/** Somebody who can do something about an incident. */
export interface Person {
  name: string;
  slackUserId?: string;
}

/** A message that stays where it was posted and can be changed there, and the place of an incident in it. */
const place = z.object({
  /** Slack's id of the channel, and of the message in it. */
  channel: z.string(),
  ts: z.string(),
  sentAt: z.string(),
  /** Which one of the message it is, from 0. */
  index: z.number(),
  /** The number of the change that the message shows. */
  shows: z.number(),
});
export type Place = z.infer<typeof place>;

/** One episode of one rule being broken by one subject. Times are ISO 8601. */
export const incident = z.object({
  id: z.string(),
  finding,
  state: z.enum(STATES),
  /** When the condition was first seen. */
  startedAt: z.string(),
  /** When the wait was over; absent for one that passed within it. */
  openedAt: z.string().exactOptional(),
  resolvedAt: z.string().exactOptional(),
  silencedUntil: z.string().exactOptional(),
  /** Who has acknowledged or silenced it; absent once that is over. */
  handled: z.object({ ...byPerson, at: z.string() }).exactOptional(),
  /** The latest change worth telling; the numbers count up by one. */
  change: z.object({
    number: z.number(),
    kind: z.enum(CHANGES),
    at: z.string(),
    who: z.string().exactOptional(),
  }),
  /** What each channel was told last. */
  told: z.partialRecord(z.enum(CHANNELS), told),
  /** The messages that show it and are kept true, the latest last. */
  shownIn: z.array(place).exactOptional(),
  /** Messages about the episode before, that do not say yet that it is over. */
  toUpdate: z.array(place).exactOptional(),
  history: z.array(z.object({ at: z.string(), ...byPerson, what: z.string() })),
  /** Counts the writes of this subject's item; a write needs the number it has read. 0: not stored yet. */
  rev: z.number(),
});
export type Incident = z.infer<typeof incident>;

/** Resolved incidents are listed for so long. */
export const LISTED_DAYS = 30;

/** What two evaluations agree on: the rule and what it is about. */
export function incidentKey(of: { rule: RuleName; subject: string }): string {
  return `${of.rule}#${of.subject}`;
}

/** Short enough to type, the same for the whole episode, and never used twice. */
export function incidentId(of: { rule: RuleName; subject: string }, startedAtMs: number): string {
  const subject = createHash('sha256').update(incidentKey(of)).digest('hex').slice(0, 8);
  return `${of.rule}-${subject}-${startedAtMs.toString(36)}`;
}

/** An incident as `status` shows it. */
export interface IncidentSummary {
  id: string;
  rule: RuleName;
  /** The id of the record it is about; of a job with the id of its request; else the name of the thing. */
  subject: string;
  state: Incident['state'];
  openedAt: string;
  resolvedAt?: string;
  /** By channel: when it was told last. */
  notified: Partial<Record<(typeof CHANNELS)[number], string>>;
}

export function summarize(of: Incident): IncidentSummary {
  return {
    id: of.id,
    rule: of.finding.rule,
    subject: of.finding.shownAs ?? of.finding.subject,
    state: of.state,
    openedAt: of.openedAt ?? of.startedAt,
    ...(of.resolvedAt !== undefined && { resolvedAt: of.resolvedAt }),
    notified: Object.fromEntries(Object.entries(of.told).map(([channel, { at }]) => [channel, at])),
  };
}
