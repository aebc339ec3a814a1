import type { Page } from '../../autodesk/client/api.ts';
import { isoTime } from '../../clock.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { PAGE_LIMIT } from '../state/page-limits.ts';
import { dispatch } from './dispatch.ts';
import type { LeasedPartition } from './leased-partition.ts';
import { newPartition } from './plan.ts';
import { splitOf, windowsOf } from './split.ts';

const CREATED_AT_ONCE = 16;

/**
 * Cuts a list that has just begun into windows which other workers walk at the same time; the partition itself
 * keeps the first. The cuts are stored before the children, and the children before the partition shrinks, so that
 * whoever resumes it makes the same children. Answers whether it was cut: then its first page is to be read again.
 */
export async function splitPartition(page: Page, leased: LeasedPartition): Promise<boolean> {
  const { resource, scope, ports } = leased;
  const { work, checkpoint } = leased.current;
  if (work.kind !== 'list' || checkpoint.pages > 0 || !mayBeCut(leased)) return false;
  const window = work.window ?? {};
  const whole = work.window === undefined;
  const stored = whole ? await ports.records.updateSample(resource.name, scope) : { moments: [], total: 0 };
  const known = stored.total > 0 ? stored.total : resource.totalsParameter === undefined ? 0 : undefined;
  const split = splitOf({
    window,
    ...(work.plan && { plan: work.plan }),
    page,
    total: page.total ?? (whole ? known : 0),
    moments: stored.moments,
    pageLimit: PAGE_LIMIT,
    workers: ports.settings.maxPartitionsInFlight,
    now: isoTime(ports.clock.now()),
  });
  if (split === undefined) return false;
  await leased.planSplit(split);
  await finishSplit(leased);
  return true;
}

/** Makes the children of a stored split and shrinks the partition. Repeating it changes nothing. */
export async function finishSplit(leased: LeasedPartition): Promise<void> {
  const { resource, scope, run, ports } = leased;
  const { id, phase, work, checkpoint } = leased.current;
  if (work.kind !== 'list' || checkpoint.split === undefined) return;
  const { cuts, plan } = checkpoint.split;
  const [own = {}, ...others] = windowsOf(work.window ?? {}, cuts);
  await mapConcurrently(others, CREATED_AT_ONCE, (window) =>
    ports.partitions.create(
      newPartition(run, phase, `${rootOf(id)}@${window.from ?? ''}`, { kind: 'list', window, plan }),
    ),
  );
  await leased.shrink({ kind: 'list', window: own, plan });
  const open = (await ports.partitions.ofRun(run.id)).filter(({ state }) => state === 'open');
  await dispatch(run, { resource: resource.name, scope }, open, ports);
}

function mayBeCut({ resource, run, current }: LeasedPartition): boolean {
  return (
    run.mode === 'full' &&
    current.phase === 'read' &&
    !run.unfiltered &&
    resource.changes.kind === 'updated-at-filter' &&
    resource.pagination.style === 'cursor' &&
    !resource.updatedAtMayBeNull
  );
}

/** Windows of one run never overlap, so the moment one begins at names it. */
function rootOf(id: string): string {
  return id.split('@')[0] ?? id;
}
