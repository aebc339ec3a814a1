import { mapConcurrently } from '../../concurrency.ts';
import type { Incident, Place } from '../incidents/incident.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import type { Channel } from '../rules/settings.ts';

const WRITES_AT_A_TIME = 10;

/** An incident stands in so many messages at most that are kept true: reminders of several weeks. */
const MOST_PLACES = 8;

/**
 * Writes onto incidents what was told. One that somebody has changed since it was read is read again and keeps
 * that change; one that is gone is left out. `change` answers undefined where there is nothing to write.
 */
export async function record(
  incidents: readonly Incident[],
  change: (incident: Incident) => Incident | undefined,
  store: Pick<IncidentStore, 'live' | 'put'>,
): Promise<void> {
  let waiting = incidents;
  while (waiting.length > 0) {
    const missed = await mapConcurrently(waiting, WRITES_AT_A_TIME, async (incident) => {
      const next = change(incident);
      return next === undefined || (await store.put(next)) ? undefined : incident.id;
    });
    const ids = new Set(missed.filter((id) => id !== undefined));
    waiting = ids.size === 0 ? [] : (await store.live()).filter(({ id }) => ids.has(id));
  }
}

/** The incident as a channel has heard of it; undefined where it has heard of something newer. */
export function told(
  incident: Incident,
  channel: Channel,
  heard: NonNullable<Incident['told'][Channel]>,
): Incident | undefined {
  const isOlder = (incident.told[channel]?.change ?? 0) < heard.change;
  return isOlder ? { ...incident, told: { ...incident.told, [channel]: heard } } : undefined;
}

/** The incident with its place in a message, which shows it from now on. */
export function shownAt(incident: Incident, place: Place): Incident {
  const others = (incident.shownIn ?? []).filter((known) => !isSame(known, place));
  return { ...incident, shownIn: [...others, place].slice(-MOST_PLACES) };
}

/** The incident without its place in a message that nobody can change any more. */
export function goneFrom(incident: Incident, message: Pick<Place, 'channel' | 'ts'>): Incident {
  return {
    ...saidOf(incident, message),
    shownIn: (incident.shownIn ?? []).filter((known) => !isSame(known, message)),
  };
}

/** The incident after a message has come to say that the episode before is over. */
export function saidOf(incident: Incident, message: Pick<Place, 'channel' | 'ts'>): Incident {
  const { toUpdate = [], ...rest } = incident;
  const left = toUpdate.filter((known) => !isSame(known, message));
  return left.length === 0 ? rest : { ...rest, toUpdate: left };
}

/** Where an incident stands in a message. */
export function placeIn(incident: Incident, message: Pick<Place, 'channel' | 'ts'>): Place | undefined {
  return incident.shownIn?.find((known) => isSame(known, message));
}

/** The messages that show less than what is true of an incident and of the episode before it. */
export function outdatedPlaces({ shownIn = [], toUpdate = [], change }: Incident): Place[] {
  return [...toUpdate, ...shownIn.filter(({ shows }) => shows < change.number)];
}

function isSame(one: Pick<Place, 'channel' | 'ts'>, other: Pick<Place, 'channel' | 'ts'>): boolean {
  return one.ts === other.ts && one.channel === other.channel;
}
