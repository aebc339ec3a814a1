import type { RecordKey } from '../../records/record.ts';
import { type LeasedPartition, stepOf } from '../partitions/leased-partition.ts';
import { PAGE_TIME_MS, type WalkOutcome } from '../state/page-limits.ts';
import { addByIdResults, type ByIdResult, NOTHING } from '../storing/read-by-id.ts';

/** Records between two checkpoints. */
const RECORDS_A_STEP = 10;

/** Works through records in the order of their ids, from the checkpoint on, with one checkpoint every few of them. */
export async function walkIds(
  leased: LeasedPartition,
  keys: readonly RecordKey[],
  work: (key: RecordKey) => Promise<ByIdResult>,
): Promise<WalkOutcome> {
  const { ports } = leased;
  const { afterId = '' } = leased.current.checkpoint;
  const todo = keys.filter((key) => key.id > afterId).sort((a, b) => (a.id < b.id ? -1 : 1));
  let { pages } = leased.current.checkpoint;
  let step: ByIdResult = NOTHING;
  for (const [index, key] of todo.entries()) {
    step = addByIdResults(step, await work(key));
    const pause = ports.timeLeftMs() <= PAGE_TIME_MS;
    const more = index < todo.length - 1;
    if (more && (pause || (index + 1) % RECORDS_A_STEP === 0)) {
      pages += 1;
      await leased.checkpoint({ pages, afterId: key.id }, stepOf(step.counts, 0, step.lineItems), false);
      step = NOTHING;
      if (pause) return 'out-of-time';
    }
  }
  await leased.checkpoint({ pages: pages + 1 }, stepOf(step.counts, 0, step.lineItems), true);
  return 'done';
}
