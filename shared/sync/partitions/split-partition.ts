import type { Page, UpdatedAtWindow } from '../../autodesk/client/api.ts';
import { isoTime } from '../../clock.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { Checkpoint, Partition, SplitPlan, WalkProgress } from '../state/partition.ts';
import { dispatch } from './dispatch.ts';
import type { LeasedPartition } from './leased-partition.ts';
import { newPartition } from './plan.ts';
import { LEAST_PAGES, recordsAhead, type Split, splitOf, windowsOf } from './split.ts';

const CREATED_AT_ONCE = 16;

/** What becomes of a walk whose window was cut. */
export type Cut =
  /** It begins anew, with the window that it has kept. */
  | { kind: 'read-again' }
  /** The page that it has just got is its last: it ends with the window that it has read. */
  | { kind: 'ends-here'; window: UpdatedAtWindow; handedOver: NonNullable<Checkpoint['handedOver']> };

/**
 * Cuts what a walk has before it into windows which other workers walk at the same time, as often as workers have
 * nothing to do. The cuts are stored before the children, and the children before the partition shrinks, so that
 * whoever resumes it makes the same children. Undefined when nothing was cut.
 */
export async function splitPartition(
  page: Page,
  progress: WalkProgress,
  leased: LeasedPartition,
): Promise<Cut | undefined> {
  const { run, ports } = leased;
  const { id, work, checkpoint } = leased.current;
  if (work.kind !== 'list' || work.plan?.uncut || !mayBeCut(page, progress, leased)) return undefined;
  const isWhole = work.window === undefined;
  const window = work.window ?? {};
  const split = splitOf({
    window,
    ...(work.plan && { plan: work.plan }),
    page,
    isFirst: checkpoint.pages === 0,
    progress,
    ...(await knownOf(page, isWhole, leased)),
    others: (await ports.partitions.ofRun(run.id)).filter(
      (other) => other.id !== id && other.phase === 'read',
    ),
    workers: ports.settings.maxPartitionsInFlight,
    now: isoTime(ports.clock.now()),
  });
  if (split === undefined) return undefined;
  await leased.planSplit(split, progress.total);
  const { own, children } = await makeChildren(split, window, leased);
  const { total, inOrder } = progress;
  if (split.hasRead === undefined || total === undefined || inOrder === undefined) {
    await leased.shrink({ kind: 'list', window: own, plan: split.plan });
    return { kind: 'read-again' };
  }
  const handedOver = { children, records: recordsAhead(total, inOrder) };
  return { kind: 'ends-here', window: own, handedOver };
}

/**
 * Ends a split that was left under way: makes the children again and shrinks the partition, which begins anew.
 * Repeating it changes nothing.
 */
export async function finishSplit(leased: LeasedPartition): Promise<void> {
  const { work, checkpoint } = leased.current;
  if (work.kind !== 'list' || checkpoint.split === undefined) return;
  const { own } = await makeChildren(checkpoint.split, work.window ?? {}, leased);
  await leased.shrink({ kind: 'list', window: own, plan: checkpoint.split.plan });
}

/** The partition as it is to be read from its start to its end. */
export function uncut({ finishedAt: _, ...partition }: Partition): Partition {
  const { work } = partition;
  const plan: SplitPlan = { partPages: 0, level: 0, ...(work.kind === 'list' && work.plan), uncut: true };
  return {
    ...partition,
    state: 'open',
    checkpoint: { pages: 0 },
    work: work.kind === 'list' ? { ...work, plan } : work,
  };
}

/**
 * Of walks that ended early because their list came in order of time: those for whom totals do not prove it. The windows
 * after them hold fewer records than were left, so some may lie before the place where the walk ended.
 */
export function unproven(partitions: readonly Partition[]): Partition[] {
  const totals = new Map(partitions.map(({ id, firstTotal = 0 }) => [id, firstTotal]));
  return partitions.filter(({ state, checkpoint: { handedOver } }) => {
    if (state === 'open' || handedOver === undefined) return false;
    const held = handedOver.children.reduce((sum, child) => sum + (totals.get(child) ?? 0), 0);
    return held < handedOver.records;
  });
}

async function makeChildren(
  { cuts, plan, hasRead }: Split,
  window: UpdatedAtWindow,
  { resource, scope, run, ports, current }: LeasedPartition,
): Promise<{ own: UpdatedAtWindow; children: string[] }> {
  const windows = windowsOf(window, cuts);
  const own = (hasRead === 'last' ? windows.pop() : windows.shift()) ?? {};
  const planOfChild = { ...plan, readTwice: 0 };
  const children = windows.map((child) =>
    newPartition(run, current.phase, childId(current.id, child, hasRead), {
      kind: 'list',
      window: child,
      plan: planOfChild,
    }),
  );
  await mapConcurrently(children, CREATED_AT_ONCE, (child) => ports.partitions.create(child));
  const open = (await ports.partitions.ofRun(run.id)).filter(({ state }) => state === 'open');
  await dispatch(run, { resource: resource.name, scope }, open, ports);
  return { own, children: children.map(({ id }) => id) };
}

/**
 * Windows of one run never overlap, so the moment at which one begins names it. Where the part that keeps the partition is
 * the last one, the first may begin at no moment; there they are named by their ends.
 */
function childId(id: string, { from, to }: UpdatedAtWindow, hasRead: Split['hasRead']): string {
  const root = id.split('@')[0] ?? id;
  return hasRead === 'last' ? `${root}@..${to ?? ''}` : `${root}@${from ?? ''}`;
}

/** How many records the window holds and when they were updated, as far as the page or the mirror tells. */
async function knownOf(page: Page, isWhole: boolean, { resource, scope, current, ports }: LeasedPartition) {
  if (!isWhole || current.checkpoint.pages > 0) return { total: page.total ?? 0, moments: [] };
  const { moments, total } = await ports.records.updateSample(resource.name, scope);
  const known = total > 0 ? total : resource.totalsParameter === undefined ? 0 : undefined;
  return { total: page.total ?? known, moments };
}

/**
 * Lists in which windows miss nothing; after their first page only walks in order of time, of lists that tell totals,
 * with enough before them.
 */
function mayBeCut(
  page: Page,
  { total, inOrder }: WalkProgress,
  { resource, run, current }: LeasedPartition,
): boolean {
  const isLong =
    total !== undefined &&
    inOrder !== undefined &&
    total - inOrder.seen >= 2 * LEAST_PAGES * page.records.length;
  return (
    page.next !== undefined &&
    run.mode === 'full' &&
    current.phase === 'read' &&
    !run.unfiltered &&
    resource.changes.kind === 'updated-at-filter' &&
    resource.pagination.style === 'cursor' &&
    !resource.updatedAtMayBeNull &&
    (current.checkpoint.pages === 0 || isLong)
  );
}
