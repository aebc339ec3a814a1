import { isoTime } from '../clock.ts';
import { SyncError } from '../errors.ts';
import { type DeliveryOutcome, deliverTest } from './channels/deliver.ts';
import type { DeliveryPorts } from './channels/delivery-ports.ts';
import { showTestIncident } from './channels/show-test-incident.ts';
import { type Incident, LISTED_DAYS, type Person } from './incidents/incident.ts';
import type { IncidentStore } from './incidents/incident-store.ts';
import { acknowledged, reopened, silenced } from './incidents/transition.ts';
import { buildTestMessage } from './messages/message.ts';
import type { Channel } from './rules/settings.ts';

const DAY_MS = 24 * 60 * 60_000;

/** No incident that is not over has this id. */
class UnknownIncidentError extends SyncError {
  override readonly name = 'UnknownIncidentError';
  readonly code = 'UNKNOWN_INCIDENT';
  readonly disposition = 'fail';

  constructor(id: string) {
    super(`There is no open incident ${id}.`, 'List incident ids with "npm run ops -- incidents".');
  }
}

/** All that stand, and those resolved within 30 days; the latest first. */
export async function listIncidents(store: IncidentStore, nowMs: number): Promise<Incident[]> {
  const since = isoTime(nowMs - LISTED_DAYS * DAY_MS);
  const [past, live] = await Promise.all([store.past(since), store.live()]);
  const listed = live.filter(
    ({ state, openedAt, resolvedAt }) =>
      state !== 'resolved' || (openedAt !== undefined && resolvedAt !== undefined && resolvedAt >= since),
  );
  // One that is just moving to the past is in both lists; the one that stands is the younger copy.
  const byId = new Map([...past, ...listed].map((incident) => [incident.id, incident]));
  return [...byId.values()].sort((one, other) => other.startedAt.localeCompare(one.startedAt));
}

/** Takes an incident: no more reminders. Doing it again changes nothing. Throws `UnknownIncidentError`. */
export function acknowledge(store: IncidentStore, id: string, by: Person, nowMs: number): Promise<Incident> {
  return change(store, id, (incident) => acknowledged(incident, by, nowMs));
}

/** Undoes that somebody has acknowledged or silenced it. Doing it again changes nothing. Throws `UnknownIncidentError`. */
export function reopen(store: IncidentStore, id: string, by: Person, nowMs: number): Promise<Incident> {
  return change(store, id, (incident) => reopened(incident, by, nowMs));
}

/** Tells nothing more about an incident until a moment, except that it is over. Throws `UnknownIncidentError`. */
export function silence(
  store: IncidentStore,
  id: string,
  by: Person,
  untilMs: number,
  nowMs: number,
): Promise<Incident> {
  return change(store, id, (incident) => silenced(incident, by, untilMs, nowMs));
}

/**
 * Sends a sample to channels, whatever state they are in: one message, or one incident through its whole life where
 * messages can be changed. A channel that takes it is no longer refused.
 */
export async function sendTestAlert(
  channels: readonly Channel[],
  ports: DeliveryPorts,
): Promise<Partial<Record<Channel, DeliveryOutcome | 'not-configured'>>> {
  const outcomes: Partial<Record<Channel, DeliveryOutcome | 'not-configured'>> = {};
  for (const notifier of ports.notifiers.filter(({ channel }) => channels.includes(channel))) {
    const editable = await notifier.editable?.();
    const send = () =>
      editable === undefined
        ? notifier.send(buildTestMessage(ports, isoTime(ports.clock.now())))
        : showTestIncident(editable, ports);
    outcomes[notifier.channel] = (await notifier.isConfigured())
      ? await deliverTest(notifier, send, ports)
      : 'not-configured';
  }
  return outcomes;
}

async function change(
  store: IncidentStore,
  id: string,
  decide: (incident: Incident) => Incident | undefined,
): Promise<Incident> {
  for (;;) {
    const incident = (await store.live()).find((live) => live.id === id && live.state !== 'resolved');
    if (incident === undefined) throw new UnknownIncidentError(id);
    const next = decide(incident);
    if (next === undefined) return incident;
    if (await store.put(next)) return { ...next, rev: next.rev + 1 };
  }
}
