import { mapConcurrently } from '../concurrency.ts';
import { type DeliveryOutcome, deliver } from './channels/deliver.ts';
import type { DeliveryPorts } from './channels/delivery-ports.ts';
import type { Notifier } from './channels/notifier.ts';
import { outdatedPlaces } from './channels/record-told.ts';
import {
  type ConditionPorts,
  channelConditions,
  findConditions,
  type Hint,
} from './conditions/find-conditions.ts';
import { type Announcement, announcementsFor } from './incidents/announcement.ts';
import { type Incident, incidentKey } from './incidents/incident.ts';
import { advance, dropped } from './incidents/transition.ts';
import type { Finding } from './rules/rule.ts';
import type { Channel } from './rules/settings.ts';

export type AlertPorts = ConditionPorts & DeliveryPorts;

/** What an evaluation did. */
export interface EvaluationReport {
  /** Incidents that are neither pending nor resolved. */
  open: number;
  /** By channel: what became of its message. A channel without an address is left out. */
  delivery: Partial<Record<Channel, DeliveryOutcome>>;
}

const WRITES_AT_A_TIME = 10;

/** A resolved incident stands for so long before it moves to the past: longer than any evaluation that may have read it. */
const STANDS_MS = 60 * 60_000;
/** What a channel has not heard by then, it need not hear. */
const STANDS_AT_MOST_MS = 7 * 24 * 60 * 60_000;

/**
 * Looks at everything that may be wrong, brings the incidents up to date and tells each channel what it has not
 * heard. May be called as often as anybody likes, several times at once too, and again after it died anywhere.
 * Throws when something unknown went wrong; channels that fail do not make it throw.
 */
export async function evaluateAlerts(hints: readonly Hint[], ports: AlertPorts): Promise<EvaluationReport> {
  const standing = await ports.incidents.live();
  const found = await findConditions(hints, standing, ports);
  let live = await bringUpToDate(standing, found, ports);
  const delivery: EvaluationReport['delivery'] = {};
  const failures: unknown[] = [];
  for (const notifier of ports.notifiers) {
    if (!(await hasWork(notifier, live, ports))) continue;
    try {
      const outcome = await deliver(notifier, ports);
      delivery[notifier.channel] = outcome;
      if (outcome !== 'held') live = await judgeChannels(ports);
    } catch (error) {
      // The other channel must not wait for what is wrong with this one.
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'Alerts could not be delivered.');
  await retire(live, ports);
  const open = live.filter(({ state }) => state !== 'pending' && state !== 'resolved').length;
  ports.metrics.add('IncidentsOpen', open);
  return { open, delivery };
}

async function hasWork(notifier: Notifier, live: readonly Incident[], ports: AlertPorts): Promise<boolean> {
  if (announcementsOf(notifier, live, ports).length > 0) return notifier.isConfigured();
  return (
    live.some((incident) => outdatedPlaces(incident).length > 0) &&
    (await notifier.editable?.()) !== undefined
  );
}

/** Advances every incident that stands and starts one for every new finding. Answers what stands then. */
async function bringUpToDate(
  standing: readonly Incident[],
  found: readonly Finding[],
  ports: AlertPorts,
): Promise<Incident[]> {
  const current = new Map(standing.map((incident) => [incidentKey(incident.finding), incident]));
  const findings = new Map(found.map((finding) => [incidentKey(finding), finding]));
  const keys = [...new Set([...current.keys(), ...findings.keys()])];
  const live = await mapConcurrently(keys, WRITES_AT_A_TIME, (key) =>
    bringOneUpToDate(current.get(key), findings.get(key), ports),
  );
  return live.filter((incident) => incident !== undefined);
}

async function bringOneUpToDate(
  current: Incident | undefined,
  found: Finding | undefined,
  ports: AlertPorts,
): Promise<Incident | undefined> {
  const rule = current?.finding.rule ?? found?.rule;
  if (rule === undefined) return undefined;
  const nowMs = ports.clock.now();
  const settings = ports.rules[rule];
  const next =
    settings.enabled || current === undefined
      ? advance(current, found, settings, nowMs)
      : dropped(current, nowMs);
  if (next === undefined) return current;
  // A new episode takes the place of the old one, which must not be lost.
  if (current !== undefined && current.id !== next.id) await keep(current, ports);
  // Where another evaluation was first, it decided on a reading at least as young; the next one goes on from there.
  return (await ports.incidents.put(next)) ? { ...next, rev: next.rev + 1 } : current;
}

/** Delivery shows whether a channel refuses messages; the other channel should hear of it at once. */
async function judgeChannels(ports: AlertPorts): Promise<Incident[]> {
  const live = await ports.incidents.live();
  const isAboutChannel = ({ finding }: Incident) => finding.rule === 'channel-refused';
  const found = (await channelConditions(ports.incidents)).filter(({ rule }) => ports.rules[rule].enabled);
  return [
    ...live.filter((incident) => !isAboutChannel(incident)),
    ...(await bringUpToDate(live.filter(isAboutChannel), found, ports)),
  ];
}

/** Moves what has been over for a while to the past. */
async function retire(live: readonly Incident[], ports: AlertPorts): Promise<void> {
  const nowMs = ports.clock.now();
  const unheard = new Set(
    ports.notifiers.flatMap((notifier) =>
      announcementsOf(notifier, live, ports).map(({ incident }) => incident.id),
    ),
  );
  const over = live.filter((incident) => {
    const { id, resolvedAt } = incident;
    const sinceMs = resolvedAt === undefined ? 0 : nowMs - Date.parse(resolvedAt);
    return sinceMs > (unheard.has(id) || outdatedPlaces(incident).length > 0 ? STANDS_AT_MOST_MS : STANDS_MS);
  });
  await mapConcurrently(over, WRITES_AT_A_TIME, async (incident) => {
    await keep(incident, ports);
    await ports.incidents.remove(incident);
  });
}

/** What passed within its wait was never an incident to anybody. */
async function keep(incident: Incident, ports: AlertPorts): Promise<void> {
  if (incident.openedAt !== undefined) await ports.incidents.archive(incident);
}

function announcementsOf(notifier: Notifier, live: readonly Incident[], ports: AlertPorts): Announcement[] {
  return announcementsFor(notifier.channel, live, ports.rules, ports.clock.now());
}
