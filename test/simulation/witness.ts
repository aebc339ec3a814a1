import type { Page } from '../../shared/autodesk/client/api.ts';
import { canonicalJson, isJsonObject, type Json } from '../../shared/json.ts';
import type { RecordHead, RecordKey, StoredRecord } from '../../shared/records/record.ts';
import type { RecordVersion } from '../../shared/records/record-store.ts';
import { requireResource } from '../../shared/resources/registry.ts';
import type { Resource, Scope } from '../../shared/resources/resource.ts';
import type { Partition } from '../../shared/sync/state/partition.ts';
import type { ScopeState } from '../../shared/sync/state/run.ts';
import { type HeldRecord, heldAs, type ModelAutodesk } from '../support/sync/model-autodesk.ts';

/** A history in which the engine broke its word. */
export class InvariantBrokenError extends Error {
  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`);
    this.name = 'InvariantBrokenError';
  }
}

interface Trigger {
  askedAt: number;
  full: boolean;
}

/** Watches a history from outside, at the stores themselves, and remembers the first invariant that was broken. */
export class Witness {
  broken: InvariantBrokenError | undefined;
  readonly #model: ModelAutodesk;
  readonly resource: Resource;
  readonly #scope: Scope;
  /** `updatedAt` of the latest version of each record that Autodesk has answered. */
  readonly #answered = new Map<string, string>();
  readonly #triggers: Trigger[] = [];
  readonly #starts: { at: number; full: boolean }[] = [];
  #moment = 0;
  /** Whether shifting pages may hide a record from a walk. */
  pagesShift = false;
  /** Whether a reading by id tells what is gone, by a clock that can be trusted. */
  asksById = false;

  constructor(model: ModelAutodesk, resource: Resource, scope: Scope) {
    this.#model = model;
    this.resource = resource;
    this.#scope = scope;
  }

  blame(invariant: string, what: string): void {
    this.broken ??= new InvariantBrokenError(invariant, what);
  }

  /** A moment for events that have to be put in order. */
  mark(): number {
    this.#moment += 1;
    return this.#moment;
  }

  accepted(trigger: Trigger): void {
    this.#triggers.push(trigger);
  }

  answered(page: Page): void {
    for (const record of page.records) {
      if (!isJsonObject(record)) continue;
      const { id, updatedAt } = record;
      if (typeof id !== 'string' || typeof updatedAt !== 'string') continue;
      if (updatedAt > (this.#answered.get(id) ?? '')) this.#answered.set(id, updatedAt);
    }
  }

  /** Invariant 3, judged by this order and not by the store's. */
  overwrote(before: RecordHead, after: Pick<RecordVersion, 'updatedAt' | 'readAt'> & RecordKey): void {
    const timed = before.deletedAt === undefined && before.updatedAt !== undefined;
    const older =
      timed && after.updatedAt !== undefined && after.updatedAt !== before.updatedAt
        ? after.updatedAt < (before.updatedAt ?? '')
        : after.readAt < before.readAt;
    if (older) this.blame('older overwrote newer', `${after.resource} ${after.id}`);
  }

  /** Whoever says that a record is gone must have asked for it when it was. */
  deleted(key: RecordKey, readAt: string): void {
    const held = this.#model.listOf(this.resource, this.#scope).get(heldAs(key));
    const since = held && this.#livesSince(held);
    if (this.asksById && since !== undefined && since < readAt) {
      this.blame('a living record was deleted', heldAs(key));
    }
  }

  /** Since when a record could be read; undefined where it cannot, because its parent is gone. */
  #livesSince(record: HeldRecord): string | undefined {
    const own = record.heldSince ?? record.createdAt;
    if (this.resource.parent === undefined) return own;
    const parents = this.#model.listOf(requireResource(this.resource.parent.name), this.#scope);
    const parent = parents.get(record.parentId ?? '');
    const since = parent && (parent.heldSince ?? parent.createdAt);
    return since !== undefined && since > own ? since : since && own;
  }

  /** Invariant 2, and what a run must have done before it may end complete. */
  changed(
    before: ScopeState,
    after: ScopeState,
    partitionsOf: (runId: string) => Partition[],
    headOf: (id: string) => RecordHead | undefined,
  ): void {
    if (after.activeRun !== undefined && after.activeRun.id !== before.activeRun?.id) {
      this.#starts.push({ at: this.mark(), full: after.activeRun.mode === 'full' });
    }
    const ended = after.lastRun?.id === before.lastRun?.id ? undefined : after.lastRun;
    if (after.watermark !== before.watermark && ended?.status !== 'complete') {
      this.blame('the watermark moved', 'although no run ended complete');
    }
    if (ended?.status !== 'complete') return;
    if (partitionsOf(ended.id).some(({ state }) => state === 'open')) {
      this.blame('a run ended complete', 'although a partition of it was open');
    }
    this.#checkWatermark(after.watermark ?? '', headOf);
  }

  #checkWatermark(watermark: string, headOf: (id: string) => RecordHead | undefined): void {
    if (this.pagesShift) return;
    for (const [id, held] of this.#model.listOf(this.resource, this.#scope)) {
      const { updatedAt } = held;
      if (updatedAt === undefined || updatedAt >= watermark || this.#answered.get(id) !== updatedAt) continue;
      const head = headOf(id);
      const isMarked = head?.deletedAt !== undefined;
      if (head === undefined || (head.updatedAt ?? '') < updatedAt || isMarked !== this.#isRemoved(held)) {
        this.blame('the watermark passed a record that the store lacks', `${id} of ${updatedAt}`);
      }
    }
  }

  /** Whether the row says of itself that it is gone. */
  #isRemoved(record: HeldRecord): boolean {
    return this.resource.removed?.(this.#model.payloadOf(this.resource, record)) === true;
  }

  /** Whether Autodesk holds a record that does not say that it is gone. */
  holdsLiving(): boolean {
    return [...this.#model.listOf(this.resource, this.#scope).values()].some(
      (record) => !this.#isRemoved(record),
    );
  }

  checkTriggers(): void {
    for (const { askedAt, full } of this.#triggers) {
      const served = this.#starts.some((start) => start.at > askedAt && (start.full || !full));
      if (!served) this.blame('a trigger was lost', full ? 'a full run' : 'an incremental run');
    }
  }

  /** Invariant 1. `deletions`: whether the store must have noticed what is gone. */
  compare(stored: StoredList, deletions: boolean, lists: boolean): void {
    const held = new Map(
      [...this.#model.listOf(this.resource, this.#scope)].filter(([, record]) => this.#livesSince(record)),
    );
    for (const [key, record] of held) {
      const found = stored.get(key);
      const isRemoved = this.#isRemoved(record);
      if (found === undefined || (found.record.deletedAt !== undefined) !== isRemoved) {
        this.blame('the store differs', `${record.id} is ${isRemoved ? 'there' : 'missing'}`);
        continue;
      }
      const payload = this.#model.payloadOf(this.resource, record);
      for (const { name, field } of this.resource.nested ?? []) {
        delete payload[field];
        if (lists)
          expectSame(record.lists?.[name] ?? [], found.lists[name] ?? [], `${name} of ${record.id}`, this);
      }
      expectSame(payload, found.record.data, record.id, this);
    }
    if (!deletions) return;
    for (const [id, { record }] of stored) {
      if (!held.has(id) && record.deletedAt === undefined)
        this.blame('the store differs', `${id} is gone but not marked`);
    }
  }
}

/** Deleted records, too. */
export type StoredList = Map<string, { record: StoredRecord; lists: Record<string, Json[]> }>;

function expectSame(expected: Json, found: Json, what: string, witness: Witness): void {
  const [a, b] = [canonicalJson(expected), canonicalJson(found)];
  if (a !== b) witness.blame('the store differs', `${what}: ${b} instead of ${a}`);
}
