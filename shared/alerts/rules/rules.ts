import type { AuthorizationStatus } from '../../autodesk/client/token-source.ts';
import { MANAGEMENT_SIGN_IN } from '../../autodesk/connection/credentials.ts';
import type { FinishedRun, ScopeState } from '../../sync/state/run.ts';
import { type HookHealth, isInactive } from '../../webhooks/hook-health.ts';
import { cleanText, cutText } from './plain-text.ts';
import { type Finding, RULE_WORDS, type RuleName } from './rule.ts';
import type { AlertRules } from './settings.ts';

/** One pure function for each rule: the finding while its condition holds, else undefined. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Longer causes are cut before they are stored; nobody reads on in an alert. */
const ERROR_LENGTH = 2_000;

/** A pair as the rules see it. */
export interface PairView {
  id: string;
  /** The value as sent; empty where none was. */
  fileStatus: string;
  error?: string;
  shouldRelinkGroup: boolean;
  opportunityId?: string;
  projectId?: string;
  projectName?: string;
  opportunityName?: string;
  /** Since when its files have been in the condition they are in, ISO 8601. */
  since: string;
}

export function fileSyncFailed(pair: PairView): Finding | undefined {
  if (!isFailed(pair)) return undefined;
  return {
    ...aboutPair('file-sync-failed', pair),
    error: errorText(pair.error ?? 'BuildingConnected gave no reason.'),
  };
}

export function fileSyncStuck(
  pair: PairView,
  settings: AlertRules['file-sync-stuck'],
  nowMs: number,
): Finding | undefined {
  if (isFailed(pair) || !isUnfinished(pair.fileStatus)) return undefined;
  if (nowMs - Date.parse(pair.since) < settings.afterMinutes * MINUTE_MS) return undefined;
  return aboutPair('file-sync-stuck', pair);
}

export function relinkNeeded(pair: PairView): Finding | undefined {
  if (!pair.shouldRelinkGroup) return undefined;
  const { since: _ofTheFiles, ...found } = aboutPair('relink-needed', pair);
  return found;
}

export function isFailed(pair: { fileStatus: string; error?: string | undefined }): boolean {
  return pair.fileStatus === 'FAILED' || pair.error !== undefined;
}

export function isUnfinished(fileStatus: string): boolean {
  return fileStatus === 'QUEUED' || fileStatus === 'IN_PROGRESS';
}

/** The last job of a request that has ended. */
export interface EndedJob {
  jobId: string;
  /** Empty where the job names none: then the job stands for itself. */
  requestId: string;
  accountId: string;
  completionStatus: string;
  endedAt: string;
  projectId?: string;
}

export function jobFailed(
  latest: EndedJob,
  settings: AlertRules['job-failed'],
  nowMs: number,
): Finding | undefined {
  if (latest.completionStatus === 'success') return undefined;
  if (nowMs - Date.parse(latest.endedAt) > settings.withinDays * DAY_MS) return undefined;
  return {
    rule: 'job-failed',
    subject: latest.requestId || latest.jobId,
    shownAs: [latest.requestId, latest.jobId].filter(Boolean).join('/'),
    error: errorText(`Job ${latest.jobId} ended as "${latest.completionStatus || 'unknown'}".`),
    since: latest.endedAt,
    ...(latest.projectId && { projectId: latest.projectId }),
    facts: { Account: latest.accountId, ...(latest.requestId && { Request: latest.requestId }) },
  };
}

/** A job whose files cannot be landed, though it was tried again and again. */
export interface UnlandedExtract {
  accountId: string;
  requestId: string;
  jobId: string;
  /** When the job ended. */
  endedAt: string;
  /** When Autodesk deletes its files. */
  lostAt: string;
  error: string;
}

/** Its error is another one when the loss is near, so that it is told a second time. */
export function extractNotLanded(
  extract: UnlandedExtract,
  settings: AlertRules['extract-not-landed'],
  nowMs: number,
): Finding {
  const { accountId, requestId, jobId, endedAt, lostAt, error } = extract;
  const isNear = Date.parse(lostAt) - nowMs <= settings.warnDaysBeforeLoss * DAY_MS;
  const warning = isNear ? `Autodesk deletes the files on ${lostAt.slice(0, 10)}. ` : '';
  return {
    rule: 'extract-not-landed',
    subject: jobId,
    shownAs: `${requestId}/${jobId}`,
    error: errorText(`${warning}${error}`),
    since: endedAt,
    facts: { Account: accountId, Request: requestId },
  };
}

export function connectionLost(authorization: AuthorizationStatus): Finding | undefined {
  if (authorization.state !== 'needs-consent') return undefined;
  return {
    rule: 'connection',
    subject: 'autodesk',
    ...(authorization.reason && { error: errorText(authorization.reason) }),
    facts: {},
  };
}

/**
 * True from the run that was stopped until a full run completes: the incremental runs between them settle nothing.
 * `standing`: the finding of the incident that is open, if one is.
 */
export function massDeletionStopped(state: ScopeState, standing: Finding | undefined): Finding | undefined {
  const stopped = stoppedBy(state.lastRun);
  if (stopped !== undefined) return { ...aboutScope('mass-deletion-stopped', state), ...stopped };
  const isSettled =
    state.lastFull !== undefined &&
    standing?.since !== undefined &&
    state.lastFull.finishedAt > standing.since;
  return isSettled ? undefined : standing;
}

export function quarantined(
  kept: { resource: string; scope: string; count: number },
  settings: AlertRules['quarantine'],
): Finding | undefined {
  if (kept.count < settings.minimumRecords) return undefined;
  return {
    rule: 'quarantine',
    subject: `${kept.resource}/${kept.scope}`,
    facts: {},
    readings: { 'Quarantined records': String(kept.count) },
  };
}

/** One incident for all hooks: one command switches all of them on, after another sign-in where that is needed. */
export function webhooksInactive({ hooks, managementRefused }: HookHealth): Finding | undefined {
  const events = hooks.filter(isInactive).map(({ event }) => event);
  if (events.length === 0) return undefined;
  return {
    rule: 'webhook-inactive',
    subject: 'webhooks',
    ...(managementRefused !== undefined && {
      error: errorText(managementRefused),
      remedy:
        `Run "${MANAGEMENT_SIGN_IN}" and sign in, then "npm run ops -- webhooks create": it switches the webhook on ` +
        'again. New bids and opportunities come with the scheduled syncs until then.',
    }),
    facts: {},
    readings: { Events: events.sort().join(', ') },
  };
}

export function channelRefused(channel: string, refused: { since: string; reason: string } | undefined) {
  if (refused === undefined) return undefined;
  const found: Finding = {
    rule: 'channel-refused',
    subject: channel,
    error: errorText(refused.reason),
    since: refused.since,
    facts: { Channel: channel },
  };
  return found;
}

function stoppedBy(
  run: FinishedRun | undefined,
): { error: string; since: string; remedy: string } | undefined {
  if (run?.status !== 'failed' || run.error?.code !== 'MASS_DELETION_STOPPED') return undefined;
  return {
    error: errorText(run.error.message),
    since: run.finishedAt,
    remedy: errorText(run.error.remedy || RULE_WORDS['mass-deletion-stopped'].remedy),
  };
}

function aboutPair(rule: RuleName, pair: PairView): Finding {
  return {
    rule,
    subject: pair.id,
    since: pair.since,
    ...(pair.opportunityId && { opportunityId: pair.opportunityId }),
    ...(pair.projectId && { projectId: pair.projectId }),
    ...(pair.projectName && { projectName: pair.projectName }),
    ...(pair.opportunityName && { opportunityName: pair.opportunityName }),
    facts: {},
    readings: { 'File status': pair.fileStatus || 'none' },
  };
}

export function aboutScope(rule: RuleName, state: ScopeState): Finding {
  return { rule, subject: `${state.resource}/${state.scope}`, facts: {} };
}

export function errorText(text: string): string {
  return cutText(cleanText(text), ERROR_LENGTH);
}
