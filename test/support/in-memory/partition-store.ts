import { LeaseLostError } from '../../../shared/sync/state/errors.ts';
import { sealIfDone, takeLease } from '../../../shared/sync/state/lease.ts';
import type { Partition } from '../../../shared/sync/state/partition.ts';
import type { KeptPart, PartitionStore } from '../../../shared/sync/state/stores.ts';

interface Kept {
  partitions: Map<string, Partition>;
  seen: Map<string, Map<number, Uint8Array>>;
  parts: Map<string, Map<number, readonly KeptPart[]>>;
}

/** Partitions in memory, held to the same contract as the table. */
export class InMemoryPartitionStore implements PartitionStore {
  readonly #runs = new Map<string, Kept>();

  async ofRun(runId: string): Promise<Partition[]> {
    return this.partitionsNow(runId);
  }

  async create(partition: Partition): Promise<void> {
    const { partitions } = this.#kept(partition.runId);
    if (!partitions.has(partition.id)) partitions.set(partition.id, partition);
  }

  async acquire(
    runId: string,
    partitionId: string,
    owner: string,
    nowMs: number,
  ): Promise<Partition | undefined> {
    const { partitions } = this.#kept(runId);
    const stored = partitions.get(partitionId);
    const taken = stored && takeLease(stored, owner, nowMs);
    if (taken !== undefined) partitions.set(partitionId, taken);
    return taken;
  }

  async save(partition: Partition): Promise<void> {
    const { partitions } = this.#kept(partition.runId);
    if (partitions.get(partition.id)?.fence !== partition.fence) {
      throw new LeaseLostError(partition.runId, partition.id);
    }
    partitions.set(partition.id, sealIfDone(partition));
  }

  async addSeen(origin: string, partitionId: string, page: number, hashes: Uint8Array): Promise<void> {
    const { seen } = this.#kept(origin);
    const pages = seen.get(partitionId) ?? new Map<number, Uint8Array>();
    seen.set(partitionId, pages.set(page, hashes));
  }

  async *seen(origin: string, partitionId: string): AsyncIterable<Uint8Array> {
    yield* this.#runs.get(origin)?.seen.get(partitionId)?.values() ?? [];
  }

  async keepParts(
    origin: string,
    partitionId: string,
    name: string,
    chunk: number,
    parts: readonly KeptPart[],
  ): Promise<void> {
    const key = `${partitionId}#${name}`;
    const kept = this.#kept(origin).parts;
    const chunks = kept.get(key) ?? new Map<number, readonly KeptPart[]>();
    kept.set(key, chunks.set(chunk, parts));
  }

  async keptParts(origin: string, partitionId: string, name: string, chunks: number): Promise<KeptPart[]> {
    const kept = this.#runs.get(origin)?.parts.get(`${partitionId}#${name}`);
    return Array.from({ length: chunks }, (_, chunk) => kept?.get(chunk) ?? []).flat();
  }

  async forget(runId: string): Promise<void> {
    this.#runs.delete(runId);
  }

  /** The partitions of a run at this moment, for those who watch. */
  partitionsNow(runId: string): Partition[] {
    const partitions = [...(this.#runs.get(runId)?.partitions.values() ?? [])];
    return partitions.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #kept(runId: string): Kept {
    const kept = this.#runs.get(runId) ?? { partitions: new Map(), seen: new Map(), parts: new Map() };
    this.#runs.set(runId, kept);
    return kept;
  }
}
