import { isoTime } from '../../clock.ts';
import type { Log } from '../../observability/log.ts';
import { timeText } from '../../time-text.ts';
import { ChannelUnavailableError, type Notifier } from '../channels/notifier.ts';
import { type Incident, LISTED_DAYS } from '../incidents/incident.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import { slackText } from '../messages/slack-message.ts';
import { RULE_WORDS } from '../rules/rule.ts';

const DAY_MS = 24 * 60 * 60_000;

export interface AnswerPorts {
  incidents: Pick<IncidentStore, 'live' | 'past'>;
  notifiers: readonly Notifier[];
  timeZone: string;
  clock: { now(): number };
  log: Log;
}

/** Tells a person, and nobody else, what is true of an incident about which their click has changed nothing. */
export async function answerClick(
  { incidentId, channel, user }: { incidentId: string; channel: string; user: string },
  ports: AnswerPorts,
): Promise<void> {
  const slack = await ports.notifiers.find((notifier) => notifier.channel === 'slack')?.editable?.();
  if (slack === undefined) return;
  const since = isoTime(ports.clock.now() - LISTED_DAYS * DAY_MS);
  const known = [...(await ports.incidents.live()), ...(await ports.incidents.past(since))];
  const text = truthAbout(
    known.find(({ id }) => id === incidentId),
    ports.timeZone,
  );
  try {
    await slack.tell({ channel, user }, slackText(text));
  } catch (error) {
    if (!(error instanceof ChannelUnavailableError)) throw error;
    // Minutes later the answer would only confuse.
    ports.log.warn('click not answered', { incidentId, reason: error.message });
  }
}

function truthAbout(incident: Incident | undefined, timeZone: string): string {
  if (incident === undefined) return 'Nothing changed: this incident is no longer open.';
  const { state, handled, silencedUntil, resolvedAt, finding } = incident;
  const by = handled === undefined ? '' : ` by ${handled.who}`;
  switch (state) {
    case 'resolved':
      return `Nothing changed: ${RULE_WORDS[finding.rule].over}, ${timeText(resolvedAt ?? '', timeZone)}.`;
    case 'acknowledged':
      return `Nothing changed: already acknowledged${by}.`;
    case 'silenced':
      return `Nothing changed: already silenced${by} until ${timeText(silencedUntil ?? '', timeZone)}.`;
    case 'pending':
    case 'open':
      return 'Nothing changed: it is open, and no one has acknowledged it.';
  }
}
