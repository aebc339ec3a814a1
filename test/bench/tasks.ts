import * as z from 'zod';

/** The data folder that a task works in, and the sandbox, which runs in the process that started it. */
const place = z.object({
  folder: z.string(),
  autodesk: z.string(),
  refreshToken: z.string(),
  accountIds: z.array(z.string()),
});
export type Place = z.infer<typeof place>;

/** What a process of its own is asked to do and to measure. */
export const task = z.discriminatedUnion('kind', [
  /** One run of the mirror. */
  z.object({
    kind: z.literal('sync'),
    place,
    mode: z.enum(['full', 'incremental']),
    workers: z.number(),
  }),
  /** The plain loop over the same list. */
  z.object({ kind: z.literal('plain'), place }),
  /** The calls of the last run again, by as many readers, and nothing stored. */
  z.object({ kind: z.literal('reading'), place, readers: z.number() }),
  /** The callback endpoint, until stdin ends. */
  z.object({ kind: z.literal('callbacks'), place }),
  /** A first load and a sweep over ports that keep nothing. */
  z.object({ kind: z.literal('memory'), records: z.number() }),
  /** A publication into a folder. */
  z.object({ kind: z.literal('lake'), records: z.number(), folder: z.string() }),
]);
export type Task = z.infer<typeof task>;

export const taskResult = z.object({
  tookMs: z.number(),
  records: z.number(),
  apiCalls: z.number(),
  readUnits: z.number(),
  writeUnits: z.number(),
  /** Of the process that did it, with the engines and without the sandbox. */
  peakMemoryMb: z.number(),
  /** Of the time it took, what only passed while it waited for pages; known of a loop that does nothing meanwhile. */
  readingMs: z.number().optional(),
  /** Records written to their table with a condition, and without one. */
  conditionalWrites: z.number(),
  unconditionalWrites: z.number(),
  /** Of files. */
  writtenBytes: z.number().optional(),
  /** What the machine's processors worked for it, however busy they were with other things. */
  processorMs: z.number().optional(),
});
export type TaskResult = z.infer<typeof taskResult>;
