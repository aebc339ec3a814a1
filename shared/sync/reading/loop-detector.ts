import { createHash } from 'node:crypto';
import { RepeatedCursorError } from '../../autodesk/http/errors.ts';
import type { Checkpoint } from '../state/partition.ts';

/**
 * Watches the cursors of a list for a loop of any length by Brent's algorithm: one reference cursor, replaced
 * after 1, 2, 4, 8 ... steps, is compared with each new one. Throws `RepeatedCursorError`.
 */
export function watchCursor(loop: Checkpoint['loop'], cursor: string, resource: string): Checkpoint['loop'] {
  const seen = createHash('sha256').update(cursor).digest('base64url').slice(0, 16);
  if (loop === undefined) return { cursor: seen, power: 1, steps: 0 };
  if (loop.cursor === seen) throw new RepeatedCursorError(resource);
  const steps = loop.steps + 1;
  return steps === loop.power ? { cursor: seen, power: loop.power * 2, steps: 0 } : { ...loop, steps };
}
