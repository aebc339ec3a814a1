import { RULES, type RuleName } from '../rules/rule.ts';
import type { AlertRules, Channel } from '../rules/settings.ts';
import type { ChangeKind, Incident } from './incident.ts';

/** One thing to say about one incident on one channel. */
export interface Announcement {
  incident: Incident;
  kind: ChangeKind;
}

/** Rules that follow from another one: while that is true they are not worth a message of their own. */
const INHIBITED_BY: Partial<Record<RuleName, RuleName>> = { stale: 'connection', 'job-failed': 'connection' };

/** After the cause is over, its consequences have so long to pass by themselves. */
const AFTERMATH_MS = 30 * 60_000;

/**
 * What a channel has not heard yet, most important first, news before resolved ones. A channel that missed several
 * changes hears the latest only, and nothing of an incident that was over before its opening was delivered.
 */
export function announcementsFor(
  channel: Channel,
  incidents: readonly Incident[],
  rules: AlertRules,
  nowMs: number,
): Announcement[] {
  return incidents
    .flatMap((incident) => {
      if (!rules[incident.finding.rule].channels.includes(channel)) return [];
      const kind = kindFor(channel, incident);
      if (kind === undefined || (kind !== 'resolved' && isHidden(incident, incidents, nowMs))) return [];
      return [{ incident, kind }];
    })
    .sort(byImportance);
}

function kindFor(channel: Channel, incident: Incident): ChangeKind | undefined {
  const told = incident.told[channel];
  const isNews = told === undefined || told.change < incident.change.number;
  if (!isNews) return undefined;
  switch (incident.state) {
    case 'pending':
      return undefined;
    case 'resolved':
      return told && 'resolved';
    case 'silenced':
      return told && incident.change.kind;
    case 'open':
    case 'acknowledged':
      return told ? incident.change.kind : 'opened';
  }
}

function isHidden(incident: Incident, incidents: readonly Incident[], nowMs: number): boolean {
  const cause = INHIBITED_BY[incident.finding.rule];
  return incidents.some(
    (other) =>
      other.finding.rule === cause &&
      other.state !== 'pending' &&
      (other.resolvedAt === undefined || nowMs - Date.parse(other.resolvedAt) < AFTERMATH_MS),
  );
}

function byImportance(one: Announcement, other: Announcement): number {
  return (
    Number(one.kind === 'resolved') - Number(other.kind === 'resolved') ||
    RULES.indexOf(one.incident.finding.rule) - RULES.indexOf(other.incident.finding.rule) ||
    one.incident.startedAt.localeCompare(other.incident.startedAt) ||
    one.incident.id.localeCompare(other.incident.id)
  );
}
