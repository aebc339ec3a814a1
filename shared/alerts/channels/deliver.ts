import { type Clock, isoTime } from '../../clock.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { Log } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { waitLeftMs } from '../../waits.ts';
import type { Names } from '../conditions/names.ts';
import { type Announcement, announcementsFor } from '../incidents/announcement.ts';
import { type ChannelState, type IncidentStore, UNKNOWN_CHANNEL } from '../incidents/incident-store.ts';
import { type AlertMessage, buildMessage, type SendingStage } from '../messages/message.ts';
import { byUrgency } from '../messages/urgency.ts';
import type { Finding } from '../rules/rule.ts';
import { type AlertRules, CHANNELS, type Channel } from '../rules/settings.ts';
import { ChannelRefusedError, ChannelUnavailableError, type Notifier, SENDING_MS } from './notifier.ts';

export interface DeliveryPorts extends SendingStage {
  incidents: IncidentStore;
  notifiers: readonly Notifier[];
  /** What people know the subject of a finding by, as far as mirrored records tell. */
  namesOf: (finding: Finding) => Promise<Names>;
  rules: AlertRules;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

/**
 * - `nothing`      nothing had to be told, or somebody else has just told it
 * - `delivered`    the channel took the message
 * - `held`         the channel is left alone for a while
 * - `unavailable`  the channel failed; what is true then is told when it works again
 * - `refused`      a person has to do something about the channel
 */
export type DeliveryOutcome = 'nothing' | 'delivered' | 'held' | 'unavailable' | 'refused';

const WRITES_AT_A_TIME = 10;

/** How often a waiting evaluation looks whether the sending one has ended. */
const LOOK_AGAIN_MS = 1_000;

/** Longer than any send, so that only a sender that died is ever overtaken. */
const CLAIM_MS = SENDING_MS + 2_000;

/** Pauses after failures in a row: half a minute, one, two, four, then five. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/**
 * Tells a channel what it has not heard, in one message. The channel is claimed first, then the incidents are read
 * again: of several evaluations only one sends. What was told is recorded after the send, so a crash between the
 * two repeats that one message.
 */
export async function deliver(notifier: Notifier, ports: DeliveryPorts): Promise<DeliveryOutcome> {
  const claimed = await claim(notifier.channel, ports);
  if (claimed === undefined) return 'held';
  const live = await ports.incidents.live();
  const announcements = announcementsFor(notifier.channel, live, ports.rules, ports.clock.now());
  if (announcements.length === 0) {
    await release(notifier.channel, claimed, ports);
    return 'nothing';
  }
  const names = await namesOf(announcements, ports);
  const message = buildMessage(byUrgency(announcements, names, ports.clock.now()), names, {
    stage: ports.stage,
    timeZone: ports.timeZone,
    nowMs: ports.clock.now(),
  });
  const outcome = await send(notifier, message, claimed, ports);
  if (outcome === 'delivered') await recordTold(notifier.channel, announcements, ports);
  await release(notifier.channel, after(outcome, claimed, ports.clock.now()), ports);
  return outcome === 'delivered' ? 'delivered' : outcome.kind;
}

/** Sends a message whatever is or is not to be told, and notes how the channel answers. */
export async function deliverTest(
  notifier: Notifier,
  message: AlertMessage,
  ports: DeliveryPorts,
): Promise<DeliveryOutcome> {
  const state = (await ports.incidents.channels())[notifier.channel] ?? UNKNOWN_CHANNEL;
  const outcome = await send(notifier, message, state, ports);
  await ports.incidents.putChannel(notifier.channel, after(outcome, state, ports.clock.now()));
  return outcome === 'delivered' ? 'delivered' : outcome.kind;
}

/** Frees channels that a dead process was sending on, for a start at which all before are known to be dead. */
export async function releaseClaims(incidents: IncidentStore): Promise<void> {
  const states = await incidents.channels();
  for (const channel of CHANNELS) {
    const { sendingUntil, ...free } = states[channel] ?? UNKNOWN_CHANNEL;
    if (sendingUntil !== undefined) await incidents.putChannel(channel, free);
  }
}

type Failure =
  | { kind: 'unavailable'; retryAfterMs: number | undefined }
  | { kind: 'refused'; reason: string };

/** Answers the claimed state, or undefined while the channel is to be left alone. Waits while another sends. */
async function claim(channel: Channel, ports: DeliveryPorts): Promise<ChannelState | undefined> {
  for (;;) {
    const state = (await ports.incidents.channels())[channel] ?? UNKNOWN_CHANNEL;
    const nowMs = ports.clock.now();
    if (waitLeftMs(Date.parse(state.notBefore ?? ''), nowMs) > 0) return undefined;
    if (state.sendingUntil !== undefined && Date.parse(state.sendingUntil) > nowMs) {
      await ports.clock.sleep(LOOK_AGAIN_MS);
      continue;
    }
    const claimed = { ...state, sendingUntil: isoTime(nowMs + CLAIM_MS) };
    if (await ports.incidents.putChannel(channel, claimed)) return { ...claimed, rev: claimed.rev + 1 };
  }
}

async function release(channel: Channel, state: ChannelState, ports: DeliveryPorts): Promise<void> {
  const { sendingUntil: _over, ...free } = state;
  // Where the claim was lost, whoever took it over decides.
  await ports.incidents.putChannel(channel, free);
}

async function send(
  notifier: Notifier,
  message: AlertMessage,
  claimed: ChannelState,
  ports: DeliveryPorts,
): Promise<'delivered' | Failure> {
  const { channel } = notifier;
  try {
    await notifier.send(message);
    ports.metrics.add('AlertsDelivered', 1, { channel });
    return 'delivered';
  } catch (error) {
    ports.metrics.add('AlertDeliveryFailures', 1, { channel });
    if (error instanceof ChannelUnavailableError) {
      ports.log.warn('alert channel unavailable', { channel, reason: error.message });
      return { kind: 'unavailable', retryAfterMs: error.retryAfterMs };
    }
    if (error instanceof ChannelRefusedError) {
      ports.log.error('alert channel refused the message', { channel, reason: error.reason });
      return { kind: 'refused', reason: error.reason };
    }
    // Nobody knows whether it was sent; the claim must not keep the next attempt waiting.
    await release(channel, claimed, ports);
    throw error;
  }
}

function after(outcome: 'delivered' | Failure, state: ChannelState, nowMs: number): ChannelState {
  if (outcome === 'delivered') return { rev: state.rev, failures: 0 };
  const failures = state.failures + 1;
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
  const asked = outcome.kind === 'unavailable' ? outcome.retryAfterMs : undefined;
  return {
    ...state,
    failures,
    notBefore: isoTime(nowMs + (asked ?? pauseMs)),
    ...(outcome.kind === 'refused' && {
      refused: { since: state.refused?.since ?? isoTime(nowMs), reason: outcome.reason },
    }),
  };
}

async function recordTold(
  channel: Channel,
  announcements: readonly Announcement[],
  ports: DeliveryPorts,
): Promise<void> {
  const at = isoTime(ports.clock.now());
  const missed = await mapConcurrently(announcements, WRITES_AT_A_TIME, async (announcement) => {
    const { incident } = announcement;
    const told = { change: incident.change.number, kind: announcement.kind, at };
    const stored = await ports.incidents.put({ ...incident, told: { ...incident.told, [channel]: told } });
    return stored ? undefined : announcement;
  });
  await recordOnChanged(
    channel,
    at,
    missed.filter((announcement) => announcement !== undefined),
    ports,
  );
}

/** The rest were changed by somebody since they were read: what was told is written onto what they are now. */
async function recordOnChanged(
  channel: Channel,
  at: string,
  missed: readonly Announcement[],
  ports: DeliveryPorts,
): Promise<void> {
  let waiting = new Map(missed.map((announcement) => [announcement.incident.id, announcement]));
  while (waiting.size > 0) {
    const live = await ports.incidents.live();
    const still = new Map<string, Announcement>();
    for (const incident of live) {
      const announcement = waiting.get(incident.id);
      if (announcement === undefined) continue;
      const told = { change: announcement.incident.change.number, kind: announcement.kind, at };
      const isOlder = (incident.told[channel]?.change ?? 0) < told.change;
      if (!isOlder) continue;
      if (!(await ports.incidents.put({ ...incident, told: { ...incident.told, [channel]: told } }))) {
        still.set(incident.id, announcement);
      }
    }
    waiting = still;
  }
}

const LOOKUPS_AT_A_TIME = 10;

/** By incident id. Names only decorate: without them the message goes out with ids. */
async function namesOf(
  announcements: readonly Announcement[],
  ports: DeliveryPorts,
): Promise<Map<string, Names>> {
  const found = await mapConcurrently(announcements, LOOKUPS_AT_A_TIME, async ({ incident }) => {
    try {
      return [incident.id, await ports.namesOf(incident.finding)] as const;
    } catch (error) {
      ports.log.warn('names not found', { incidentId: incident.id, reason: String(error) });
      return undefined;
    }
  });
  return new Map(found.filter((entry) => entry !== undefined));
}
