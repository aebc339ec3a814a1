import { createHash } from 'node:crypto';
import type { Table } from '../../dynamodb/table.ts';
import type { ClickLog } from './click-log.ts';

/** Longer than a signature is believed, before and after. */
const KEPT_SECONDS = 15 * 60;

/** In the State table: `slack-request#<hash of the signature>`, gone by itself after a quarter of an hour. */
export class DynamoClickLog implements ClickLog {
  readonly #table: Table;

  constructor(stateTable: Table) {
    this.#table = stateTable;
  }

  take(signature: string, takenAtMs: number): Promise<boolean> {
    const hash = createHash('sha256').update(signature).digest('hex');
    return this.#table.put(
      {
        pk: { S: `slack-request#${hash}` },
        sk: { S: 'taken' },
        expiresAt: { N: String(Math.ceil(takenAtMs / 1_000) + KEPT_SECONDS) },
      },
      { expression: 'attribute_not_exists(pk)' },
    );
  }
}
