import { isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { makeLineItem } from '../company/bid-forms.ts';
import { finishedJob, queuedJob } from '../company/data-connector-history.ts';
import { ANSWERS } from '../company/invites.ts';
import { idsFrom } from '../seed/ids.ts';
import type { SeededRandomness } from '../seed/seeded-randomness.ts';
import { SYNC_ERRORS } from '../seed/vocabulary.ts';
import type { BiddingData, SandboxResource } from './bidding-data.ts';
import type { EventName } from './webhook-events.ts';

const JOBS_KEPT = 300;

const PAIRS = 'opportunity-project-pairs';
const FORMS = 'scope-specific-bid-forms';
const LINE_ITEMS = 'scope-specific-bid-form-line-items';
const REQUESTS = 'data-connector-requests';
const JOBS = 'data-connector-jobs';
const OPPORTUNITIES = 'opportunities';
const BIDS = 'bids';
const COMMENTS = 'opportunity-comments';

/** Which record changed, or undefined where none fits. */
type Happen = (data: BiddingData, randomness: SeededRandomness, nowMs: number) => Happening | undefined;

export interface Happening {
  resource: SandboxResource;
  id: string;
  /** What webhooks tell of it, if they do. */
  told?: { event: EventName; payload: JsonObject };
}

/** Each thing that can happen, by its name. */
export const LIFE_EVENTS = {
  'pair-fails': (data, randomness) => {
    const pair = pick(data, randomness, PAIRS, (one) => one.fileStatus !== 'FAILED' && !one.fileSyncingError);
    return changed(data, PAIRS, pair, {
      fileStatus: 'FAILED',
      fileSyncingError: randomness.pick(SYNC_ERRORS),
    });
  },

  'pair-heals': (data, randomness) =>
    changed(data, PAIRS, pick(data, randomness, PAIRS, isFailed), {
      fileStatus: 'SUCCESS',
      fileSyncingError: null,
    }),

  /** No document says that `updatedAt` moves with `fileStatus`. Here it does not. */
  'pair-heals-quietly': (data, randomness) => {
    const pair = pick(data, randomness, PAIRS, isFailed);
    if (pair === undefined) return undefined;
    data.changeQuietly(PAIRS, pair.id, { fileStatus: 'SUCCESS', fileSyncingError: null });
    return { resource: PAIRS, id: pair.id };
  },

  /** A transfer goes on; when none is under way, a new pair starts one. */
  'pair-advances': (data, randomness, nowMs) => {
    const queued = pick(data, randomness, PAIRS, (pair) => pair.fileStatus === 'QUEUED');
    if (queued !== undefined) return changed(data, PAIRS, queued, { fileStatus: 'IN_PROGRESS' });
    const moving = pick(data, randomness, PAIRS, (pair) => pair.fileStatus === 'IN_PROGRESS');
    if (moving !== undefined) return changed(data, PAIRS, moving, { fileStatus: 'SUCCESS' });
    const like = pick(data, randomness, PAIRS);
    if (like === undefined) return undefined;
    const ids = idsFrom(randomness);
    return added(data, PAIRS, {
      ...like.record,
      ...madeAt(nowMs),
      id: ids.at(nowMs),
      opportunityId: ids.at(nowMs),
      fileStatus: 'QUEUED',
      fileSyncingError: null,
      shouldRelinkGroup: false,
    });
  },

  'invite-answered': (data, randomness) => {
    const invite = pick(data, randomness, 'invites', (one) => one.state === 'UNDECIDED');
    return changed(data, 'invites', invite, { state: randomness.pick(ANSWERS) });
  },

  'invite-sent': (data, randomness, nowMs) => {
    const bidPackage = pick(data, randomness, 'invites');
    const bidder = pick(data, randomness, 'invites');
    if (bidPackage === undefined || bidder === undefined) return undefined;
    const {
      projectId = null,
      projectName = null,
      bidPackageId = null,
      bidPackageName = null,
    } = bidPackage.record;
    return added(data, 'invites', {
      ...bidder.record,
      ...{ projectId, projectName, bidPackageId, bidPackageName },
      ...madeAt(nowMs),
      id: idsFrom(randomness).at(nowMs),
      invitedAt: isoTime(nowMs),
      state: 'UNDECIDED',
    });
  },

  'invite-withdrawn': (data, randomness) => {
    const invite = pick(data, randomness, 'invites');
    if (invite === undefined) return undefined;
    data.remove('invites', invite.id);
    return { resource: 'invites', id: invite.id };
  },

  /** One line item goes, one changes, one comes. */
  'form-changes': (data, randomness, nowMs) => {
    const form = pick(data, randomness, FORMS);
    if (form === undefined) return undefined;
    const [first, ...others] = data.elements(LINE_ITEMS, form.id);
    const maker = { randomness, ids: idsFrom(randomness), nowMs };
    const added = makeLineItem(maker, nowMs, 1000 + randomness.integer(1_000_000));
    const revised = others.map((item, index) =>
      index === 0 ? { ...item, isRequired: !item.isRequired } : item,
    );
    data.putElements(LINE_ITEMS, form.id, first === undefined ? [added] : [...revised, added]);
    return changed(data, FORMS, form, {});
  },

  'request-changes': (data, randomness) => {
    const request = pick(data, randomness, REQUESTS);
    return changed(data, REQUESTS, request, { sendEmail: !request?.record.sendEmail });
  },

  'job-starts': (data, randomness, nowMs) => {
    const request = pick(data, randomness, REQUESTS, (one) => typeof one.callbackUrl === 'string');
    if (request === undefined) return undefined;
    forgetOldJobs(data);
    data.changeQuietly(REQUESTS, request.id, { lastQueuedAt: isoTime(nowMs) });
    const job = queuedJob(request.record, nowMs, randomness);
    return added(data, JOBS, { ...job, status: 'running', startedAt: isoTime(nowMs), progress: 35 });
  },

  'job-finishes': (data, randomness, nowMs) => {
    const job = pick(data, randomness, JOBS, (one) => one.status !== 'complete');
    if (job === undefined) return undefined;
    data.changeQuietly(JOBS, job.id, {
      ...finishedJob(nowMs, !randomness.chance(0.2)),
      startedAt: job.record.startedAt ?? isoTime(nowMs),
    });
    return { resource: JOBS, id: job.id };
  },

  'opportunity-received': (data, randomness, nowMs) => {
    const like = pick(data, randomness, OPPORTUNITIES, (one) => one.updatedAt !== null);
    if (like === undefined) return undefined;
    const id = idsFrom(randomness).at(nowMs);
    const record = { ...like.record, ...madeAt(nowMs), id, submissionState: 'UNDECIDED' };
    return { ...added(data, OPPORTUNITIES, record), told: aboutOpportunity('opportunity.created', id) };
  },

  'opportunity-decided': (data, randomness) => {
    const opportunity = pick(data, randomness, OPPORTUNITIES, (one) => one.updatedAt !== null);
    if (opportunity === undefined) return undefined;
    const states = ['UNDECIDED', 'WILL_SUBMIT', 'SUBMITTED', 'DECLINED'];
    const newState = randomness.pick(states.filter((state) => state !== opportunity.record.submissionState));
    data.change(OPPORTUNITIES, opportunity.id, { submissionState: newState });
    const told = aboutOpportunity('opportunity.status.updated', opportunity.id, { newState });
    return { resource: OPPORTUNITIES, id: opportunity.id, told };
  },

  'bid-submitted': (data, randomness, nowMs) => {
    const like = pick(data, randomness, BIDS);
    if (like === undefined) return undefined;
    const id = idsFrom(randomness).at(nowMs);
    data.putElements('bid-line-items', id, data.elements('bid-line-items', like.id));
    data.putElements('bid-plugs', id, []);
    const times = { ...madeAt(nowMs), submittedAt: isoTime(nowMs) };
    const revision = Number(like.record.revision ?? 0) + 1;
    return {
      ...added(data, BIDS, { ...like.record, ...times, id, revision }),
      told: { event: 'bid.created', payload: { bidId: id } },
    };
  },

  'comment-written': (data, randomness, nowMs) => {
    const opportunity = pick(data, randomness, OPPORTUNITIES, (one) => one.updatedAt !== null);
    if (opportunity === undefined) return undefined;
    const { id: opportunityId } = opportunity;
    const commentId = idsFrom(randomness).at(nowMs);
    const comment = {
      ...{ id: commentId, opportunityId, ...madeAt(nowMs), createdBy: null },
      ...{ content: '<p>Bond is required.</p>', userName: 'Ana Ruiz' },
    };
    data.putElements(COMMENTS, opportunityId, [...data.elements(COMMENTS, opportunityId), comment]);
    return aboutComment('opportunity.comment.created', opportunityId, commentId);
  },

  'comment-edited': (data, randomness, nowMs) => {
    const opportunity = pick(data, randomness, OPPORTUNITIES, hasComments(data));
    if (opportunity === undefined) return undefined;
    const { id: opportunityId } = opportunity;
    const comments = data.elements(COMMENTS, opportunityId);
    const commentId = String(comments[0]?.id);
    const [first = {}, ...others] = comments;
    const edited = { ...first, updatedAt: isoTime(nowMs), content: '<p>Bond is not required.</p>' };
    data.putElements(COMMENTS, opportunityId, [edited, ...others]);
    return aboutComment('opportunity.comment.updated', opportunityId, commentId);
  },

  'comment-removed': (data, randomness) => {
    const opportunity = pick(data, randomness, OPPORTUNITIES, hasComments(data));
    if (opportunity === undefined) return undefined;
    const [first = {}, ...others] = data.elements(COMMENTS, opportunity.id);
    data.putElements(COMMENTS, opportunity.id, others);
    const { content = null, userName = null } = first;
    return aboutComment('opportunity.comment.deleted', opportunity.id, String(first.id), {
      content,
      userName,
    });
  },
} satisfies Record<string, Happen>;

export type LifeEventKind = keyof typeof LIFE_EVENTS;

function hasComments(data: BiddingData) {
  return ({ id }: JsonObject) => data.elements(COMMENTS, String(id)).length > 0;
}

function aboutOpportunity(event: EventName, opportunityId: string, more: JsonObject = {}) {
  return { event, payload: { opportunityId, ...more } };
}

function aboutComment(
  event: EventName,
  opportunityId: string,
  commentId: string,
  more: JsonObject = {},
): Happening {
  const told = aboutOpportunity(event, opportunityId, { commentId, ...more });
  return { resource: OPPORTUNITIES, id: opportunityId, told };
}

function isFailed(pair: JsonObject): boolean {
  return pair.fileStatus === 'FAILED';
}

interface Chosen {
  id: string;
  record: JsonObject;
}

function pick(
  data: BiddingData,
  randomness: SeededRandomness,
  resource: SandboxResource,
  fits: (record: JsonObject) => boolean = () => true,
): Chosen | undefined {
  const candidates = data.collection(resource).entries.filter((entry) => fits(entry.record));
  return candidates.length === 0 ? undefined : randomness.pick(candidates);
}

function changed(
  data: BiddingData,
  resource: SandboxResource,
  chosen: Chosen | undefined,
  fields: JsonObject,
): { resource: SandboxResource; id: string } | undefined {
  if (chosen === undefined) return undefined;
  data.change(resource, chosen.id, fields);
  return { resource, id: chosen.id };
}

function added(data: BiddingData, resource: SandboxResource, record: JsonObject) {
  data.put(resource, record);
  return { resource, id: String(record.id) };
}

function madeAt(nowMs: number): JsonObject {
  return { createdAt: isoTime(nowMs), updatedAt: isoTime(nowMs) };
}

/** A sandbox that lives for weeks keeps its size. */
function forgetOldJobs(data: BiddingData): void {
  const ended = data.records(JOBS).filter((job) => job.status === 'complete');
  const byAge = ended.toSorted((a, b) => (String(a.createdAt) < String(b.createdAt) ? -1 : 1));
  for (const job of byAge.slice(0, Math.max(0, ended.length - JOBS_KEPT))) data.remove(JOBS, String(job.id));
}
