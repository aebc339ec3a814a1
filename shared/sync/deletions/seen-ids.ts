import { createHash } from 'node:crypto';
import type { Partition } from '../state/partition.ts';
import type { PartitionStore } from '../state/stores.ts';

/** Bytes kept of each id. Among a million ids two share a hash with a chance of about 3 in 100 million. */
const HASH_BYTES = 8;

export function hashIds(ids: readonly string[]): Uint8Array {
  return Buffer.concat(ids.map((id) => createHash('sha256').update(id).digest().subarray(0, HASH_BYTES)));
}

/** The ids that a run has seen: eight bytes each, sorted, so that a million take eight megabytes. */
export class SeenIds {
  readonly #hashes: BigUint64Array;

  constructor(hashes: Uint8Array) {
    const bytes = Buffer.from(hashes);
    this.#hashes = BigUint64Array.from({ length: bytes.length / HASH_BYTES }, (_, index) =>
      bytes.readBigUInt64BE(index * HASH_BYTES),
    ).sort();
  }

  has(id: string): boolean {
    const wanted = Buffer.from(hashIds([id])).readBigUInt64BE(0);
    let low = 0;
    let high = this.#hashes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = this.#hashes[middle] ?? 0n;
      if (found === wanted) return true;
      if (found < wanted) low = middle + 1;
      else high = middle;
    }
    return false;
  }
}

/** All that the partitions of a run have kept as seen. */
export async function seenInRun(partitions: readonly Partition[], store: PartitionStore): Promise<SeenIds> {
  const chunks: Uint8Array[] = [];
  for (const partition of partitions) {
    for await (const chunk of store.seen(partition.origin, partition.id)) chunks.push(chunk);
  }
  return new SeenIds(Buffer.concat(chunks));
}
