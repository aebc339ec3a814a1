import type { AutodeskApi } from '../../autodesk/client/api.ts';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { Usage } from '../../observability/usage.ts';
import type { AlertQueue, FetchQueue } from '../../queue/messages.ts';
import type { Randomness } from '../../randomness.ts';
import type { QuarantineStore } from '../../records/quarantine.ts';
import type { RecordStore } from '../../records/record-store.ts';
import type { PartitionStore, RunStore } from './stores.ts';

/** What the engine decides by; fit for a schedule of 15 minutes. */
export interface SyncSettings {
  /** How far each incremental window reaches back before the watermark; at least twice the schedule's interval. */
  overlapMs: number;
  /** Partitions of one run worked on at once: two less than the workers, so that other runs get on. */
  maxPartitionsInFlight: number;
  /** A reconcile that would touch a larger share of the stored records stops, 0 to 1. */
  deletionGuardShare: number;
  /** The resources that are mirrored: a list with parents follows their runs if it is among them. */
  enabledResources: readonly string[];
}

/** Fetch messages that are worked on at a time, where nothing else is said. */
export const DEFAULT_WORKERS = 16;
/** Workers that are kept free of any one run. */
const SPARE_WORKERS = 2;

/** The settings for a number of workers. */
export function settingsFor(workers: number, enabledResources: readonly string[]): SyncSettings {
  return {
    overlapMs: 30 * 60 * 1_000,
    maxPartitionsInFlight: Math.max(1, workers - SPARE_WORKERS),
    deletionGuardShare: 0.2,
    enabledResources,
  };
}

/** What asking for runs and ending them needs. */
export interface RunPorts {
  runs: RunStore;
  partitions: PartitionStore;
  fetchQueue: FetchQueue;
  alertQueue: AlertQueue;
  clock: Clock;
  randomness: Randomness;
  log: Log;
  metrics: Metrics;
  settings: SyncSettings;
}

/** What working on runs needs beyond that; made for each message, with a `usage` of its own. */
export interface SyncPorts extends RunPorts {
  api: AutodeskApi;
  records: RecordStore;
  quarantine: QuarantineStore;
  /** Counts what `api`, `records` and the other stores use while this message is worked on. */
  usage: Usage;
  /** How long this worker may still go on, in milliseconds; it stops at the next checkpoint when little is left. */
  timeLeftMs(): number;
}
