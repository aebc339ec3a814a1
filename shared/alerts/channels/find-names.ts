import { mapConcurrently } from '../../concurrency.ts';
import type { Log } from '../../observability/log.ts';
import type { Names } from '../conditions/names.ts';
import type { Incident } from '../incidents/incident.ts';
import type { Finding } from '../rules/rule.ts';

export interface NamePorts {
  /** What people know the subject of a finding by, as far as mirrored records tell. */
  namesOf: (finding: Finding) => Promise<Names>;
  log: Log;
}

const LOOKUPS_AT_A_TIME = 10;

/** By incident id. Names only decorate: without them the message goes out with ids. */
export async function findNames(
  incidents: readonly Incident[],
  ports: NamePorts,
): Promise<Map<string, Names>> {
  const found = await mapConcurrently(incidents, LOOKUPS_AT_A_TIME, async ({ id, finding }) => {
    try {
      return [id, await ports.namesOf(finding)] as const;
    } catch (error) {
      ports.log.warn('names not found', { incidentId: id, reason: String(error) });
      return undefined;
    }
  });
  return new Map(found.filter((entry) => entry !== undefined));
}
