import type { Item, ItemKey, Table } from '../../dynamodb/table.ts';
import type { Scope } from '../../resources/resource.ts';
import { addTotals, noTotals } from './partition.ts';
import {
  type FinishedRun,
  finishedRun,
  RUNS_KEPT_DAYS,
  type RunTotals,
  type ScopeState,
  scopeState,
} from './run.ts';
import type { PartitionStore, RunStore } from './stores.ts';

/**
 * Scope states in the `State` table: one item each, as JSON, with a revision that every change raises. Runs that have
 * ended lie in `run-history#<resource>#<scope>` by their start.
 */
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

  async keepEnded(resource: string, scope: Scope, run: FinishedRun): Promise<void> {
    const expiresAt = Math.ceil(Date.parse(run.startedAt) / 1000) + RUNS_KEPT_DAYS * 86_400;
    await this.#table.put({
      pk: { S: ledgerOf(resource, scope) },
      sk: { S: `${run.startedAt}#${run.id}` },
      run: { S: JSON.stringify(run) },
      expiresAt: { N: String(expiresAt) },
    });
  }

  async ended(
    resource: string,
    scope: Scope,
    { limit, before }: { limit: number; before?: string },
  ): Promise<FinishedRun[]> {
    const runs: FinishedRun[] = [];
    const pages = this.#table.query({
      KeyConditionExpression: before === undefined ? 'pk = :pk' : 'pk = :pk AND sk < :before',
      ExpressionAttributeValues: {
        ':pk': { S: ledgerOf(resource, scope) },
        ...(before !== undefined && { ':before': { S: before } }),
      },
      ScanIndexForward: false,
      Limit: limit,
    });
    for await (const items of pages) {
      runs.push(...items.map((item) => finishedRun.parse(JSON.parse(item.run?.S ?? 'null'))));
      if (runs.length >= limit) break;
    }
    return runs.slice(0, limit);
  }

  async forgetEnded(resource: string, scope: Scope, before: string, most: number): Promise<void> {
    const keys: ItemKey[] = [];
    for await (const items of this.#table.items(ledgerOf(resource, scope), '', ['pk', 'sk'])) {
      keys.push(...items.map(({ pk, sk }) => ({ pk: pk?.S ?? '', sk: sk?.S ?? '' })));
    }
    const old = keys.filter(({ sk }, index) => sk < before || index < keys.length - most);
    await this.#table.removeMany(old);
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

function ledgerOf(resource: string, scope: Scope): string {
  return `run-history#${resource}#${scope}`;
}

function keyOf(resource: string, scope: Scope): ItemKey {
  return { pk: `scope#${resource}#${scope}`, sk: 'run' };
}
