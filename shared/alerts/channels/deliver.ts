import { isoTime } from '../../clock.ts';
import { announcementsFor } from '../incidents/announcement.ts';
import { type ChannelState, UNKNOWN_CHANNEL } from '../incidents/incident-store.ts';
import { buildMessage, messageOptions } from '../messages/message.ts';
import { byUrgency } from '../messages/urgency.ts';
import { ClaimedChannel } from './claim.ts';
import { deliverInPlace } from './deliver-in-place.ts';
import type { DeliveryPorts } from './delivery-ports.ts';
import { findNames } from './find-names.ts';
import { ChannelRefusedError, ChannelUnavailableError, type Notifier } from './notifier.ts';
import { record, told } from './record-told.ts';

/**
 * - `nothing`      nothing had to be told, or somebody else has just told it
 * - `delivered`    the channel took what had to be told
 * - `held`         the channel is left alone for a while
 * - `unavailable`  the channel failed; what is true then is told when it works again
 * - `refused`      a person has to do something about the channel
 */
export type DeliveryOutcome = 'nothing' | 'delivered' | 'held' | 'unavailable' | 'refused';

/** Pauses after failures in a row: half a minute, one, two, four, then five. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/**
 * Tells a channel what it has not heard: in one message, and where messages can be changed, by keeping those true
 * that were sent. The channel is claimed first, then the incidents are read again: of several evaluations only one
 * sends. What was told is recorded after the send, so a crash between the two repeats that one message, where it
 * cannot be looked up whether it was sent.
 */
export async function deliver(notifier: Notifier, ports: DeliveryPorts): Promise<DeliveryOutcome> {
  const claim = await ClaimedChannel.take(notifier.channel, ports);
  if (claim === undefined) return 'held';
  try {
    const editable = await notifier.editable?.();
    const sent = await (editable === undefined
      ? deliverOnce(notifier, ports)
      : deliverInPlace(editable, claim, ports));
    await claim.release(sent === 0 ? claim.state : delivered(claim.state));
    if (sent === 0) return 'nothing';
    ports.metrics.add('AlertsDelivered', sent, { channel: notifier.channel });
    return 'delivered';
  } catch (error) {
    const failure = failureOf(error);
    noteFailure(notifier, error, ports);
    // What is unknown may have been sent; the claim must not keep the next attempt waiting.
    await claim.release(failure && failed(failure, claim.state, ports.clock.now()));
    if (failure === undefined) throw error;
    return failure.kind;
  }
}

/** Sends a message whatever is or is not to be told, and notes how the channel answers. */
export async function deliverTest(
  notifier: Notifier,
  send: () => Promise<void>,
  ports: DeliveryPorts,
): Promise<DeliveryOutcome> {
  const state = (await ports.incidents.channels())[notifier.channel] ?? UNKNOWN_CHANNEL;
  try {
    await send();
    ports.metrics.add('AlertsDelivered', 1, { channel: notifier.channel });
    await ports.incidents.putChannel(notifier.channel, delivered(state));
    return 'delivered';
  } catch (error) {
    const failure = failureOf(error);
    noteFailure(notifier, error, ports);
    if (failure === undefined) throw error;
    await ports.incidents.putChannel(notifier.channel, failed(failure, state, ports.clock.now()));
    return failure.kind;
  }
}

/** Everything in one message, which stays as it is sent. Answers how many were sent. */
async function deliverOnce(notifier: Notifier, ports: DeliveryPorts): Promise<number> {
  const { channel } = notifier;
  const live = await ports.incidents.live();
  const announcements = announcementsFor(channel, live, ports.rules, ports.clock.now());
  if (announcements.length === 0) return 0;
  const incidents = announcements.map(({ incident }) => incident);
  const names = await findNames(incidents, ports);
  const inOrder = byUrgency(announcements, names, ports.clock.now());
  await notifier.send(buildMessage(inOrder, names, messageOptions(ports)));
  const at = isoTime(ports.clock.now());
  const heard = new Map(
    announcements.map(({ incident, kind }) => [incident.id, { change: incident.change.number, kind, at }]),
  );
  await record(
    incidents,
    (incident) => {
      const change = heard.get(incident.id);
      return change && told(incident, channel, change);
    },
    ports.incidents,
  );
  return 1;
}

type Failure =
  | { kind: 'unavailable'; retryAfterMs: number | undefined }
  | { kind: 'refused'; reason: string };

function failureOf(error: unknown): Failure | undefined {
  if (error instanceof ChannelUnavailableError)
    return { kind: 'unavailable', retryAfterMs: error.retryAfterMs };
  if (error instanceof ChannelRefusedError) return { kind: 'refused', reason: error.reason };
  return undefined;
}

function noteFailure({ channel }: Notifier, error: unknown, { metrics, log }: DeliveryPorts): void {
  metrics.add('AlertDeliveryFailures', 1, { channel });
  if (error instanceof ChannelUnavailableError)
    log.warn('alert channel unavailable', { channel, reason: error.message });
  if (error instanceof ChannelRefusedError)
    log.error('alert channel refused the message', { channel, reason: error.reason });
}

function delivered(state: ChannelState): ChannelState {
  const { notBefore: _over, refused: _no, ...rest } = state;
  return { ...rest, failures: 0 };
}

function failed(failure: Failure, state: ChannelState, nowMs: number): ChannelState {
  const failures = state.failures + 1;
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
  const asked = failure.kind === 'unavailable' ? failure.retryAfterMs : undefined;
  return {
    ...state,
    failures,
    notBefore: isoTime(nowMs + (asked ?? pauseMs)),
    ...(failure.kind === 'refused' && {
      refused: { since: state.refused?.since ?? isoTime(nowMs), reason: failure.reason },
    }),
  };
}
