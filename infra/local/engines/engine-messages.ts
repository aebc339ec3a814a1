import * as z from 'zod';

// What the thread of the engines and the thread that started it tell each other.

export const toEngines = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('request'),
    id: z.number(),
    request: z.object({ target: z.string(), body: z.string() }),
  }),
  z.object({ kind: z.literal('stop') }),
]);
export type ToEngines = z.infer<typeof toEngines>;

export const fromEngines = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('answer'),
    id: z.number(),
    answer: z.object({ statusCode: z.number(), body: z.string() }),
  }),
  z.object({ kind: z.literal('listening'), dynamodb: z.url(), queues: z.url() }),
  z.object({ kind: z.literal('stopped') }),
]);
export type FromEngines = z.infer<typeof fromEngines>;
