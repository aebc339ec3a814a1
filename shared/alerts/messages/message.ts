import type { Clock } from '../../clock.ts';
import { isUsableId } from '../../ids.ts';
import { timeText } from '../../time-text.ts';
import type { Names } from '../conditions/names.ts';
import type { Announcement } from '../incidents/announcement.ts';
import type { ChangeKind, Incident } from '../incidents/incident.ts';
import { actionsFor, type IncidentAction } from '../incidents/incident-action.ts';
import { cleanText, cutText, oneLine } from '../rules/plain-text.ts';
import { type Reader, RULE_WORDS, RULES, type RuleName } from '../rules/rule.ts';
import { SOON_DAYS, urgencyOf } from './urgency.ts';

/** More than these make a message nobody reads; the others are counted. */
const MOST_SHOWN = 15;

const NAME_LENGTH = 120;
const ERROR_LENGTH = 2_000;
const REMEDY_LENGTH = 500;

/** Rules about a resource and scope, which have no name but that. */
const ABOUT_A_LIST: readonly RuleName[] = ['stale', 'mass-deletion-stopped', 'quarantine'];

const REMEDY_LABEL: Record<Reader, string> = { estimators: 'What to do', engineers: 'What to do (engineer)' };

/** One incident as it is told, the same on every channel. Texts are clean, but not escaped for any of them. */
export interface AlertItem {
  incidentId: string;
  /** Who acts on it; engineers are shown its id until it is over. */
  readBy: Reader;
  state: Incident['state'];
  title: string;
  /** What the title was while it stood; only where a message is changed in its place. */
  wasTitle?: string;
  /** What the incident is about, by name where it is known; each part with its label. */
  about: { label: string; text: string }[];
  error?: string;
  /** When the condition began, ISO 8601. */
  since: string;
  resolvedAt?: string;
  /** What happened, where that is not simply that it opened or is over. */
  note?: string;
  /** Who has acknowledged or silenced it. */
  handled?: { who: string; slackUserId?: string; at: string; silencedUntil?: string };
  /** What can be done about it from within the message; absent where messages are not changed any more. */
  actions?: readonly IncidentAction[];
  /** What to do, with a label that says whose task it is; absent once it is over. */
  remedy?: { label: string; text: string };
  link?: { text: string; url: string };
}

/** One message of one evaluation to one channel. */
export interface AlertMessage {
  /** What it comes to, in a line of words and figures. */
  headline: string;
  items: AlertItem[];
  /** The incidents that are only counted, in words; absent when all are shown. */
  more?: string;
  /** Who says so: the system and its stage. */
  sender: string;
  /** In which times are told. */
  timeZone: string;
}

/** What a message shows of the stage that sends it. */
export interface SendingStage {
  stage: string;
  timeZone: string;
}

type MessageOptions = SendingStage & { nowMs: number };

/** For a message that is built now. */
export function messageOptions({ stage, timeZone, clock }: SendingStage & { clock: Clock }): MessageOptions {
  return { stage, timeZone, nowMs: clock.now() };
}

/** Builds a message that stays as it is sent, with the announcements in their order; `names` by incident id. */
export function buildMessage(
  announcements: readonly Announcement[],
  names: ReadonlyMap<string, Names>,
  options: MessageOptions,
): AlertMessage {
  const shown = announcements.slice(0, MOST_SHOWN);
  return messageOf(announcements, shown, options, ({ incident, kind }) =>
    itemOf(incident, kind, names.get(incident.id) ?? {}, options),
  );
}

/**
 * Builds a message that is changed in its place: each incident as it is now, with what can be done about it.
 * `incidents`: all that the message is about, in their order; `names` of those that `shownOf` chooses.
 */
export function buildStandingMessage(
  incidents: readonly Incident[],
  names: ReadonlyMap<string, Names>,
  options: MessageOptions,
): AlertMessage {
  const announcements = incidents.map(asItStands);
  const shown = shownOf(incidents).map(asItStands);
  return messageOf(announcements, shown, options, ({ incident, kind }) => {
    const { note, ...item } = itemOf(incident, kind, names.get(incident.id) ?? {}, options);
    return {
      ...item,
      ...(note !== undefined && !SAID_BY_HANDLED.includes(kind) && { note }),
      ...handledOf(incident),
      ...(kind === 'resolved' && { wasTitle: RULE_WORDS[incident.finding.rule].problem }),
      actions: actionsFor(incident.state),
    };
  });
}

const SAID_BY_HANDLED: readonly ChangeKind[] = ['acknowledged', 'silenced'];

/** Those shown in full, in their order: first of all what stands, then what was resolved last. */
export function shownOf(incidents: readonly Incident[]): Incident[] {
  const chosen = new Set(
    incidents
      .toSorted((one, other) => (other.resolvedAt ?? '~').localeCompare(one.resolvedAt ?? '~'))
      .slice(0, MOST_SHOWN),
  );
  return incidents.filter((incident) => chosen.has(incident));
}

function asItStands(incident: Incident): Announcement {
  return { incident, kind: incident.state === 'resolved' ? 'resolved' : incident.change.kind };
}

function messageOf(
  announcements: readonly Announcement[],
  shown: readonly Announcement[],
  { stage, timeZone }: SendingStage,
  toItem: (announcement: Announcement) => AlertItem,
): AlertMessage {
  const shownIncidents = new Set(shown.map(({ incident }) => incident));
  const rest = announcements.filter(({ incident }) => !shownIncidents.has(incident));
  const items = shown.map(toItem);
  return {
    headline: headlineOf(announcements, items),
    items,
    ...(rest.length > 0 && { more: `And ${rest.length} more: ${countedInWords(rest)}.` }),
    sender: senderOf(stage),
    timeZone,
  };
}

/** What `ops alerts-test` sends: nothing is wrong, somebody wants to see whether messages arrive. */
export function buildTestMessage({ stage, timeZone }: SendingStage, nowIso: string): AlertMessage {
  return {
    headline: 'Test message: nothing is wrong',
    items: [
      {
        incidentId: 'test',
        readBy: 'estimators',
        state: 'resolved',
        title: 'Alerts reach this channel',
        about: [],
        since: nowIso,
        note: 'Someone sent a test message. No action needed.',
      },
    ],
    sender: senderOf(stage),
    timeZone,
  };
}

/** One incident by its title and what it is about, several by their numbers. */
function headlineOf(announcements: readonly Announcement[], items: readonly AlertItem[]): string {
  const [item] = items;
  if (item === undefined || items.length > 1) return countedInWords(announcements);
  const [about] = item.about;
  return about === undefined ? item.title : `${item.title}: ${about.text}`;
}

/** "3 file transfers failed, 1 Data Connector job failed, 2 resolved". */
function countedInWords(announcements: readonly Announcement[]): string {
  const resolved = announcements.filter(({ kind }) => kind === 'resolved').length;
  const news = announcements.filter(({ kind }) => kind !== 'resolved');
  const parts = RULES.flatMap((rule) => {
    const count = news.filter(({ incident }) => incident.finding.rule === rule).length;
    return count === 0 ? [] : [counted(rule, count)];
  });
  return [...parts, ...(resolved > 0 ? [`${resolved} resolved`] : [])].join(', ');
}

function counted(rule: RuleName, count: number): string {
  const words = RULE_WORDS[rule].counted;
  return `${count} ${count === 1 ? words.one : words.many}`;
}

function itemOf(
  incident: Incident,
  kind: ChangeKind,
  names: Names,
  { timeZone, nowMs }: MessageOptions,
): AlertItem {
  const { finding } = incident;
  const isResolved = kind === 'resolved';
  const words = RULE_WORDS[finding.rule];
  const note = noteOf(incident, kind, timeZone);
  return {
    incidentId: incident.id,
    readBy: words.readBy,
    state: isResolved ? 'resolved' : incident.state,
    title: isResolved ? words.over : words.problem,
    about: aboutOf(incident, isResolved, names, timeZone, nowMs),
    since: finding.since ?? incident.startedAt,
    ...(finding.error !== undefined &&
      !isResolved && { error: cutText(cleanText(finding.error), ERROR_LENGTH) }),
    ...(isResolved && incident.resolvedAt !== undefined && { resolvedAt: incident.resolvedAt }),
    ...(note !== undefined && { note }),
    ...(isResolved && handledOf(incident)),
    ...(!isResolved && {
      remedy: {
        label: REMEDY_LABEL[words.readBy],
        text: cutText(oneLine(finding.remedy ?? words.remedy), REMEDY_LENGTH),
      },
    }),
    ...linkTo(finding.opportunityId),
  };
}

function handledOf({ handled, silencedUntil }: Incident): Pick<AlertItem, 'handled'> {
  if (handled === undefined) return {};
  const who = cutText(oneLine(handled.who), NAME_LENGTH);
  return {
    handled: {
      ...handled,
      who,
      ...(silencedUntil !== undefined && { silencedUntil }),
    },
  };
}

function noteOf(incident: Incident, kind: ChangeKind, timeZone: string): string | undefined {
  const who =
    incident.change.who === undefined ? '' : ` by ${cutText(oneLine(incident.change.who), NAME_LENGTH)}`;
  switch (kind) {
    case 'opened':
    case 'resolved':
      return undefined;
    case 'error-changed':
      return 'The error message changed.';
    case 'reminded':
      return 'Reminder: still open.';
    case 'acknowledged':
      return `Acknowledged${who}: no more reminders.`;
    case 'silenced':
      return `Silenced${who} until ${timeText(incident.silencedUntil ?? incident.change.at, timeZone)}.`;
    case 'silence-ended':
      return 'Silence ended: still open.';
    case 'reopened':
      return `Open again${who === '' ? '' : `: undone${who}`}.`;
  }
}

function aboutOf(
  incident: Incident,
  isResolved: boolean,
  names: Names,
  timeZone: string,
  nowMs: number,
): AlertItem['about'] {
  const { finding } = incident;
  const about: AlertItem['about'] = [];
  const add = (label: string, text: string | undefined) => {
    if (text !== undefined && text !== '') about.push({ label, text: cutText(oneLine(text), NAME_LENGTH) });
  };
  const project = finding.projectName ?? names.projectName ?? finding.projectId;
  add('Project', names.projectNumber === undefined ? project : `${project} (${names.projectNumber})`);
  add('Opportunity', finding.opportunityName ?? names.opportunityName ?? finding.opportunityId);
  add('Client', names.client);
  if (!isResolved) add('Bids due', names.bidsDueAt && dueText(names.bidsDueAt, timeZone, nowMs));
  if (ABOUT_A_LIST.includes(finding.rule)) add('List', finding.shownAs ?? finding.subject);
  const lines = isResolved ? finding.facts : { ...finding.facts, ...finding.readings };
  for (const [label, text] of Object.entries(lines)) add(label, text);
  return about;
}

function dueText(bidsDueAt: string, timeZone: string, nowMs: number): string {
  const text = timeText(bidsDueAt, timeZone);
  switch (urgencyOf(bidsDueAt, nowMs)) {
    case 'due-soon':
      return `${text}, within ${SOON_DAYS} days`;
    case 'past':
      return `${text}, in the past`;
    case 'usual':
      return text;
  }
}

function linkTo(opportunityId: string | undefined): Pick<AlertItem, 'link'> {
  if (opportunityId === undefined || !isUsableId(opportunityId)) return {};
  const url = `https://app.buildingconnected.com/opportunities/${opportunityId}/info`;
  return { link: { text: 'Open the opportunity', url } };
}

function senderOf(stage: string): string {
  return `buildingconnected-sync (${stage})`;
}
