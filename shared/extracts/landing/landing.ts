import * as z from 'zod';
import { landedFile, refusedFile } from '../manifest.ts';

const failureReport = z.object({ code: z.string(), message: z.string(), remedy: z.string() });

/** How far the transfer of one large file has come: whole parts only, and the state of the hash behind the last of them. */
const openUpload = z.object({
  name: z.string(),
  size: z.int(),
  uploadId: z.string(),
  partBytes: z.int(),
  tags: z.array(z.string()),
  /** Base64. */
  hash: z.string(),
});
export type OpenUpload = z.infer<typeof openUpload>;

const ids = { accountId: z.string(), requestId: z.string(), jobId: z.string() };

/** The files of a job that are still to be landed, and how far that has come. */
export const openLanding = z.object({
  ...ids,
  /** When the job ended at Autodesk, ISO 8601. */
  endedAt: z.string(),
  /** When it may be worked on (again), ISO 8601. */
  dueAt: z.string(),
  /** How often it has failed. */
  attempts: z.int(),
  error: failureReport.exactOptional(),
  lease: z.object({ owner: z.string(), untilMs: z.number() }).exactOptional(),
  files: z.array(landedFile),
  upload: openUpload.exactOptional(),
  /** Counts the writes; belongs to the store. */
  rev: z.int(),
});
export type OpenLanding = z.infer<typeof openLanding>;

/**
 * - `landed`  all files are there
 * - `nothing` there was nothing to land, and why
 * - `lost`    Autodesk has deleted the files before they could be landed
 */
const LANDING_ENDS = ['landed', 'nothing', 'lost'] as const;

/** What became of a job's files. */
export const endedLanding = z.object({
  ...ids,
  endedAt: z.string(),
  outcome: z.enum(LANDING_ENDS),
  /** ISO 8601. */
  at: z.string(),
  /** When its files expire, ISO 8601. */
  keptUntil: z.string(),
  reason: z.string().exactOptional(),
  files: z.array(landedFile),
  refused: z.array(refusedFile),
});
export type EndedLanding = z.infer<typeof endedLanding>;

/** What was seen of an account's jobs after the run that read them last. */
export const jobsLook = z.object({
  runId: z.string(),
  /** When the jobs of the last days were created, newest first; ISO 8601. */
  createdAt: z.array(z.string()),
});
export type JobsLook = z.infer<typeof jobsLook>;

/** A job that has been landed, in the order in which jobs ended. */
export type LatestJob = Pick<EndedLanding, 'jobId' | 'endedAt'>;

/** The landings of each account. All reads are consistent. */
export interface LandingStore {
  /** Those that are not at their end, in the order of their job ids. */
  open(accountId: string): Promise<OpenLanding[]>;
  /** Whether the job has a landing, open or ended. */
  isKnown(accountId: string, jobId: string): Promise<boolean>;
  /** Stores it if nobody changed it since it was read (`rev` 0: if there is none), and answers it as it is stored now. */
  save(landing: OpenLanding): Promise<OpenLanding | undefined>;
  /** Stores its end and takes it from the open ones; repeating it does no harm. */
  end(landing: EndedLanding, rev: number): Promise<void>;
  /** Those at their end, newest job first. */
  ended(accountId: string): Promise<EndedLanding[]>;
  /** Notes a landed job as the latest of its request unless a later one is, and answers the latest. */
  advanceLatest(
    landing: Pick<EndedLanding, 'accountId' | 'requestId' | 'jobId' | 'endedAt'>,
  ): Promise<LatestJob>;
  look(accountId: string): Promise<JobsLook | undefined>;
  keepLook(accountId: string, look: JobsLook): Promise<void>;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Landed files are kept for so many days where nothing else is said. */
export const KEEP_DAYS = 90;

export function keptUntil(nowMs: number, keepDays: number): string {
  return new Date(nowMs + keepDays * DAY_MS).toISOString();
}

/** Autodesk deletes what a job has made after so long: https://help.autodesk.com/cloudhelp/ENU/Docs-Insight/files/Data_Connector.html */
export const AUTODESK_KEEPS_MS = 30 * DAY_MS;

/** After the first failure, the second, and so on. */
const WAITS_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS];
/** Once the waits above are used up people are told, and it is tried once a day. */
const LATER_WAITS_MS = DAY_MS;

export function waitAfter(attempts: number): number {
  return WAITS_MS[attempts - 1] ?? LATER_WAITS_MS;
}

/** Whether it has failed so often that people have to know. */
export function hasGivenUp(landing: Pick<OpenLanding, 'attempts'>): boolean {
  return landing.attempts > WAITS_MS.length;
}

export function isLandingLeased(landing: OpenLanding, nowMs: number): boolean {
  return landing.lease !== undefined && landing.lease.untilMs > nowMs;
}

export function isLandingDue(landing: OpenLanding, nowMs: number): boolean {
  return !isLandingLeased(landing, nowMs) && Date.parse(landing.dueAt) <= nowMs;
}
