import type { Page } from '../autodesk/api.ts';
import { isoTime } from '../clock.ts';
import type { Resource, Scope } from '../resources/resource.ts';
import { dispatch } from './dispatch.ts';
import type { Engine } from './engine.ts';
import type { OwnedPartition } from './owned-partition.ts';
import { PAGE_LIMIT } from './page-limits.ts';
import { newPartition } from './plan.ts';
import type { ActiveRun } from './run.ts';
import { cutsOf, windowsOf } from './split.ts';

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
  const cuts = cutsOf({
    window,
    page,
    total: page.total ?? (whole ? known : 0),
    moments: stored.moments,
    pageLimit: PAGE_LIMIT,
    maxParts: engine.settings.maxPartitionsInFlight,
    now: isoTime(engine.clock.now()),
  });
  if (cuts.length === 0) return false;
  await owned.planSplit(cuts);
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
  if (work.kind !== 'list' || checkpoint.cuts === undefined) return;
  const [own = {}, ...others] = windowsOf(work.window ?? {}, checkpoint.cuts);
  for (const window of others) {
    await engine.partitions.create(
      newPartition(run, phase, `${rootOf(id)}@${window.from ?? ''}`, { kind: 'list', window }),
    );
  }
  await owned.shrink(own);
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
