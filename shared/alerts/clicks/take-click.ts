import type { Clock } from '../../clock.ts';
import type { AlertQueue } from '../../queue/messages.ts';
import type { Incident } from '../incidents/incident.ts';
import { act } from '../incidents/incident-action.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import type { Click } from './click.ts';

export interface ClickPorts {
  incidents: Pick<IncidentStore, 'live' | 'put' | 'channels'>;
  alertQueue: AlertQueue;
  clock: Clock;
}

/**
 * - `changed`    the incident is now as the person wants it
 * - `unchanged`  it was so already, or is over; the person is told what is true
 * - `foreign`    the click does not come from a workspace, an app or a channel of ours; nothing is done
 */
export type ClickOutcome = 'changed' | 'unchanged' | 'foreign';

/**
 * Does what a click asks for: one conditional change of the incident, and a hint to have the message brought up to
 * date. Nothing is sent to Slack, so that the answer never waits for it.
 */
export async function takeClick(click: Click, ports: ClickPorts): Promise<ClickOutcome> {
  const { incidents, alertQueue } = ports;
  const [live, { slack }] = await Promise.all([incidents.live(), incidents.channels()]);
  if (isForeign(click, slack?.workspace ?? {}) || isElsewhere(click, live)) return 'foreign';
  const isChanged = await changeIncident(click, live, ports);
  const { incidentId, channel, by } = click;
  await alertQueue.send({
    kind: 'evaluate',
    ...(!isChanged && channel !== undefined && { answer: { incidentId, channel, user: by.slackUserId } }),
  });
  return isChanged ? 'changed' : 'unchanged';
}

/** Answers whether the click has changed anything. */
async function changeIncident(
  { incidentId, action, by }: Click,
  live: readonly Incident[],
  { incidents, clock }: ClickPorts,
): Promise<boolean> {
  for (let standing = live; ; standing = await incidents.live()) {
    const incident = standing.find(({ id }) => id === incidentId);
    const next = incident && act(incident, action, by, clock.now());
    if (next === undefined) return false;
    if (await incidents.put(next)) return true;
  }
}

/** What is not known of a workspace is not compared: the signature alone says that it is our app. */
function isForeign({ teamId, appId }: Click, workspace: { teamId?: string; appId?: string }): boolean {
  return differs(teamId, workspace.teamId) || differs(appId, workspace.appId);
}

/** An incident is handled in the channels where it was told. */
function isElsewhere({ incidentId, channel }: Click, live: readonly Incident[]): boolean {
  const places = live.find(({ id }) => id === incidentId)?.shownIn ?? [];
  return channel !== undefined && places.length > 0 && !places.some((place) => place.channel === channel);
}

function differs(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}
