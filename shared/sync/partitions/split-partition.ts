import type { Page } from '../../autodesk/client/api.ts';
import { isoTime } from '../../clock.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { Resource, Scope } from '../../resources/resource.ts';
import { PAGE_LIMIT } from '../state/page-limits.ts';
import type { ActiveRun } from '../state/run.ts';
import type { Engine } from '../state/sync-ports.ts';
import { dispatch } from './dispatch.ts';
import type { OwnedPartition } from './leased-partition.ts';
import { newPartition } from './plan.ts';
import { splitOf, windowsOf } from './split.ts';

const CREATED_AT_ONCE = 16;

/**
 * Cuts a list that has just begun into windows which other workers walk at the same time; the partition itself
 * keeps the first. The cuts are stored before the children, and the children before the partition shrinks, so that
 * whoever resumes it makes the same children. Answers whether it was cut: then its first page is to be read again.
 */
export async function splitPartition(
  page: Page,
  owned: OwnedPartition,
  resource: Resource,
  scope: Scope,
  run: ActiveRun,
  engine: Engine,
): Promise<boolean> {
  const { work, checkpoint } = owned.current;
  if (work.kind !== 'list' || checkpoint.pages > 0 || !mayBeCut(owned, resource, run)) return false;
  const window = work.window ?? {};
  const whole = work.window === undefined;
  const stored = whole ? await engine.records.updateSample(resource.name, scope) : { moments: [], total: 0 };
  const known = stored.total > 0 ? stored.total : resource.totalsParameter === undefined ? 0 : undefined;
  const split = splitOf({
    window,
    ...(work.plan && { plan: work.plan }),
    page,
    total: page.total ?? (whole ? known : 0),
    moments: stored.moments,
    pageLimit: PAGE_LIMIT,
    workers: engine.settings.maxPartitionsInFlight,
    now: isoTime(engine.clock.now()),
  });
  if (split === undefined) return false;
  await owned.planSplit(split);
  await finishSplit(owned, resource, scope, run, engine);
  return true;
}

/** Makes the children of a stored split and shrinks the partition. Repeating it changes nothing. */
export async function finishSplit(
  owned: OwnedPartition,
  resource: Resource,
  scope: Scope,
  run: ActiveRun,
  engine: Engine,
): Promise<void> {
  const { id, phase, work, checkpoint } = owned.current;
  if (work.kind !== 'list' || checkpoint.split === undefined) return;
  const { cuts, plan } = checkpoint.split;
  const [own = {}, ...others] = windowsOf(work.window ?? {}, cuts);
  await mapConcurrently(others, CREATED_AT_ONCE, (window) =>
    engine.partitions.create(
      newPartition(run, phase, `${rootOf(id)}@${window.from ?? ''}`, { kind: 'list', window, plan }),
    ),
  );
  await owned.shrink({ kind: 'list', window: own, plan });
  const open = (await engine.partitions.ofRun(run.id)).filter(({ state }) => state === 'open');
  await dispatch(run, { resource: resource.name, scope }, open, engine);
}

function mayBeCut(owned: OwnedPartition, resource: Resource, run: ActiveRun): boolean {
  return (
    run.mode === 'full' &&
    owned.current.phase === 'read' &&
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
