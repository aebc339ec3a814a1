import type { Incident, Person } from '../../../../shared/alerts/incidents/incident.ts';
import type { IncidentStore } from '../../../../shared/alerts/incidents/incident-store.ts';
import { storesOf } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';
import { operatorName } from '../../terminal/operator-name.ts';
import { printJson, type Terminal, tell } from '../../terminal/terminal.ts';

/** Changes an incident in a person's name, has its messages brought up to date, and says how it stands then. */
export async function changeIncident(
  target: Target,
  terminal: Terminal,
  { by, json }: { by?: string; json?: true },
  change: (incidents: IncidentStore, by: Person, nowMs: number) => Promise<Incident>,
  sentence = ({ id, state }: Incident) => `${id} is ${state}.`,
): Promise<void> {
  const { incidents, alertQueue, clock } = storesOf(target);
  const incident = await change(incidents, { name: operatorName(by) }, clock.now());
  await alertQueue.send({ kind: 'evaluate' });
  if (json) printJson(terminal, incident);
  else tell(terminal, sentence(incident));
}
