import * as z from 'zod';
import type { Item, ItemKey, Table } from '../../dynamodb/table.ts';
import { LeaseLostError } from './errors.ts';
import { sealIfDone, takeLease } from './lease.ts';
import { type Partition, partition } from './partition.ts';
import type { KeptPart, PartitionStore } from './stores.ts';

/** What is kept of a run beyond its end, for a successor that adopts it; then AWS may sweep it away. */
const KEPT_SECONDS = 14 * 24 * 60 * 60;

const keptParts = z.array(
  z.object({
    list: z.string(),
    readAt: z.string(),
    entries: z.array(z.object({ id: z.string(), contentHash: z.string() })),
  }),
);

/** Partitions in the `State` table, under the key of their run; each is one item, as JSON, with its fence beside it. */
export class DynamoPartitionStore implements PartitionStore {
  readonly #table: Table;
  readonly #nowMs: () => number;

  constructor(table: Table, nowMs: () => number) {
    this.#table = table;
    this.#nowMs = nowMs;
  }

  async ofRun(runId: string): Promise<Partition[]> {
    const partitions: Partition[] = [];
    for await (const items of this.#table.items(runKey(runId), PARTITION)) {
      partitions.push(...items.map(partitionOf));
    }
    return partitions;
  }

  async create(created: Partition): Promise<void> {
    await this.#table.put(this.#itemOf(created), { expression: 'attribute_not_exists(pk)' });
  }

  async acquire(
    runId: string,
    partitionId: string,
    owner: string,
    nowMs: number,
  ): Promise<Partition | undefined> {
    const item = await this.#table.get(partitionKey(runId, partitionId));
    const taken = item && takeLease(partitionOf(item), owner, nowMs);
    if (taken === undefined) return undefined;
    return (await this.#replace(taken, taken.fence - 1)) ? taken : undefined;
  }

  async save(changed: Partition): Promise<void> {
    if (!(await this.#replace(sealIfDone(changed), changed.fence))) {
      throw new LeaseLostError(changed.runId, changed.id);
    }
  }

  async addSeen(origin: string, partitionId: string, page: number, hashes: Uint8Array): Promise<void> {
    await this.#table.put({
      pk: { S: runKey(origin) },
      sk: { S: `${seenPrefix(partitionId)}${sequence(page)}` },
      hashes: { B: hashes },
      expiresAt: this.#expiry(),
    });
  }

  async *seen(origin: string, partitionId: string): AsyncIterable<Uint8Array> {
    for await (const items of this.#table.items(runKey(origin), seenPrefix(partitionId))) {
      for (const item of items) yield item.hashes?.B ?? new Uint8Array();
    }
  }

  async keepParts(
    origin: string,
    partitionId: string,
    name: string,
    chunk: number,
    parts: readonly KeptPart[],
  ): Promise<void> {
    await this.#table.put({
      pk: { S: runKey(origin) },
      sk: { S: `${partsPrefix(partitionId, name)}${sequence(chunk)}` },
      parts: { S: JSON.stringify(parts) },
      expiresAt: this.#expiry(),
    });
  }

  async keptParts(origin: string, partitionId: string, name: string, chunks: number): Promise<KeptPart[]> {
    const found: KeptPart[][] = [];
    for await (const items of this.#table.items(runKey(origin), partsPrefix(partitionId, name))) {
      for (const item of items) found.push(keptParts.parse(JSON.parse(item.parts?.S ?? '[]')));
    }
    return found.slice(0, chunks).flat();
  }

  async forget(runId: string): Promise<void> {
    for await (const items of this.#table.items(runKey(runId), '', ['pk', 'sk'])) {
      await this.#table.removeMany(items.map((item) => ({ pk: item.pk?.S ?? '', sk: item.sk?.S ?? '' })));
    }
  }

  async #replace(changed: Partition, fence: number): Promise<boolean> {
    return this.#table.put(this.#itemOf(changed), {
      expression: 'fence = :fence',
      values: { ':fence': { N: String(fence) } },
    });
  }

  #itemOf(stored: Partition): Item {
    const key = partitionKey(stored.runId, stored.id);
    return {
      pk: { S: key.pk },
      sk: { S: key.sk },
      fence: { N: String(stored.fence) },
      partition: { S: JSON.stringify(stored) },
      expiresAt: this.#expiry(),
    };
  }

  #expiry() {
    return { N: String(Math.floor(this.#nowMs() / 1_000) + KEPT_SECONDS) };
  }
}

const PARTITION = 'partition#';

function partitionOf(item: Item): Partition {
  return partition.parse(JSON.parse(item.partition?.S ?? 'null'));
}

function runKey(runId: string): string {
  return `run#${runId}`;
}

function partitionKey(runId: string, partitionId: string): ItemKey {
  return { pk: runKey(runId), sk: `${PARTITION}${partitionId}` };
}

function seenPrefix(partitionId: string): string {
  return `seen#${partitionId}#`;
}

function partsPrefix(partitionId: string, name: string): string {
  return `list#${partitionId}#${name}#`;
}

function sequence(number: number): string {
  return String(number).padStart(8, '0');
}
