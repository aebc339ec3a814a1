import type { Incident, Person } from './incident.ts';
import { acknowledged, reopened, silenced } from './transition.ts';

/** What a person can do about an incident from within a message. */
export const INCIDENT_ACTIONS = ['acknowledge', 'silence', 'undo'] as const;
export type IncidentAction = (typeof INCIDENT_ACTIONS)[number];

const SILENCED_MS = 24 * 60 * 60_000;

/** What is offered while it is in this state. */
export function actionsFor(state: Incident['state']): readonly IncidentAction[] {
  switch (state) {
    case 'open':
      return ['acknowledge', 'silence'];
    case 'acknowledged':
      return ['undo', 'silence'];
    case 'silenced':
      return ['undo'];
    case 'pending':
    case 'resolved':
      return [];
  }
}

/** What an action makes of an incident; undefined where it comes too late or twice, so that nothing changes. */
export function act(
  current: Incident,
  action: IncidentAction,
  by: Person,
  nowMs: number,
): Incident | undefined {
  if (!actionsFor(current.state).includes(action)) return undefined;
  switch (action) {
    case 'acknowledge':
      return acknowledged(current, by, nowMs);
    case 'silence':
      return silenced(current, by, nowMs + SILENCED_MS, nowMs);
    case 'undo':
      return reopened(current, by, nowMs);
  }
}
