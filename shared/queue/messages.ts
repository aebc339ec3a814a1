import * as z from 'zod';

const id = z.string().min(1).max(200);

/** Work on a run, preferably on one partition of it. Without one: look what the run needs next. */
export const runMessage = z.object({
  kind: z.literal('run'),
  resource: id,
  scope: id,
  runId: id,
  partitionId: id.optional(),
});

/** Confirm the callbacks recorded for an account with Autodesk. */
const confirmCallbacksMessage = z.object({ kind: z.literal('confirm-callbacks'), accountId: id });

/** Read one record again, because something may have happened to it. It says nothing of what. */
export const readRecordMessage = z.object({
  kind: z.literal('read-record'),
  resource: id,
  scope: id,
  id,
  /** Of a list that exists once for each record of another. */
  parentId: id.optional(),
});

/** Refresh the connection although nothing needs it now. */
const keepAliveMessage = z.object({ kind: z.literal('keep-alive') });

/** Remove for good what was deleted at Autodesk long ago. */
const purgeMessage = z.object({ kind: z.literal('purge') });

/** Land the files of a job of Data Connector. */
const landExtractMessage = z.object({
  kind: z.literal('land-extract'),
  accountId: id,
  requestId: id,
  jobId: id,
});

/** What the worker takes from the fetch queue. */
export const fetchMessage = z.discriminatedUnion('kind', [
  runMessage,
  confirmCallbacksMessage,
  readRecordMessage,
  keepAliveMessage,
  purgeMessage,
  landExtractMessage,
]);
export type FetchMessage = z.infer<typeof fetchMessage>;
export type ReadRecordMessage = z.infer<typeof readRecordMessage>;
export type RunMessage = z.infer<typeof runMessage>;

/** What the alert function takes from its queue. It carries no state, only where to look first. */
export const alertMessage = z.object({
  kind: z.literal('evaluate'),
  /** Records that a run just saw change, at most 100. */
  hints: z
    .array(z.object({ resource: id, id }))
    .max(100)
    .default([]),
  /** Somebody in Slack whose click changed nothing, and who is told what is true. */
  answer: z.object({ incidentId: id, channel: id, user: id }).optional(),
});
export type AlertMessageInput = z.input<typeof alertMessage>;

/** What a schedule (or an operator) asks of the intake. */
export const scheduleEvent = z.discriminatedUnion('trigger', [
  /** Every minute: resume what stalled, evaluate alerts. */
  z.object({ trigger: z.literal('tick') }),
  z.object({
    trigger: z.literal('sync'),
    mode: z.enum(['incremental', 'full']),
    /** Absent: every enabled resource. */
    resources: z.array(id).min(1).optional(),
    /** Read changes from this moment instead of from the watermark. Incremental only. */
    since: z.iso.datetime({ offset: true }).optional(),
    /** A full sweep in one unfiltered walk, which tests the assumption that `updatedAt` is always set. */
    unfiltered: z.boolean().optional(),
  }),
  z.object({ trigger: z.literal('keep-alive') }),
  /** Daily: permanently remove records deleted at Autodesk long ago. */
  z.object({ trigger: z.literal('purge') }),
]);
export type ScheduleEvent = z.infer<typeof scheduleEvent>;

/** The fetch queue. `delaySeconds` 0 to 900 (an SQS limit). */
export interface FetchQueue {
  send(message: FetchMessage, delaySeconds?: number): Promise<void>;
}

/** The FIFO alert queue: one group; every message gets a deduplication id of its own. */
export interface AlertQueue {
  send(message: AlertMessageInput): Promise<void>;
}
