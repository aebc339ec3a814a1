import { createHash } from 'node:crypto';
import { type Clock, isoTime } from '../../clock.ts';
import { type Announcement, announcementsFor } from '../incidents/announcement.ts';
import type { ChangeKind, Incident, Place } from '../incidents/incident.ts';
import type { Posting } from '../incidents/incident-store.ts';
import { buildMessage, buildStandingMessage, messageOptions, shownOf } from '../messages/message.ts';
import { byUrgency } from '../messages/urgency.ts';
import type { ClaimedChannel } from './claim.ts';
import type { DeliveryPorts } from './delivery-ports.ts';
import type { EditableChannel, PostedMessage } from './editable-channel.ts';
import { findNames } from './find-names.ts';
import { ChannelUnavailableError } from './notifier.ts';
import { goneFrom, outdatedPlaces, placeIn, record, saidOf, shownAt, told } from './record-told.ts';

/** Said aloud again, because a message that is only changed calls nobody. */
const NEWS: readonly ChangeKind[] = ['opened', 'reminded', 'silence-ended'];

/** Slack takes about one message a second and channel. */
const BETWEEN_CALLS_MS = 1_000;
/** Messages that are not brought up to date within this time are left to the next evaluation: see `SENDING_MS`. */
const UPDATING_MS = 12_000;

/** What cannot be looked for in so long is told again: twice is better than never. */
const LOOKED_FOR_MS = 10 * 60_000;

interface Delivery {
  editable: EditableChannel;
  claim: ClaimedChannel;
  ports: DeliveryPorts;
}

/** Another evaluation has taken the channel over, because this one took too long. */
class ClaimLost extends Error {}

/**
 * Keeps the messages true that were posted, then posts one message with what is new, for each address. What a
 * message shows is made from what is stored, so doing it again is harmless; a post is noted before it is made, so
 * that whoever comes after a crash can look for it. Answers how many calls changed something.
 */
export async function deliverInPlace(
  editable: EditableChannel,
  claim: ClaimedChannel,
  ports: DeliveryPorts,
): Promise<number> {
  const delivery = { editable, claim, ports };
  try {
    await finishPosting(delivery);
    return (await updateMessages(delivery)) + (await postNews(delivery));
  } catch (error) {
    if (error instanceof ClaimLost) return 0;
    throw error;
  }
}

/** Records what a dead process has posted. */
async function finishPosting({ editable, claim, ports }: Delivery): Promise<void> {
  const { posting, ...rest } = claim.state;
  if (posting === undefined) return;
  const found = await editable.find(posting).catch((error: unknown) => {
    const isFresh = ports.clock.now() - Date.parse(posting.at) < LOOKED_FOR_MS;
    if (isFresh || !(error instanceof ChannelUnavailableError)) throw error;
    return undefined;
  });
  if (found !== undefined) await recordPosting(posting, found, await ports.incidents.live(), claim, ports);
  await claim.note(rest);
}

async function updateMessages(delivery: Delivery): Promise<number> {
  const { clock, incidents } = delivery.ports;
  const endsAtMs = clock.now() + UPDATING_MS;
  const live = await incidents.live();
  let updated = 0;
  for (const message of outdatedMessages(live)) {
    if (clock.now() >= endsAtMs) break;
    await updateMessage(message, live, delivery);
    updated += 1;
  }
  return updated;
}

async function updateMessage(message: Place, live: readonly Incident[], delivery: Delivery): Promise<void> {
  const { editable, ports, claim } = delivery;
  const members = await membersOf(message, live, ports);
  const names = await findNames(shownOf(members), ports);
  const outcome = await call(delivery, () =>
    editable.edit(message, buildStandingMessage(members, names, messageOptions(ports))),
  );
  const concerned = live.filter(
    (incident) =>
      placeIn(incident, message) !== undefined ||
      incident.toUpdate?.some(({ ts }) => ts === message.ts) === true,
  );
  if (outcome === 'gone') {
    await record(concerned, (incident) => goneFrom(incident, message), ports.incidents);
    return;
  }
  await sayResolved(message, members, delivery);
  const shown = new Map(members.map((incident) => [incident.id, incident.change]));
  await record(
    concerned.filter((incident) => outdatedPlaces(incident).some(({ ts }) => ts === message.ts)),
    (current) => {
      const incident = saidOf(current, message);
      const change = shown.get(incident.id);
      const place = placeIn(incident, message);
      if (change === undefined || place === undefined || place.shows >= change.number) return incident;
      const { number, kind } = change;
      const updated = withPlace(incident, { ...place, shows: number });
      const heard = { change: number, kind, at: isoTime(ports.clock.now()) };
      const isTold = updated.told[claim.channel] !== undefined && !NEWS.includes(kind);
      return (isTold && told(updated, claim.channel, heard)) || updated;
    },
    ports.incidents,
  );
  const { posting, ...rest } = claim.state;
  if (posting !== undefined) await claim.note(rest);
}

/**
 * Tells the thread what is over, for those who watch it: what somebody had taken, and everything once nothing of
 * the message stands any more.
 */
async function sayResolved(message: Place, members: readonly Incident[], delivery: Delivery): Promise<void> {
  const { editable, claim, ports } = delivery;
  const isAllOver = members.every(({ state }) => state === 'resolved');
  const over = members.filter(
    (incident) =>
      incident.state === 'resolved' &&
      isBehind(incident, message) &&
      incident.shownIn?.at(-1)?.ts === message.ts &&
      incident.told[claim.channel] !== undefined &&
      (isAllOver || incident.handled !== undefined),
  );
  if (over.length === 0) return;
  const announcements = over.map((incident) => ({ incident, kind: 'resolved' as const }));
  const names = await findNames(shownOf(over), ports);
  const text = buildMessage(announcements, names, messageOptions(ports));
  const posting = postingOf(announcements, message.channel, ports.clock, message.ts);
  await begin(posting, claim);
  await call(delivery, () => editable.reply(message, text, posting.key));
}

async function postNews(delivery: Delivery): Promise<number> {
  const { editable, claim, ports } = delivery;
  const live = await ports.incidents.live();
  const news = announcementsFor(claim.channel, live, ports.rules, ports.clock.now()).filter(
    ({ incident, kind }) => NEWS.includes(kind) || (incident.shownIn ?? []).length === 0,
  );
  const names = await findNames(
    news.map(({ incident }) => incident),
    ports,
  );
  const byAddress = Map.groupBy(byUrgency(news, names, ports.clock.now()), ({ incident }) =>
    editable.addressOf(incident.finding.rule),
  );
  const messages = [...byAddress].flatMap(([address, of]) =>
    inMessages(of).map((announcements) => ({ address, announcements })),
  );
  for (const { address, announcements } of messages) {
    const incidents = announcements.map(({ incident }) => incident);
    const message = buildStandingMessage(incidents, names, messageOptions(ports));
    const posting = postingOf(announcements, address, ports.clock);
    await begin(posting, claim);
    const posted = await call(delivery, () => editable.post(address, message, posting.key));
    await recordPosting(posting, posted, incidents, claim, ports);
  }
  if (messages.length > 0) {
    const { posting: _recorded, ...rest } = claim.state;
    await claim.note({ ...rest, workspace: await editable.workspace() });
  }
  return messages.length;
}

/** What a message tells is noted in one item of the table, which takes 400 KB (an AWS limit). */
const MOST_IN_A_MESSAGE = 2_000;

function inMessages(announcements: readonly Announcement[]): Announcement[][] {
  const count = Math.ceil(announcements.length / MOST_IN_A_MESSAGE);
  return Array.from({ length: count }, (_, index) =>
    announcements.slice(index * MOST_IN_A_MESSAGE, (index + 1) * MOST_IN_A_MESSAGE),
  );
}

/** Writes where incidents were told onto them: a message shows them from now on, a reply says that they are over. */
async function recordPosting(
  posting: Posting,
  posted: PostedMessage,
  incidents: readonly Incident[],
  { channel }: ClaimedChannel,
  { incidents: store }: DeliveryPorts,
): Promise<void> {
  const tells = new Map(posting.tells.map((tell, index) => [tell.incidentId, { ...tell, index }]));
  const { ts } = posting;
  await record(
    incidents.filter(({ id, toUpdate }) => tells.has(id) || toUpdate?.some((place) => place.ts === ts)),
    (current) => {
      const incident = ts === undefined ? current : saidOf(current, { ...posted, ts });
      const tell = tells.get(incident.id);
      if (tell === undefined) return incident;
      const { change, kind, index } = tell;
      const shown =
        ts === undefined
          ? shownAt(incident, { ...posted, sentAt: posting.at, index, shows: change })
          : shownSince(incident, { ...posted, ts }, change);
      return told(shown, channel, { change, kind, at: posting.at }) ?? shown;
    },
    store,
  );
}

/** The incident after a message has come to show a change, unless it shows a later one already. */
function shownSince(incident: Incident, message: PostedMessage, change: number): Incident {
  const place = placeIn(incident, message);
  return place === undefined || place.shows >= change
    ? incident
    : withPlace(incident, { ...place, shows: change });
}

/** The messages that show less than what is true, those first that have waited longest. */
function outdatedMessages(live: readonly Incident[]): Place[] {
  const waiting = live
    .toSorted((one, other) => one.change.at.localeCompare(other.change.at))
    .flatMap(outdatedPlaces);
  return [...new Map(waiting.map((place) => [`${place.channel} ${place.ts}`, place])).values()];
}

/** All that a message is about in their order, whether they stand or lie in the past. */
async function membersOf(
  message: Place,
  live: readonly Incident[],
  { incidents }: DeliveryPorts,
): Promise<Incident[]> {
  const byId = new Map([...(await incidents.past(message.sentAt)), ...live].map((each) => [each.id, each]));
  const indexOf = (incident: Incident) => placeIn(incident, message)?.index;
  return [...byId.values()]
    .filter((incident) => indexOf(incident) !== undefined)
    .sort((one, other) => (indexOf(one) ?? 0) - (indexOf(other) ?? 0));
}

function isBehind(incident: Incident, message: Place): boolean {
  const place = placeIn(incident, message);
  return place !== undefined && place.shows < incident.change.number;
}

/** The same places in the same order, one of them as it is now. */
function withPlace(incident: Incident, place: Place): Incident {
  const { shownIn = [] } = incident;
  return { ...incident, shownIn: shownIn.map((known) => (known.ts === place.ts ? place : known)) };
}

function postingOf(
  announcements: readonly Announcement[],
  channel: string,
  clock: Clock,
  ts?: string,
): Posting {
  const tells = announcements.map(({ incident, kind }) => ({
    incidentId: incident.id,
    change: incident.change.number,
    kind,
  }));
  const key = createHash('sha256')
    .update(JSON.stringify([channel, ts, tells]))
    .digest('hex')
    .slice(0, 32);
  return { key, channel, ...(ts !== undefined && { ts }), tells, at: isoTime(clock.now()) };
}

/** Throws where the channel is no longer ours: then nothing may be posted. */
async function begin(posting: Posting, claim: ClaimedChannel): Promise<void> {
  if (!(await claim.note({ ...claim.state, posting }))) throw new ClaimLost();
}

/** One call, at its distance from the one before, whoever made that. */
async function call<Answer>({ claim, ports }: Delivery, work: () => Promise<Answer>): Promise<Answer> {
  const { clock } = ports;
  const waitMs = Date.parse(claim.state.sentAt ?? '') + BETWEEN_CALLS_MS - clock.now();
  if (waitMs > 0 && waitMs <= BETWEEN_CALLS_MS) await clock.sleep(waitMs);
  claim.sent(clock.now());
  return work();
}
