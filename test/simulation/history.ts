import { isoTime } from '../../shared/clock.ts';
import type { JsonObject } from '../../shared/json.ts';
import type { NestedList } from '../../shared/resources/resource.ts';
import type { HeldRecord } from '../support/sync/model-autodesk.ts';
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
    if (world.witness.broken !== undefined) return world.witness.broken;
  }
  await endWell(world, life);
  return world.witness.broken;
}

/** Ends every fault and checks what the mirror must have come to. */
async function endWell(world: World, life: Life): Promise<void> {
  const { witness, plan, resource } = world;
  await world.rest();
  witness.checkTriggers();
  world.processes.nowMs += CALM_MS;
  await world.complete({ mode: 'incremental' });
  // Elements of nested lists have no time of their own: a clock that jumps, or a worker that comes back from the dead, can leave an
  // older one behind until the next full sweep.
  const listsAreOrdered =
    resource.nested !== undefined && !plan.clockJumps && plan.stalls === 0 && !life.listsChangedSilently;
  if (!witness.pagesShift) witness.compare(await world.stored(), false, listsAreOrdered);
  world.processes.nowMs += CALM_MS;
  // Where no 404 can be believed, a record counts as gone when two sweeps have missed it.
  const believable = plan.readById && witness.holdsLiving();
  const sweeps = believable ? 1 : 3;
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    if (witness.broken === undefined) await world.complete({ mode: 'full' });
  }
  witness.compare(await world.stored(), true, resource.nested !== undefined);
}

/** What people do at Autodesk meanwhile. */
class Life {
  listsChangedSilently = false;
  readonly #world: World;
  readonly #gone: HeldRecord[] = [];
  #made = 0;

  constructor(world: World) {
    this.#world = world;
    // A list by creation only grows; the others shift when cursors count records and those before move or vanish.
    const { plan, resource, witness } = world;
    witness.asksById = plan.readById && !plan.clockJumps;
    witness.pagesShift = resource.pagination.style === 'cursor' && plan.cursors === 'offsets';
  }

  readonly #happenings: Record<EventKind, () => void> = {
    create: () => this.create(),
    update: () => this.#update(),
    'change-silently': () => this.#changeSilently(),
    delete: () => this.#delete(),
    restore: () => this.#restore(),
    'want-incremental': () => this.#world.want({ mode: 'incremental' }),
    'want-full': () => this.#world.want({ mode: 'full' }),
    'want-unfiltered': () => this.#world.want({ mode: 'full', unfiltered: true }),
    'want-since': () =>
      this.#world.want({ mode: 'incremental', since: isoTime(this.#world.processes.nowMs - 3_600_000) }),
    kill: () => this.#world.kill(),
    'jump-clock': () => this.#world.jumpClock(),
    wait: () => this.#world.wait(),
    'sign-out': () => this.#world.signOut(),
  };

  event(kind: EventKind): void {
    this.#happenings[kind]();
  }

  create(): void {
    const { dice, resource, plan } = this.#world;
    this.#made += 1;
    const now = this.#now();
    const id = `${dice.hex(2)}-${this.#made}`;
    this.#list.set(id, {
      id,
      createdAt: now,
      ...(this.#timed && { updatedAt: now }),
      fields: this.#fields(),
      ...(resource.nested && { lists: this.#lists() }),
      ...(plan.laggingLists && { visibleAtMs: this.#world.processes.nowMs + dice.below(60_000) }),
    });
  }

  get #list(): Map<string, HeldRecord> {
    return this.#world.model.listOf(this.#world.resource, this.#world.scope);
  }

  get #timed(): boolean {
    return this.#world.resource.changes.kind === 'updated-at-filter';
  }

  /** Whether every run reads the whole list, so that any change is found. */
  get #readWhole(): boolean {
    return this.#world.resource.changes.kind === 'none';
  }

  #now(): string {
    return isoTime(this.#world.processes.nowMs);
  }

  #any(): HeldRecord | undefined {
    return this.#world.dice.pick([...this.#list.values()]);
  }

  #update(): void {
    const record = this.#any();
    if (record === undefined) return;
    if (this.#readWhole) {
      record.fields = this.#fields();
      return;
    }
    if (!this.#timed) {
      this.#changeSilently();
      return;
    }
    record.updatedAt = this.#now();
    record.fields = this.#fields();
    if (record.lists !== undefined) record.lists = this.#lists();
    this.#mayLag(record);
  }

  /** A change that does not move `updatedAt`. */
  #changeSilently(): void {
    const { dice, resource, plan } = this.#world;
    const record = this.#any();
    if (record === undefined) return;
    if (record.lists !== undefined) {
      this.listsChangedSilently = true;
      record.lists = this.#lists();
      return;
    }
    const payload = this.#world.model.payloadOf(resource, record);
    const watched = resource.attention?.needed(payload) && !resource.attention.settled(payload);
    if (watched && (plan.readById || !this.#timed)) record.fields = this.#fields(dice.happens(0.5));
  }

  #delete(): void {
    const record = this.#any();
    if (record === undefined || !(this.#timed || this.#readWhole)) return;
    this.#list.delete(record.id);
    this.#gone.push(record);
    if (this.#world.resource.pagination.style === 'offset') this.#world.witness.pagesShift = true;
  }

  #restore(): void {
    const { dice, plan } = this.#world;
    const record = dice.pick(this.#gone);
    if (record === undefined || plan.clockJumps || this.#list.has(record.id)) return;
    const now = this.#now();
    const times = { heldSince: now, ...(this.#timed && { updatedAt: now }) };
    this.#list.set(record.id, { ...record, ...times, fields: this.#fields() });
  }

  /** Until it is shown a changed record is missing from its list, which would shift a list of offsets. */
  #mayLag(record: HeldRecord): void {
    const { dice, plan, processes, resource } = this.#world;
    if (plan.laggingLists && resource.pagination.style === 'cursor')
      record.visibleAtMs = processes.nowMs + dice.below(60_000);
  }

  #fields(settled = false): JsonObject {
    const { dice, resource } = this.#world;
    const name = dice.happens(0.5) ? 'A' : 'B';
    switch (resource.name) {
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
  #lists(): Record<string, JsonObject[]> {
    const lists = (this.#world.resource.nested ?? []).map((list) => [list.name, this.#elements(list)]);
    return Object.fromEntries(lists);
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
