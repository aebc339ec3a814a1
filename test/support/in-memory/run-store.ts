import type { Scope } from '../../../shared/resources/resource.ts';
import { addTotals, noTotals } from '../../../shared/sync/state/partition.ts';
import type { FinishedRun, RunTotals, ScopeState } from '../../../shared/sync/state/run.ts';
import type { PartitionStore, RunStore } from '../../../shared/sync/state/stores.ts';

/** Scope states in memory, held to the same contract as the table. */
export class InMemoryRunStore implements RunStore {
  readonly #states = new Map<string, ScopeState>();
  readonly #ended = new Map<string, FinishedRun[]>();
  readonly #partitions: PartitionStore;

  constructor(partitions: PartitionStore) {
    this.#partitions = partitions;
  }

  async read(resource: string, scope: Scope): Promise<ScopeState> {
    return this.#states.get(`${resource}#${scope}`) ?? { resource, scope };
  }

  async update(
    resource: string,
    scope: Scope,
    decide: (state: ScopeState) => ScopeState | undefined,
  ): Promise<ScopeState> {
    const key = `${resource}#${scope}`;
    for (;;) {
      const before = this.#states.get(key);
      const state = before ?? { resource, scope };
      const next = decide(state);
      if (next === undefined) return state;
      await Promise.resolve();
      if (this.#states.get(key) !== before) continue;
      this.#states.set(key, next);
      return next;
    }
  }

  async keepEnded(resource: string, scope: Scope, run: FinishedRun): Promise<void> {
    const key = `${resource}#${scope}`;
    const others = (this.#ended.get(key) ?? []).filter(({ id }) => id !== run.id);
    this.#ended.set(
      key,
      [...others, run].sort((one, other) => other.startedAt.localeCompare(one.startedAt)),
    );
  }

  async ended(resource: string, scope: Scope, { limit, before = '~' }: { limit: number; before?: string }) {
    return (this.#ended.get(`${resource}#${scope}`) ?? [])
      .filter(({ startedAt }) => startedAt < before)
      .slice(0, limit);
  }

  async forgetEnded(resource: string, scope: Scope, before: string, most: number): Promise<void> {
    const key = `${resource}#${scope}`;
    const kept = (this.#ended.get(key) ?? []).filter(({ startedAt }) => startedAt >= before);
    this.#ended.set(key, kept.slice(0, most));
  }

  async totalsOf(runId: string): Promise<RunTotals> {
    const partitions = await this.#partitions.ofRun(runId);
    return partitions.map((partition) => partition.totals).reduce(addTotals, noTotals());
  }
}
