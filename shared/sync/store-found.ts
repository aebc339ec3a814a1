import type { Json } from '../json.ts';
import type { Resource, Scope } from '../resources/resource.ts';
import type { Engine } from './engine.ts';
import { storeReading } from './read-by-id.ts';

/** Stores records that were read outside of a run, under the same conditions as in one. */
export async function storeFound(
  resource: Resource,
  scope: Scope,
  found: readonly { record: Json; readAt: string }[],
  engine: Engine,
): Promise<void> {
  for (const { record, readAt } of found) {
    await storeReading(
      resource,
      scope,
      { kind: 'found', record, readAt },
      { runId: 'callback', page: readAt },
      engine,
    );
  }
}
