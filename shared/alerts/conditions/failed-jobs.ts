import * as z from 'zod';
import { isUsableId } from '../../ids.ts';
import type { JsonObject } from '../../json.ts';
import type { RecordReader, StoredRecord } from '../../records/record.ts';
import type { Scope } from '../../resources/resource.ts';
import type { ScopeState } from '../../sync/state/run.ts';
import { cutText, oneLine } from '../rules/plain-text.ts';
import { type EndedJob, jobFailed } from '../rules/rules.ts';
import type { AlertRules } from '../rules/settings.ts';

export const JOBS_RESOURCE = 'data-connector-jobs';

const STATUS_LENGTH = 60;

const endedJob = z.object({
  jobId: z.string(),
  requestId: z.string(),
  accountId: z.string(),
  completionStatus: z.string(),
  endedAt: z.string(),
  projectId: z.string().exactOptional(),
});

/** What a run of an account's jobs left: the last ended job of each request for which that was no success. */
export const jobDigest = z.object({ runId: z.string(), failed: z.array(endedJob) });
export type JobDigest = z.infer<typeof jobDigest>;

/** Keeps the digest of each account, because to tell a request's last job takes a walk through all jobs. */
export interface JobDigestStore {
  read(accountId: Scope): Promise<JobDigest | undefined>;
  write(accountId: Scope, digest: JobDigest): Promise<void>;
}

/**
 * The failed last jobs of an account's requests as of its last run, read anew once after each run: in the middle of
 * a run a failure may be stored before the success that came after it.
 */
export async function failedJobs(
  state: ScopeState,
  records: Pick<RecordReader, 'get' | 'attention' | 'all'>,
  digests: JobDigestStore,
  settings: AlertRules['job-failed'],
  nowMs: number,
): Promise<EndedJob[]> {
  if (state.lastRun === undefined) return [];
  const known = await digests.read(state.scope);
  if (known?.runId === state.lastRun.id) return known.failed;

  const isFailure = (job: EndedJob) => jobFailed(job, settings, nowMs) !== undefined;
  const suspects = await endedJobs(attentionJobs(records, state.scope));
  const failed = suspects.some(isFailure)
    ? lastOfEachRequest(await endedJobs(records.all(JOBS_RESOURCE, state.scope))).filter(isFailure)
    : [];
  await digests.write(state.scope, { runId: state.lastRun.id, failed });
  return failed;
}

async function* attentionJobs(
  records: Pick<RecordReader, 'get' | 'attention'>,
  scope: Scope,
): AsyncIterable<StoredRecord> {
  for await (const key of records.attention(JOBS_RESOURCE)) {
    const job = await records.get(key);
    if (job?.scope === scope && job.deletedAt === undefined) yield job;
  }
}

async function endedJobs(jobs: AsyncIterable<StoredRecord>): Promise<EndedJob[]> {
  const ended: EndedJob[] = [];
  for await (const job of jobs) {
    if (text(job.data, 'status').toLowerCase() !== 'complete') continue;
    const projectId = idText(job.data, 'projectId');
    ended.push({
      jobId: job.id,
      requestId: idText(job.data, 'requestId'),
      accountId: job.scope,
      completionStatus: cutText(oneLine(text(job.data, 'completionStatus')), STATUS_LENGTH).toLowerCase(),
      endedAt: time(job.data, 'completedAt') ?? time(job.data, 'createdAt') ?? job.readAt,
      ...(projectId !== '' && { projectId }),
    });
  }
  return ended;
}

function lastOfEachRequest(jobs: readonly EndedJob[]): EndedJob[] {
  const last = new Map<string, EndedJob>();
  for (const job of jobs) {
    const request = job.requestId || job.jobId;
    const before = last.get(request);
    if (before === undefined || job.endedAt >= before.endedAt) last.set(request, job);
  }
  return [...last.values()];
}

function text(data: JsonObject, field: string): string {
  const value = data[field];
  return typeof value === 'string' ? value : '';
}

/** Only what can be an id: it becomes part of a key. */
function idText(data: JsonObject, field: string): string {
  const value = text(data, field);
  return isUsableId(value) ? value : '';
}

function time(data: JsonObject, field: string): string | undefined {
  const ms = Date.parse(text(data, field));
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
