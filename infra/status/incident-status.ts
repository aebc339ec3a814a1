import { type Names, shownName } from '../../shared/alerts/conditions/names.ts';
import { summarize } from '../../shared/alerts/incidents/incident.ts';
import type { IncidentStore } from '../../shared/alerts/incidents/incident-store.ts';
import { listIncidents } from '../../shared/alerts/operator.ts';
import type { Finding } from '../../shared/alerts/rules/rule.ts';
import { mapConcurrently } from '../../shared/concurrency.ts';
import type { IncidentStatus } from './status.ts';

const LOOKUPS_AT_A_TIME = 10;

/** The incidents as `status` shows them: those that stand by the name that people know them by. */
export async function readIncidents(
  store: IncidentStore,
  namesOf: (finding: Finding) => Promise<Names>,
  nowMs: number,
): Promise<IncidentStatus[]> {
  return mapConcurrently(await listIncidents(store, nowMs), LOOKUPS_AT_A_TIME, async (incident) => {
    const { finding, state } = incident;
    const summary = summarize(incident);
    const about = shownName(finding, state === 'resolved' ? {} : await namesOf(finding));
    return { ...summary, about, resolvedAt: summary.resolvedAt ?? null };
  });
}
