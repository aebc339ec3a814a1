import type { Item, ItemKey, Table } from '../../dynamodb/table.ts';
import type { Scope } from '../../resources/resource.ts';
import { addTotals, noTotals } from './partition.ts';
import { type RunTotals, type ScopeState, scopeState } from './run.ts';
import type { PartitionStore, RunStore } from './stores.ts';

/** Scope states in the `State` table: one item each, as JSON, with a revision that every change raises. */
export class DynamoRunStore implements RunStore {
  readonly #table: Table;
  readonly #partitions: PartitionStore;

  constructor(table: Table, partitions: PartitionStore) {
    this.#table = table;
    this.#partitions = partitions;
  }

  async read(resource: string, scope: Scope): Promise<ScopeState> {
    return (await this.#load(resource, scope)).state;
  }

  async totalsOf(runId: string): Promise<RunTotals> {
    const partitions = await this.#partitions.ofRun(runId);
    return partitions.map((partition) => partition.totals).reduce(addTotals, noTotals());
  }

  async update(
    resource: string,
    scope: Scope,
    decide: (state: ScopeState) => ScopeState | undefined,
  ): Promise<ScopeState> {
    for (;;) {
      const { state, revision } = await this.#load(resource, scope);
      const next = decide(state);
      if (next === undefined) return state;
      const item: Item = {
        pk: { S: keyOf(resource, scope).pk },
        sk: { S: keyOf(resource, scope).sk },
        rev: { N: String(revision + 1) },
        state: { S: JSON.stringify(next) },
      };
      const written = await this.#table.put(item, {
        expression: revision === 0 ? 'attribute_not_exists(pk)' : 'rev = :rev',
        ...(revision > 0 && { values: { ':rev': { N: String(revision) } } }),
      });
      if (written) return next;
    }
  }

  async #load(resource: string, scope: Scope): Promise<{ state: ScopeState; revision: number }> {
    const item = await this.#table.get(keyOf(resource, scope));
    if (item === undefined) return { state: { resource, scope }, revision: 0 };
    return {
      state: scopeState.parse(JSON.parse(item.state?.S ?? 'null')),
      revision: Number(item.rev?.N),
    };
  }
}

function keyOf(resource: string, scope: Scope): ItemKey {
  return { pk: `scope#${resource}#${scope}`, sk: 'run' };
}
