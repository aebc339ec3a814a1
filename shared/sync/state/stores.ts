import type { Scope } from '../../resources/resource.ts';
import type { Partition } from './partition.ts';
import type { FinishedRun, RunReader, ScopeState } from './run.ts';

/** The runs of each resource and scope. Every change is one conditional update of one item. */
export interface RunStore extends RunReader {
  /**
   * Replaces a scope's state by what `decide` makes of it; `undefined` leaves it. When somebody else changed it
   * meanwhile, it is read again and decided again, so `decide` must be pure. Answers the state that stands then.
   */
  update(
    resource: string,
    scope: Scope,
    decide: (state: ScopeState) => ScopeState | undefined,
  ): Promise<ScopeState>;
  /** Keeps a run that is about to end. Repeating it replaces it. */
  keepEnded(resource: string, scope: Scope, run: FinishedRun): Promise<void>;
  /** Removes the runs that started before a moment, ISO 8601, and all but the latest so many. */
  forgetEnded(resource: string, scope: Scope, before: string, most: number): Promise<void>;
}

/** The partitions of runs and what belongs to them. */
export interface PartitionStore {
  /** All partitions of a run, read consistently. */
  ofRun(runId: string): Promise<Partition[]>;
  /** Stores a new partition; one that exists stays as it is. */
  create(partition: Partition): Promise<void>;
  /**
   * Takes the lease of an open partition whose lease is free or has lapsed, and raises its fence. Undefined when
   * somebody holds it, it is done, or its time has not come.
   */
  acquire(runId: string, partitionId: string, owner: string, nowMs: number): Promise<Partition | undefined>;
  /**
   * Replaces a partition if its fence is still the one given; otherwise throws `LeaseLostError`. One that is saved as done
   * stays so: its owner cannot save it again.
   */
  save(partition: Partition): Promise<void>;
  /** Keeps the ids that a page showed, as short hashes, until the run is forgotten. Repeating it replaces them. */
  addSeen(origin: string, partitionId: string, page: number, hashes: Uint8Array): Promise<void>;
  /** All hashes kept by a partition. */
  seen(origin: string, partitionId: string): AsyncIterable<Uint8Array>;
  /** Keeps parts of lists while these are being read, in a chunk under a name. Repeating it replaces it. */
  keepParts(
    origin: string,
    partitionId: string,
    name: string,
    chunk: number,
    parts: readonly KeptPart[],
  ): Promise<void>;
  /** The parts in the first `chunks` chunks of that name, in order. */
  keptParts(origin: string, partitionId: string, name: string, chunks: number): Promise<KeptPart[]>;
  /** Removes all that is kept of a run. */
  forget(runId: string): Promise<void>;
}

/** An element in the order of its list: its id and the hash of its content. */
export interface ListEntry {
  id: string;
  contentHash: string;
}

/** What is kept of a part of a list while the rest of it is being read. */
export interface KeptPart {
  /** Which list: the resource name of its elements, or the id of its parent. */
  list: string;
  readAt: string;
  entries: ListEntry[];
}
