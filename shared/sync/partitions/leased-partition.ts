import type { UpdatedAtWindow } from '../../autodesk/client/api.ts';
import type { Resource, Scope } from '../../resources/resource.ts';
import { releaseLease, renewLease } from '../state/lease.ts';
import {
  addCounts,
  addTotals,
  type Checkpoint,
  noCounts,
  noTotals,
  type Partition,
  type PartitionWork,
} from '../state/partition.ts';
import type { ActiveRun, Counts } from '../state/run.ts';
import { afterProgress } from '../state/run-transitions.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import type { Split } from './split.ts';

/** What one step of work adds to a partition's totals. */
export interface StepCounts {
  counts: Counts;
  lineItems?: Counts;
  pages: number;
}

/** What a checkpoint keeps beside how far the work has come. */
export interface Learned {
  /** Since when Autodesk is being read. */
  readSince?: string;
  /** Records in the partition's window, as its first page told. */
  total?: number;
  /** What the window has become. */
  window?: UpdatedAtWindow;
}

/**
 * A partition whose lease this worker holds, with the list and the run that it is of. Every checkpoint is conditional on the lease's fence and renews it,
 * so that of two workers who both think they own it only one gets on.
 */
export class LeasedPartition {
  #partition: Partition;
  readonly resource: Resource;
  readonly scope: Scope;
  readonly run: ActiveRun;
  readonly ports: SyncPorts;

  constructor(partition: Partition, resource: Resource, scope: Scope, run: ActiveRun, ports: SyncPorts) {
    this.#partition = partition;
    this.resource = resource;
    this.scope = scope;
    this.run = run;
    this.ports = ports;
  }

  get current(): Partition {
    return this.#partition;
  }

  /** Stores how far the work has come, and what it has learned. Throws `LeaseLostError` when another worker has taken over. */
  async checkpoint(
    checkpoint: Checkpoint,
    step: StepCounts,
    done: boolean,
    learned: Learned = {},
  ): Promise<void> {
    const { clock, usage, partitions, runs } = this.ports;
    const totals = addTotals(this.#partition.totals, { ...noTotals(), ...step, ...usage.take() });
    const { readSince, window } = learned;
    const firstTotal = this.#partition.firstTotal ?? learned.total;
    const hadFailed = this.#partition.failures > 0;
    const advanced: Partition = {
      ...renewLease(this.#partition, clock.now()),
      checkpoint,
      totals,
      resumes: 0,
      failures: 0,
      ...(readSince !== undefined && { readSince: this.#partition.readSince ?? readSince }),
      ...(firstTotal !== undefined && { firstTotal }),
      ...(window && { work: { ...this.#partition.work, kind: 'list', window } }),
    };
    const next: Partition = done
      ? { ...releaseLease(advanced, 0), state: 'done', finishedAt: new Date(clock.now()).toISOString() }
      : advanced;
    await partitions.save(next);
    this.#partition = next;
    if (hadFailed) {
      await runs.update(this.resource.name, this.scope, (state) => afterProgress(state, next.runId));
    }
  }

  /** Forgets the position after Autodesk has refused it, so that the work starts again; once only. */
  async restart(): Promise<void> {
    await this.#replace({ checkpoint: { pages: 0 }, restarted: true });
  }

  /** Stores where the window is to be cut, before anything else of the split is done. */
  async planSplit(split: Split, total: number | undefined): Promise<void> {
    const firstTotal = this.#partition.firstTotal ?? total;
    const checkpoint = { ...this.#partition.checkpoint, split };
    await this.#replace({ checkpoint, ...(firstTotal !== undefined && { firstTotal }) });
  }

  /** Ends a split: the partition keeps one window, and begins it anew. */
  async shrink(work: PartitionWork): Promise<void> {
    await this.#replace({ work, checkpoint: { pages: 0 } });
  }

  /** Gives the lease back; nobody takes the partition up before `notBeforeMs`. */
  async release(notBeforeMs: number, failed: boolean): Promise<void> {
    const { usage, partitions } = this.ports;
    const next: Partition = {
      ...releaseLease(this.#partition, notBeforeMs),
      totals: addTotals(this.#partition.totals, { ...noTotals(), ...usage.take() }),
      failures: this.#partition.failures + (failed ? 1 : 0),
    };
    await partitions.save(next);
    this.#partition = next;
  }

  async #replace(
    changes: Partial<Pick<Partition, 'work' | 'checkpoint' | 'restarted' | 'firstTotal'>>,
  ): Promise<void> {
    const next: Partition = { ...renewLease(this.#partition, this.ports.clock.now()), ...changes };
    await this.ports.partitions.save(next);
    this.#partition = next;
  }
}

export function stepOf(counts: Partial<Counts>, pages: number, lineItems?: Counts): StepCounts {
  return {
    counts: addCounts(noCounts(), { ...noCounts(), ...counts }),
    pages,
    ...(lineItems && { lineItems }),
  };
}
