import { announcementsFor } from '../../shared/alerts/incidents/announcement.ts';
import type { IncidentStore } from '../../shared/alerts/incidents/incident-store.ts';
import type { AlertRules, Channel } from '../../shared/alerts/rules/settings.ts';
import type { Clock } from '../../shared/clock.ts';

/** How long a start with `--once` waits for alerts to be delivered. */
const PATIENCE_MS = 60_000;
/** What a sync that has run out of time still has for it. */
const LEAST_PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 100;
/** A channel that failed is tried again by the next evaluation. */
const EVALUATE_EVERY_MS = 5_000;

export interface DeliveryPorts {
  /** Asks for an evaluation of all alerts. */
  evaluate(): Promise<void>;
  /** Whether an evaluation waits or runs. */
  isEvaluating(): Promise<boolean>;
  incidents: Pick<IncidentStore, 'live' | 'channels'>;
  /** The channels that have an address. */
  channels: readonly Channel[];
  rules: AlertRules;
  clock: Clock;
}

/**
 * Waits until every channel was told all that it should be, a minute at most, or until the sync has to end, though
 * never less than a few seconds. Answers the channels that were not. One that needs a person first is not waited
 * for.
 */
export async function awaitDelivery(
  ports: DeliveryPorts,
  signal: AbortSignal,
  endsAtMs = Number.POSITIVE_INFINITY,
): Promise<Channel[]> {
  const { clock } = ports;
  const givesUpAtMs = Math.max(
    Math.min(clock.now() + PATIENCE_MS, endsAtMs),
    clock.now() + LEAST_PATIENCE_MS,
  );
  for (;;) {
    await ports.evaluate();
    const nextEvaluationMs = clock.now() + EVALUATE_EVERY_MS;
    while ((await ports.isEvaluating()) && clock.now() < givesUpAtMs) {
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
    const behind = await channelsBehind(ports);
    if (behind.every(({ isRefused }) => isRefused) || clock.now() >= givesUpAtMs) {
      return behind.map(({ channel }) => channel);
    }
    await clock.sleep(Math.max(LOOK_EVERY_MS, nextEvaluationMs - clock.now()), signal);
  }
}

async function channelsBehind({ incidents, channels, rules, clock }: DeliveryPorts) {
  const [live, states] = await Promise.all([incidents.live(), incidents.channels()]);
  return channels
    .filter((channel) => announcementsFor(channel, live, rules, clock.now()).length > 0)
    .map((channel) => ({ channel, isRefused: states[channel]?.refused !== undefined }));
}
