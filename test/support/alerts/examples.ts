import type { Names } from '../../../shared/alerts/conditions/names.ts';
import type { Announcement } from '../../../shared/alerts/incidents/announcement.ts';
import type { ChangeKind, Incident, Person } from '../../../shared/alerts/incidents/incident.ts';
import { act } from '../../../shared/alerts/incidents/incident-action.ts';
import { advance } from '../../../shared/alerts/incidents/transition.ts';
import { buildMessage, buildStandingMessage } from '../../../shared/alerts/messages/message.ts';
import type { Finding, RuleName } from '../../../shared/alerts/rules/rule.ts';

const NAMES: Names = {
  projectName: 'Riverside Clinic',
  projectNumber: '26-118',
  opportunityName: 'Riverside Clinic, HVAC',
  client: 'Bay Builders',
  bidsDueAt: '2026-11-24T23:00:00.000Z',
};

const PAIR = {
  subject: '6123456789abcdef01234567',
  opportunityId: '60d21b4667d0d8992e610c85',
  projectId: '5f3c1a2b3c4d5e6f70819201',
  since: '2026-11-20T14:05:00.000Z',
};

/** One believable finding of each rule. */
export const EXAMPLE_FINDINGS: Record<RuleName, Finding> = {
  connection: {
    rule: 'connection',
    subject: 'autodesk',
    error: 'The refresh token was refused (invalid_grant).',
    facts: {},
  },
  'channel-refused': {
    rule: 'channel-refused',
    subject: 'slack',
    error: 'Slack returned 404: no_service',
    since: '2026-11-22T07:58:00.000Z',
    facts: { Channel: 'slack' },
  },
  'webhook-inactive': {
    rule: 'webhook-inactive',
    subject: 'webhooks',
    facts: {},
    readings: { Events: 'bid.created, opportunity.created' },
  },
  'mass-deletion-stopped': {
    rule: 'mass-deletion-stopped',
    subject: 'invites/company',
    error: '2,310 of 8,450 records are missing from the list, more than 20 %.',
    since: '2026-11-22T03:12:00.000Z',
    facts: {},
  },
  'file-sync-failed': {
    rule: 'file-sync-failed',
    ...PAIR,
    error: 'Could not copy "A-101 Floor Plan.pdf": the file is larger than 5 GB.',
    facts: {},
    readings: { 'File status': 'FAILED' },
  },
  'relink-needed': {
    rule: 'relink-needed',
    subject: PAIR.subject,
    opportunityId: PAIR.opportunityId,
    projectId: PAIR.projectId,
    facts: {},
    readings: { 'File status': 'SUCCESS' },
  },
  'file-sync-stuck': {
    rule: 'file-sync-stuck',
    ...PAIR,
    facts: {},
    readings: { 'File status': 'IN_PROGRESS' },
  },
  'job-failed': {
    rule: 'job-failed',
    subject: 'd6ab9d19-4ef3-4d6e-9a1c-3f2b7a8e5c01',
    shownAs: 'd6ab9d19-4ef3-4d6e-9a1c-3f2b7a8e5c01/1f0c2b7d-8a55-4f0e-9a44-2f1f7c3f9b10',
    error: 'Job 1f0c2b7d-8a55-4f0e-9a44-2f1f7c3f9b10 ended as "failed".',
    since: '2026-11-22T02:31:00.000Z',
    facts: {
      Account: '872264f8-2433-498d-8d35-16649ecb13fe',
      Request: 'd6ab9d19-4ef3-4d6e-9a1c-3f2b7a8e5c01',
    },
  },
  'extract-not-landed': {
    rule: 'extract-not-landed',
    subject: '1f0c2b7d-8a55-4f0e-9a44-2f1f7c3f9b10',
    shownAs: 'd6ab9d19-4ef3-4d6e-9a1c-3f2b7a8e5c01/1f0c2b7d-8a55-4f0e-9a44-2f1f7c3f9b10',
    error: 'There is no room left for extracts.',
    since: '2026-11-22T02:31:00.000Z',
    facts: {
      Account: '872264f8-2433-498d-8d35-16649ecb13fe',
      Request: 'd6ab9d19-4ef3-4d6e-9a1c-3f2b7a8e5c01',
    },
  },
  stale: {
    rule: 'stale',
    subject: 'invites/company',
    error: 'Autodesk returned 503 for 6 hours.',
    since: '2026-11-22T01:00:00.000Z',
    remedy: 'No action needed; the sync resumes when Autodesk is back.',
    facts: {},
    readings: { 'Last complete sync': 'Nov 21, 2026, 7:00 PM CST' },
  },
  quarantine: {
    rule: 'quarantine',
    subject: 'scope-specific-bid-forms/company',
    facts: {},
    readings: { 'Quarantined records': '3' },
  },
};

export function exampleAnnouncement(
  finding: Finding,
  kind: ChangeKind = 'opened',
  more: Partial<Incident> = {},
): Announcement {
  const startedAt = '2026-11-22T08:00:00.000Z';
  return {
    kind,
    incident: {
      id: `${finding.rule}-3fa9c1d2-mhq3k2x1`,
      finding,
      state: kind === 'resolved' ? 'resolved' : 'open',
      startedAt,
      openedAt: startedAt,
      ...(kind === 'resolved' && { resolvedAt: '2026-11-22T09:30:00.000Z' }),
      change: { number: 1, kind, at: startedAt },
      told: {},
      history: [],
      rev: 1,
      ...more,
    },
  };
}

const AT_MS = Date.parse('2026-11-22T08:00:00.000Z');
const TIMING = { waitMinutes: 0, remindAfterHours: 0 };

/** A transfer that has failed, one that somebody has acknowledged, and one that has healed since. */
export function exampleIncidents(by: Person): Record<'open' | 'acknowledged' | 'resolved', Incident> {
  const begun = (subject: string, error: string) =>
    real(advance(undefined, { ...EXAMPLE_FINDINGS['file-sync-failed'], subject, error }, TIMING, AT_MS));
  const open = begun('p1', 'Could not copy "A-101 Floor Plan.pdf": the file is larger than 5 GB.');
  const stuck = begun('p2', 'Timed out while copying 214 files. 198 files were transferred.');
  const acknowledged = real(act(stuck, 'acknowledge', by, AT_MS + 12 * 60_000));
  const resolved = real(advance(acknowledged, undefined, TIMING, AT_MS + 95 * 60_000));
  return { open, acknowledged, resolved };
}

function real(incident: Incident | undefined): Incident {
  if (incident === undefined) throw new Error('There is no such incident.');
  return incident;
}

const OPTIONS = { stage: 'prod', timeZone: 'America/Chicago', nowMs: AT_MS };

export function exampleStandingMessage(incidents: readonly Incident[]) {
  return buildStandingMessage(incidents, namesOf(incidents), OPTIONS);
}

export function exampleMessage(announcements: readonly Announcement[]) {
  const names = namesOf(announcements.map(({ incident }) => incident));
  return buildMessage(announcements, names, OPTIONS);
}

function namesOf(incidents: readonly Incident[]): Map<string, Names> {
  const ofPairs = incidents.filter(({ finding }) => finding.projectId === PAIR.projectId);
  return new Map(ofPairs.map(({ id }) => [id, NAMES]));
}
