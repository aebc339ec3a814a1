import type { AutodeskApi, ListRequest } from '../../../shared/autodesk/client/api.ts';
import { type Clock, isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import type { RunMessage } from '../../../shared/queue/messages.ts';
import type { QuarantineStore } from '../../../shared/records/quarantine.ts';
import type { StoredRecord } from '../../../shared/records/record.ts';
import type { RecordStore } from '../../../shared/records/record-store.ts';
import { findResource } from '../../../shared/resources/registry.ts';
import type { Resource, Scope } from '../../../shared/resources/resource.ts';
import { type RunRequest, requestRun } from '../../../shared/sync/runs/request-run.ts';
import { resumeStalled } from '../../../shared/sync/runs/resume-stalled.ts';
import { workOnRun } from '../../../shared/sync/runs/work-on-run.ts';
import type { ScopeState } from '../../../shared/sync/state/run.ts';
import type { PartitionStore, RunStore } from '../../../shared/sync/state/stores.ts';
import {
  DEFAULT_WORKERS,
  type SyncPorts,
  type SyncSettings,
  settingsFor,
} from '../../../shared/sync/state/sync-ports.ts';
import { InMemoryPartitionStore } from '../in-memory/partition-store.ts';
import { InMemoryQuarantineStore } from '../in-memory/quarantine-store.ts';
import { InMemoryAlertQueue, InMemoryFetchQueue } from '../in-memory/queues.ts';
import { InMemoryRecordStore } from '../in-memory/record-store.ts';
import { InMemoryRunStore } from '../in-memory/run-store.ts';
import { type HeldRecord, ModelAutodesk, type ModelOptions } from './model-autodesk.ts';

const START_MS = Date.parse('2026-11-01T00:00:00.000Z');
const MINUTE_MS = 60_000;
/** Virtual minutes after which a run that does not end counts as one that never will. */
const PATIENCE_MINUTES = 3_000;

/** One request that the engine sent. */
export type Call =
  | { kind: 'list'; request: ListRequest }
  | { kind: 'nested'; id: string }
  | { kind: 'read'; id: string };

export interface EngineKitOptions {
  resource?: string;
  settings?: Partial<SyncSettings>;
  model?: Partial<ModelOptions>;
  /** Stores other than those in memory. */
  stores?: Partial<KitStores>;
}

interface KitStores {
  records: RecordStore;
  partitions: PartitionStore;
  runs: RunStore;
  quarantine: QuarantineStore;
  usage: Usage;
}

/** The shipped engine between a model of Autodesk and a mirror, driven by hand and by a clock that stands still. */
export class EngineKit {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly model: ModelAutodesk;
  readonly calls: Call[] = [];
  /** Called before each answer: throw to fail it, change the model to change what it says. */
  beforeResponse: (call: Call) => void = () => {};
  /** How long a worker may go on after it was given a message. */
  timeLeftMs: () => number = () => 15 * MINUTE_MS;
  readonly fetchQueue: InMemoryFetchQueue;
  readonly alertQueue = new InMemoryAlertQueue();
  readonly ports: KitStores;
  nowMs = START_MS;
  /** How far the clock of this side is ahead of Autodesk's. */
  aheadMs = 0;
  readonly settings: SyncSettings;
  #ids = 0;

  constructor(options: EngineKitOptions = {}) {
    const resource = findResource(options.resource ?? 'invites');
    if (resource === undefined) throw new TypeError(`There is no resource ${options.resource}.`);
    this.resource = resource;
    this.scope = resource.scope === 'company' ? 'company' : 'account';
    this.settings = { ...settingsFor(DEFAULT_WORKERS, []), ...options.settings };
    this.model = new ModelAutodesk({
      serverNow: () => this.nowMs,
      pageSize: () => 100,
      cursors: 'keys',
      order: 'updatedAt',
      readById: true,
      totalOf: (length) => length,
      ...options.model,
    });
    const partitions = options.stores?.partitions ?? new InMemoryPartitionStore();
    this.ports = {
      partitions,
      records: new InMemoryRecordStore(),
      runs: new InMemoryRunStore(partitions),
      quarantine: new InMemoryQuarantineStore(),
      usage: new Usage(),
      ...options.stores,
    };
    this.fetchQueue = new InMemoryFetchQueue(this.clock);
  }

  readonly clock: Clock = {
    now: () => this.nowMs + this.aheadMs,
    sleep: () => Promise.reject(new TypeError('The engine never sleeps.')),
  };

  get held(): Map<string, HeldRecord> {
    return this.model.listOf(this.resource, this.scope);
  }

  /** Puts a record into Autodesk, or a new version of it. */
  hold(id: string, fields: JsonObject = {}, of: Partial<HeldRecord> = {}): HeldRecord {
    const now = isoTime(this.nowMs);
    const timed = this.resource.changes.kind === 'updated-at-filter';
    const createdAt = this.held.get(id)?.createdAt ?? now;
    const record: HeldRecord = { id, createdAt, ...(timed && { updatedAt: now }), fields, ...of };
    this.held.set(id, record);
    return record;
  }

  /** An engine as a worker has it for one message. */
  engine(): SyncPorts {
    return {
      ...this.ports,
      api: this.#api(),
      fetchQueue: this.fetchQueue,
      alertQueue: this.alertQueue,
      clock: this.clock,
      randomness: { fraction: () => 0.5, hex: () => this.#nextId() },
      log: silentLog,
      metrics: noMetrics,
      settings: this.settings,
      timeLeftMs: () => this.timeLeftMs(),
    };
  }

  request(request: Omit<RunRequest, 'resource' | 'scope'> = { mode: 'incremental' }): Promise<ScopeState> {
    return requestRun({ ...request, resource: this.resource.name, scope: this.scope }, this.engine());
  }

  state(): Promise<ScopeState> {
    return this.ports.runs.read(this.resource.name, this.scope);
  }

  tick(): Promise<void> {
    return resumeStalled({ resources: [this.resource.name], accountIds: ['account'] }, this.engine());
  }

  /** Works on the next message that is due; answers whether there was one. Unknown errors bring it back. */
  async workOnNext(): Promise<boolean> {
    const index = this.fetchQueue.waiting.findIndex(({ dueMs }) => dueMs <= this.clock.now());
    const [next] = index < 0 ? [] : this.fetchQueue.waiting.splice(index, 1);
    if (next === undefined || next.message.kind !== 'run') return false;
    await this.work(next.message);
    return true;
  }

  async work(message: RunMessage): Promise<void> {
    try {
      await workOnRun(message, this.engine());
    } catch {
      this.fetchQueue.waiting.push({ message, dueMs: this.clock.now() + MINUTE_MS });
    }
  }

  /** Lets workers and ticks do what there is to do until no run is active and no message waits. */
  async drain(): Promise<ScopeState> {
    for (let minutes = 0; minutes < PATIENCE_MINUTES; minutes += 1) {
      while (await this.workOnNext());
      const state = await this.state();
      if (state.activeRun === undefined && this.fetchQueue.waiting.length === 0) return state;
      this.nowMs += MINUTE_MS;
      await this.tick();
    }
    throw new Error('The run neither ends nor fails.');
  }

  /** Lets workers do what there is to do until another list has no active run. */
  async settle(resource: string): Promise<void> {
    for (let minutes = 0; minutes < PATIENCE_MINUTES; minutes += 1) {
      while (await this.workOnNext());
      const { activeRun } = await this.ports.runs.read(resource, this.scope);
      if (activeRun === undefined) return;
      this.nowMs += MINUTE_MS;
      await resumeStalled({ resources: [resource], accountIds: [] }, this.engine());
    }
    throw new Error('The run neither ends nor fails.');
  }

  /** Asks for a run and sees it end; some time passes, so that runs can be told apart. */
  async run(request: Omit<RunRequest, 'resource' | 'scope'> = { mode: 'incremental' }): Promise<ScopeState> {
    this.nowMs += 1_000;
    await this.request(request);
    const state = await this.drain();
    this.nowMs += 1_000;
    return state;
  }

  /** The payloads of all records that are not deleted, by id. */
  async stored(): Promise<Map<string, JsonObject>> {
    const records = new Map<string, JsonObject>();
    for await (const { id, data } of this.ports.records.all(this.resource.name, this.scope))
      records.set(id, data);
    return records;
  }

  record(id: string): Promise<StoredRecord | undefined> {
    return this.ports.records.get({ resource: this.resource.name, id });
  }

  /** The ids of the elements of a record's list, in order; of its only one where none is named. */
  async elementsOf(id: string, list = this.resource.nested?.[0]?.name ?? ''): Promise<string[]> {
    const ids: string[] = [];
    for await (const element of this.ports.records.elements({ resource: list, parentId: id }))
      ids.push(element.id);
    return ids;
  }

  callsOf(kind: Call['kind']): Call[] {
    return this.calls.filter((call) => call.kind === kind);
  }

  #api(): AutodeskApi {
    const sent = (call: Call): string => {
      const readAt = isoTime(this.clock.now());
      this.calls.push(call);
      this.ports.usage.apiCalls += 1;
      this.beforeResponse(call);
      return readAt;
    };
    return {
      list: async (request) => this.model.list(request, sent({ kind: 'list', request })),
      nested: async (request) => this.model.nested(request, sent({ kind: 'nested', id: request.id })),
      read: async (resource, scope, id, parentId) =>
        this.model.read(resource, scope, id, sent({ kind: 'read', id }), parentId),
    };
  }

  #nextId(): string {
    this.#ids += 1;
    return this.#ids.toString(16).padStart(8, '0');
  }
}
