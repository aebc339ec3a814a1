import { seededRandomness } from '../../infra/sandbox/seed/seeded-randomness.ts';
import type { AutodeskApi, ListRequest, Page } from '../../shared/autodesk/client/api.ts';
import type { RateBudget } from '../../shared/autodesk/client/rate-budget.ts';
import { type Clock, isoTime } from '../../shared/clock.ts';
import { silentLog } from '../../shared/observability/log.ts';
import { noMetrics } from '../../shared/observability/metrics.ts';
import { Usage } from '../../shared/observability/usage.ts';
import type { FetchMessage, FetchQueue } from '../../shared/queue/messages.ts';
import type { RecordStore } from '../../shared/records/record-store.ts';
import { findResource } from '../../shared/resources/registry.ts';
import { COMPANY_SCOPE } from '../../shared/resources/resource.ts';
import { requestRun } from '../../shared/sync/runs/request-run.ts';
import { workOnRun } from '../../shared/sync/runs/work-on-run.ts';
import type { FinishedRun, RunMode } from '../../shared/sync/state/run.ts';
import { type SyncPorts, settingsFor } from '../../shared/sync/state/sync-ports.ts';
import { InMemoryPartitionStore } from '../support/in-memory/partition-store.ts';
import { InMemoryQuarantineStore } from '../support/in-memory/quarantine-store.ts';
import { InMemoryAlertQueue } from '../support/in-memory/queues.ts';
import { InMemoryRunStore } from '../support/in-memory/run-store.ts';
import { delayed } from './delayed.ts';
import type { GeneratedInvites } from './generated-invites.ts';

export const INVITES = resourceNamed('invites');

export interface InMemoryMirrorOptions {
  invites: GeneratedInvites;
  records: RecordStore;
  clock: Clock;
  /** Of each call to Autodesk. */
  apiMs: number;
  /** Of each call to a table or a queue. */
  tableMs: number;
  /** Messages worked on at a time. */
  workers: number;
  /** Absent: as many calls as the workers make. */
  budget?: RateBudget;
}

export interface InMemoryRun {
  run: FinishedRun;
  tookMs: number;
  calls: number;
}

/** What a Lambda function of this project is given for one message. */
const FUNCTION_TIME_MS = 295_000;

/** The engine over ports in memory, with a queue that feeds any number of workers in this process. */
export function createInMemoryMirror(options: InMemoryMirrorOptions) {
  const { clock, apiMs, tableMs } = options;
  const partitions = delayed(new InMemoryPartitionStore(), tableMs, clock);
  const api = new GeneratedApi(options.invites, clock, apiMs, options.budget);
  const queue = new WorkerQueue(options.workers, tableMs, clock, (message) => {
    const endsMs = clock.now() + FUNCTION_TIME_MS;
    return message.kind === 'run'
      ? workOnRun(message, { ...engine, usage: new Usage(), timeLeftMs: () => endsMs - clock.now() })
      : Promise.resolve();
  });
  const engine: SyncPorts = {
    api,
    records: delayed(options.records, tableMs, clock),
    quarantine: delayed(new InMemoryQuarantineStore(), tableMs, clock),
    partitions,
    // Read and write.
    runs: delayed(new InMemoryRunStore(partitions), 2 * tableMs, clock),
    fetchQueue: queue,
    alertQueue: new InMemoryAlertQueue(),
    clock,
    randomness: seededRandomness('virtual'),
    log: silentLog,
    metrics: noMetrics,
    settings: settingsFor(options.workers, []),
    usage: new Usage(),
    timeLeftMs: () => FUNCTION_TIME_MS,
  };

  return {
    /** Runs to its end; throws unless that is complete. */
    async run(mode: RunMode): Promise<InMemoryRun> {
      const startedMs = clock.now();
      const callsBefore = api.calls;
      await requestRun({ resource: INVITES.name, scope: COMPANY_SCOPE, mode }, engine);
      await queue.idle();
      const { lastRun } = await engine.runs.read(INVITES.name, COMPANY_SCOPE);
      if (lastRun?.status !== 'complete') throw new Error(`The run failed: ${lastRun?.error?.message}`);
      return { run: lastRun, tookMs: clock.now() - startedMs, calls: api.calls - callsBefore };
    },
    api,
  };
}

/** The list over the port of the engine: each answer takes its time, and the budget first. */
export class GeneratedApi implements AutodeskApi {
  calls = 0;
  #inFlight = 0;
  /** Calls in flight at a time, at most. */
  mostInFlight = 0;
  readonly #invites: GeneratedInvites;
  readonly #clock: Clock;
  readonly #latencyMs: number;
  readonly #budget: RateBudget | undefined;

  constructor(invites: GeneratedInvites, clock: Clock, latencyMs: number, budget?: RateBudget) {
    this.#invites = invites;
    this.#clock = clock;
    this.#latencyMs = latencyMs;
    this.#budget = budget;
  }

  async list(request: ListRequest): Promise<Page> {
    await this.#budget?.take('buildingconnected');
    this.calls += 1;
    const readAt = isoTime(this.#clock.now());
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    await this.#clock.sleep(this.#latencyMs);
    this.#inFlight -= 1;
    return this.#invites.page(request, readAt);
  }

  nested(): Promise<Page> {
    throw new TypeError('Invites have no nested list.');
  }

  read(): Promise<never> {
    throw new TypeError('Nothing was deleted, so no invite is read by its id.');
  }
}

/** The fetch queue with its event source: each message is worked on by one of the workers, once. */
class WorkerQueue implements FetchQueue {
  readonly #workers: number;
  readonly #latencyMs: number;
  readonly #clock: Clock;
  readonly #work: (message: FetchMessage) => Promise<void>;
  readonly #waiting: FetchMessage[] = [];
  /** Messages that wait, are late or are worked on. */
  #open = 0;
  #busy = 0;
  #failure: { error: unknown } | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(
    workers: number,
    latencyMs: number,
    clock: Clock,
    work: (message: FetchMessage) => Promise<void>,
  ) {
    this.#workers = workers;
    this.#latencyMs = latencyMs;
    this.#clock = clock;
    this.#work = work;
  }

  async send(message: FetchMessage, delaySeconds = 0): Promise<void> {
    this.#open += 1;
    await this.#clock.sleep(this.#latencyMs);
    void this.#deliver(message, delaySeconds * 1_000 + this.#latencyMs);
  }

  /** Resolves once nothing is left; rejects with the failure of a worker. */
  async idle(): Promise<void> {
    if (this.#open > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #deliver(message: FetchMessage, afterMs: number): Promise<void> {
    await this.#clock.sleep(afterMs);
    this.#waiting.push(message);
    this.#feed();
  }

  #feed(): void {
    while (this.#busy < this.#workers) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#busy += 1;
      this.#work(message)
        .catch((error: unknown) => {
          this.#failure ??= { error };
        })
        .finally(() => {
          this.#busy -= 1;
          this.#open -= 1;
          if (this.#open === 0) this.#whenIdle?.();
          this.#feed();
        });
    }
  }
}

function resourceNamed(name: string) {
  const resource = findResource(name);
  if (resource === undefined) throw new TypeError(`There is no resource ${name}.`);
  return resource;
}
