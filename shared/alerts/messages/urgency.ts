import type { Names } from '../conditions/names.ts';
import type { Announcement } from '../incidents/announcement.ts';
import { RULES } from '../rules/rule.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Bids that are due within so many days leave little time to get the files across. */
export const SOON_DAYS = 3;

export type Urgency = 'due-soon' | 'usual' | 'past';

/** A date that is missing is common and means nothing; one that has passed, often by months, is no hurry any more. */
export function urgencyOf(bidsDueAt: string | undefined, nowMs: number): Urgency {
  if (bidsDueAt === undefined) return 'usual';
  const leftMs = Date.parse(bidsDueAt) - nowMs;
  if (leftMs < 0) return 'past';
  return leftMs <= SOON_DAYS * DAY_MS ? 'due-soon' : 'usual';
}

const RANKS: Record<Urgency, number> = { 'due-soon': 0, usual: 1, past: 2 };

/** The same announcements with those of one rule by their due dates; what else decides their order stays. */
export function byUrgency(
  announcements: readonly Announcement[],
  names: ReadonlyMap<string, Names>,
  nowMs: number,
): Announcement[] {
  const dueOf = ({ incident }: Announcement) => names.get(incident.id)?.bidsDueAt;
  const groupOf = ({ kind, incident }: Announcement) =>
    (kind === 'resolved' ? RULES.length : 0) + RULES.indexOf(incident.finding.rule);
  return announcements.toSorted((one, other) => {
    const ranks = [one, other].map((each) => RANKS[urgencyOf(dueOf(each), nowMs)]);
    const [rank = 0, otherRank = 0] = ranks;
    const isSoon = rank === RANKS['due-soon'] && otherRank === rank;
    return (
      groupOf(one) - groupOf(other) ||
      rank - otherRank ||
      (isSoon ? (dueOf(one) ?? '').localeCompare(dueOf(other) ?? '') : 0)
    );
  });
}
