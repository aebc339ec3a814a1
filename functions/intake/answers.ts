import * as z from 'zod';

/** What an event of a webhook that was taken is answered with. */
export const acceptedEvent = z.object({
  status: z
    .enum(['accepted', 'duplicate', 'ignored'])
    .describe('`duplicate`: it came before; `ignored`: it is about nothing that is mirrored here'),
});

/** What a callback that was taken is answered with. */
export const accepted = z.object({
  status: z.enum(['accepted', 'duplicate']).describe('`duplicate`: the job was reported before'),
});
