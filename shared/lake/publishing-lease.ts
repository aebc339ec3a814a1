import * as z from 'zod';
import type { Clock } from '../clock.ts';
import type { StateItem } from '../dynamodb/state-item.ts';

/** Who publishes: until when, in milliseconds since 1970; 0 while nobody does. */
export const publishingLease = z.object({ untilMs: z.number() });
export type PublishingLease = z.infer<typeof publishingLease>;
export const NOBODY_PUBLISHES: PublishingLease = { untilMs: 0 };

/**
 * Does the work unless somebody else is at it: two who publish the same table would show one after the other, the older
 * one last. Answers whether it was done. The lease of a process that died lapses with the time it had.
 */
export async function whileLeased(
  work: () => Promise<void>,
  { lease, clock, timeLeftMs }: { lease: StateItem<PublishingLease>; clock: Clock; timeLeftMs(): number },
): Promise<boolean> {
  const { value, rev } = await lease.read();
  if (value.untilMs > clock.now()) return false;
  if (!(await lease.write({ untilMs: clock.now() + timeLeftMs() }, rev))) return false;
  try {
    await work();
  } finally {
    await lease.write(NOBODY_PUBLISHES, rev + 1);
  }
  return true;
}
