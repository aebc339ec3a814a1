import { isoTime } from '../../shared/clock.ts';
import type { JsonObject } from '../../shared/json.ts';
import { requireResource } from '../../shared/resources/registry.ts';
import type { NestedList, Resource } from '../../shared/resources/resource.ts';
import { type HeldRecord, heldAs } from '../support/sync/model-autodesk.ts';
import type { EventKind, Plan } from './plan.ts';
import type { InvariantBrokenError } from './witness.ts';
import { type Sabotage, World } from './world.ts';

/** Longer than any clock is wrong by, and than any list lags. */
const CALM_MS = 30 * 60_000;

/** Plays one history to its end; answers the invariant it broke, if any. */
export async function playHistory(
  plan: Plan,
  sabotage?: Sabotage,
): Promise<InvariantBrokenError | undefined> {
  const world = new World(plan, sabotage);
  const life = new Life(world);
  for (let count = 0; count < plan.records; count += 1) life.create();
  world.want({ mode: 'incremental' });
  for (const { kind, turns } of plan.events) {
    life.event(kind);
    for (let turn = 0; turn < turns; turn += 1) await world.turn();
    if (world.broken !== undefined) return world.broken;
  }
  await endWell(world, life);
  return world.broken;
}

/** Ends every fault and checks what the mirror must have come to. */
async function endWell(world: World, life: Life): Promise<void> {
  const { plan } = world;
  await world.rest();
  if (world.broken !== undefined) return;
  for (const witness of world.witnesses) witness.checkTriggers();
  world.records.checkHistory(world.scope);
  world.processes.nowMs += CALM_MS;
  await world.complete({ mode: 'incremental' });
  if (world.broken !== undefined) return;
  for (const witness of world.witnesses) {
    const { resource } = witness;
    // Elements of nested lists have no time of their own: a clock that jumps, or a worker that comes back from the dead,
    // can leave an older one behind until the next full sweep. So it is with the records of a list that has parents.
    const isOrdered = !plan.clockJumps && plan.stalls === 0 && !life.listsChangedSilently;
    // Which parents have changed is found in an index.
    const areParentsFound = resource.parent === undefined || (isOrdered && !plan.laggingIndex);
    if (witness.pagesShift || !areParentsFound) continue;
    witness.compare(await world.stored(resource), false, resource.nested !== undefined && isOrdered);
  }
  world.processes.nowMs += CALM_MS;
  // Where no 404 can be believed, a record counts as gone when two sweeps have missed it.
  const believable = plan.readById && world.witnessOf(world.asked.name).holdsLiving();
  const sweeps = believable ? 1 : 3;
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    if (world.broken === undefined) await world.complete({ mode: 'full' });
  }
  if (world.broken !== undefined) return;
  for (const witness of world.witnesses) {
    witness.compare(await world.stored(witness.resource), true, witness.resource.nested !== undefined);
  }
  world.records.checkHistory(world.scope);
}

/** What people do at Autodesk meanwhile. */
class Life {
  listsChangedSilently = false;
  readonly #world: World;
  readonly #gone: { list: Resource; record: HeldRecord }[] = [];
  #made = 0;

  constructor(world: World) {
    this.#world = world;
    // A list by creation only grows; the others shift when cursors count records and those before move or vanish.
    const { plan } = world;
    for (const witness of world.witnesses) {
      const { pagination, parent } = witness.resource;
      witness.pagesShift = pagination.style === 'cursor' && plan.cursors === 'offsets';
      // What has parents is judged by the whole list of its parent, which may lose a record from page to page.
      const isShown = parent === undefined || !witness.pagesShift;
      witness.asksById = plan.readById && isShown && !plan.clockJumps;
    }
  }

  readonly #happenings: Record<EventKind, () => void> = {
    create: () => this.create(),
    update: () => this.#update(),
    'change-silently': () => this.#changeSilently(),
    delete: () => this.#delete(),
    restore: () => this.#restore(),
    'want-incremental': () => this.#wantIncremental(),
    'want-full': () => this.#world.want({ mode: 'full' }),
    'want-unfiltered': () => this.#world.want({ mode: 'full', unfiltered: true }),
    'want-since': () =>
      this.#world.want({ mode: 'incremental', since: isoTime(this.#world.processes.nowMs - 3_600_000) }),
    kill: () => this.#world.kill(),
    'jump-clock': () => this.#world.jumpClock(),
    wait: () => this.#world.wait(),
    'sign-out': () => this.#world.signOut(),
    webhook: () => this.#webhook(),
  };

  event(kind: EventKind): void {
    this.#happenings[kind]();
  }

  create(): void {
    const { dice, plan } = this.#world;
    this.#made += 1;
    const now = this.#now();
    const list = this.#anyList();
    const parent = list.parent && dice.pick([...this.#heldIn(requireResource(list.parent.name)).values()]);
    if (list.parent !== undefined && parent === undefined) return;
    const record: HeldRecord = {
      id: `${dice.hex(2)}-${this.#made}`,
      createdAt: now,
      ...(parent && { parentId: parent.id }),
      ...(isTimed(list) && { updatedAt: now }),
      fields: this.#fields(list),
      ...(list.nested && { lists: this.#lists(list) }),
      ...(plan.laggingLists && !parent && { visibleAtMs: this.#world.processes.nowMs + dice.below(60_000) }),
    };
    this.#heldIn(list).set(heldAs(record), record);
    this.#tellParent(record, list);
  }

  /** The list the history is about, or that of its parents. */
  #anyList(): Resource {
    const { dice, asked, resource } = this.#world;
    return dice.happens(0.4) ? asked : resource;
  }

  #heldIn(list: Resource): Map<string, HeldRecord> {
    return this.#world.model.listOf(list, this.#world.scope);
  }

  /** A change in a list of a parent's mostly shows in the parent; where it does not, only a full run finds it. */
  #tellParent({ parentId }: HeldRecord, list: Resource): void {
    if (list.parent === undefined || parentId === undefined) return;
    const parent = this.#heldIn(requireResource(list.parent.name)).get(parentId);
    if (parent === undefined || this.#world.dice.happens(0.1)) {
      this.listsChangedSilently = true;
      return;
    }
    parent.updatedAt = this.#now();
    this.#mayLag(parent, this.#world.asked);
  }

  #now(): string {
    return isoTime(this.#world.processes.nowMs);
  }

  #update(): void {
    const list = this.#anyList();
    const record = this.#world.dice.pick([...this.#heldIn(list).values()]);
    if (record === undefined) return;
    if (isReadWhole(list)) {
      record.fields = this.#fields(list);
      this.#tellParent(record, list);
      return;
    }
    if (!isTimed(list)) {
      this.#changeSilently();
      return;
    }
    record.updatedAt = this.#now();
    record.fields = this.#fields(list);
    if (record.lists !== undefined) record.lists = this.#lists(list);
    this.#mayLag(record, list);
  }

  /** A change that does not move `updatedAt`. */
  #changeSilently(): void {
    const { dice, resource, plan } = this.#world;
    const record = dice.pick([...this.#heldIn(resource).values()]);
    if (record === undefined) return;
    if (record.lists !== undefined) {
      this.listsChangedSilently = true;
      record.lists = this.#lists(resource);
      return;
    }
    const payload = this.#world.model.payloadOf(resource, record);
    const watched = resource.attention?.needed(payload) && !resource.attention.settled(payload);
    if (watched && (plan.readById || !isTimed(resource))) {
      record.fields = this.#fields(resource, dice.happens(0.5));
    }
  }

  #delete(): void {
    const list = this.#anyList();
    const record = this.#world.dice.pick([...this.#heldIn(list).values()]);
    if (record === undefined || !(isTimed(list) || isReadWhole(list))) return;
    this.#heldIn(list).delete(heldAs(record));
    this.#gone.push({ list, record });
    this.#tellParent(record, list);
    if (list.pagination.style === 'offset') this.#world.witnessOf(list.name).pagesShift = true;
  }

  #restore(): void {
    const { dice, plan } = this.#world;
    const gone = dice.pick(this.#gone);
    if (gone === undefined || plan.clockJumps) return;
    const { list, record } = gone;
    if (this.#heldIn(list).has(heldAs(record))) return;
    const now = this.#now();
    const times = { heldSince: now, ...(isTimed(list) && { updatedAt: now }) };
    this.#heldIn(list).set(heldAs(record), { ...record, ...times, fields: this.#fields(list) });
    this.#tellParent(record, list);
  }

  /** An event of a webhook tells of some record: of one that is there, that is gone, or that never was. */
  #webhook(): void {
    const { dice, scope } = this.#world;
    const list = this.#anyList();
    // Lost. And what is only asked for by a filter has no path of its own below its parent.
    if (dice.happens(0.2) || list.parent?.by.kind === 'filter') return;
    const forged = { id: 'forged', ...(list.parent && { parentId: 'nobody' }) };
    const gone = this.#gone.filter((one) => one.list === list).map(({ record }) => record);
    const record = dice.happens(0.1) ? forged : dice.pick([...this.#heldIn(list).values(), ...gone]);
    if (record === undefined) return;
    const { id, parentId } = record;
    this.#world.tell(
      { kind: 'read-record', resource: list.name, scope, id, ...(parentId !== undefined && { parentId }) },
      dice.happens(0.3) ? dice.below(900) : 0,
    );
  }

  /** Until it is shown a changed record is missing from its list, which would shift a list of offsets. */
  #mayLag(record: HeldRecord, { pagination }: Resource): void {
    const { dice, plan, processes } = this.#world;
    if (plan.laggingLists && pagination.style === 'cursor')
      record.visibleAtMs = processes.nowMs + dice.below(60_000);
  }

  /** Of a list with parents mostly by a run of these. */
  #wantIncremental(): void {
    const { dice, asked, resource } = this.#world;
    this.#world.want({ mode: 'incremental' }, dice.happens(0.2) ? resource : asked);
  }

  #fields(list: Resource, settled = false): JsonObject {
    const { dice } = this.#world;
    const name = dice.happens(0.5) ? 'A' : 'B';
    switch (list.name) {
      case 'opportunity-project-pairs':
        return { name, projectId: 'p', fileStatus: dice.pick(['QUEUED', 'FAILED', 'SUCCESS']) ?? 'QUEUED' };
      case 'data-connector-jobs':
        return settled
          ? { name, status: 'complete', completionStatus: 'success' }
          : { name, status: dice.pick(['queued', 'running']) ?? 'queued' };
      case 'contacts':
        return { name, isRemoved: dice.happens(0.3) };
      default:
        return { name };
    }
  }

  /** One list of a record is often longer than the other. */
  #lists({ nested = [] }: Resource): Record<string, JsonObject[]> {
    return Object.fromEntries(nested.map((list) => [list.name, this.#elements(list)]));
  }

  #elements({ identity }: NestedList): JsonObject[] {
    const { dice } = this.#world;
    // Few different lists, so that a list often becomes again what it was before.
    const changed = dice.pick([0, 3, 6]) ?? 0;
    const elements = Array.from({ length: dice.pick([0, 6, 6, 6]) ?? 0 }, (_, index) => ({
      // Of the two without an id one cannot be told from the other.
      id: identity !== undefined && index < 2 ? null : `i${index}`,
      value: index < changed ? 'B' : 'A',
    }));
    return dice.happens(0.2) ? elements.reverse() : elements;
  }
}

function isTimed({ changes }: Resource): boolean {
  return changes.kind === 'updated-at-filter';
}

/** Whether a run that reads a list, or the part of it of one parent, reads all of that, so that any change is found. */
function isReadWhole({ changes }: Resource): boolean {
  return changes.kind === 'none' || changes.kind === 'of-parent';
}
