import type { Json } from '../../../shared/json.ts';
import type { QuarantinedRecord, QuarantineStore } from '../../../shared/records/quarantine.ts';
import type { Scope } from '../../../shared/resources/resource.ts';

/** Quarantine in memory, held to the same contract as the table. */
export class InMemoryQuarantineStore implements QuarantineStore {
  readonly #kept = new Map<string, { entry: QuarantinedRecord; payload: Json }>();

  async add(entry: QuarantinedRecord, payload: Json): Promise<void> {
    this.#kept.set(keyOf(entry.resource, entry.scope, entry.key), { entry, payload });
  }

  async list(resource: string, scope: Scope): Promise<QuarantinedRecord[]> {
    return [...this.#kept.values()]
      .map(({ entry }) => entry)
      .filter((entry) => entry.resource === resource && entry.scope === scope)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async payload(resource: string, scope: Scope, key: string): Promise<Json | undefined> {
    return this.#kept.get(keyOf(resource, scope, key))?.payload;
  }

  async remove(resource: string, scope: Scope, key: string): Promise<void> {
    this.#kept.delete(keyOf(resource, scope, key));
  }
}

function keyOf(resource: string, scope: Scope, key: string): string {
  return `${resource}#${scope}#${key}`;
}
