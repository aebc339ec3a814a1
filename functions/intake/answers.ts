import * as z from 'zod';

/** What a callback that was taken is answered with. */
export const accepted = z.object({
  status: z.enum(['accepted', 'duplicate']).describe('`duplicate`: the job was reported before'),
});

/** What is wrong with a request, as problem details (RFC 9457). */
export const problemDetails = z.object({
  type: z.literal('about:blank'),
  status: z.int(),
  title: z.string(),
  detail: z.string().exactOptional(),
  errors: z
    .array(z.object({ field: z.string(), problem: z.string() }))
    .exactOptional()
    .describe('each field that is not as it must be'),
});
