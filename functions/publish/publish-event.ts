import * as z from 'zod';

/** What asks for a publication. Without names: of all lists that are mirrored. */
export const publishEvent = z.object({
  trigger: z.literal('publish'),
  resources: z.array(z.string()).exactOptional(),
});
export type PublishEvent = z.infer<typeof publishEvent>;
