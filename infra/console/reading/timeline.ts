import { shownName } from '../../../shared/alerts/conditions/names.ts';
import type { Incident } from '../../../shared/alerts/incidents/incident.ts';
import { RULE_WORDS } from '../../../shared/alerts/rules/rule.ts';
import type { ListedRun } from '../../status/run-history.ts';

/** Something that happened, in the words of whoever looks back. */
export interface Happening {
  at: string;
  kind: 'run' | 'incident' | 'person';
  /** Who did it, where it was a person. */
  who?: string;
  text: string;
  href: string;
  isBad: boolean;
}

const SYSTEM = 'system';

/** What runs came to, what went wrong and was over, and what people did about it; the latest first. */
export function timelineOf(
  runs: readonly ListedRun[],
  incidents: readonly Incident[],
  limit: number,
): Happening[] {
  return [...runs.flatMap(ofRun), ...incidents.flatMap(ofIncident)]
    .sort((one, other) => other.at.localeCompare(one.at))
    .slice(0, limit);
}

/** Runs that changed nothing and went well are no news. */
function ofRun({ resource, mode, status, finishedAt, counts, error }: ListedRun): Happening[] {
  if (finishedAt === null) return [];
  const changed = Object.entries({
    new: counts.created,
    changed: counts.updated,
    gone: counts.deleted,
  }).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what}`]));
  if (status === 'complete' && changed.length === 0) return [];
  const text =
    status === 'failed'
      ? `${resource} could not be synced: ${error?.message ?? 'unknown reason'}`
      : `${resource}, ${mode}: ${changed.join(', ')}`;
  const href = `/runs?resource=${resource}`;
  return [{ at: finishedAt, kind: 'run', text, href, isBad: status === 'failed' }];
}

function ofIncident({ id, finding, history, openedAt, resolvedAt }: Incident): Happening[] {
  if (openedAt === undefined) return [];
  const words = RULE_WORDS[finding.rule];
  const about = shownName(finding, {});
  const href = `/incidents/${id}`;
  const people = history
    .filter(({ who }) => who !== SYSTEM)
    .map(
      ({ at, who, what }): Happening => ({
        at,
        kind: 'person',
        who,
        text: `${what}: ${words.problem}, ${about}`,
        href,
        isBad: false,
      }),
    );
  return [
    { at: openedAt, kind: 'incident', text: `${words.problem}: ${about}`, href, isBad: true },
    ...people,
    ...(resolvedAt === undefined
      ? []
      : [{ at: resolvedAt, kind: 'incident' as const, text: `${words.over}: ${about}`, href, isBad: false }]),
  ];
}
