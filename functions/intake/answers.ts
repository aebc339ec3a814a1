import * as z from 'zod';

/** What a callback that was taken is answered with. */
export const accepted = z.object({
  status: z.enum(['accepted', 'duplicate']).describe('`duplicate`: the job was reported before'),
});
