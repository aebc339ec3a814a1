import type { AutodeskApi } from '../../shared/autodesk/client/api.ts';
import {
  AutodeskUnavailableError,
  NeedsConsentError,
  RateLimitedError,
  RequestRefusedError,
  UnexpectedResponseError,
} from '../../shared/autodesk/http/errors.ts';
import { type Clock, isoTime } from '../../shared/clock.ts';
import type { Json } from '../../shared/json.ts';
import { silentLog } from '../../shared/observability/log.ts';
import { noMetrics } from '../../shared/observability/metrics.ts';
import { Usage } from '../../shared/observability/usage.ts';
import type { FetchMessage } from '../../shared/queue/messages.ts';
import { findResource, requireResource } from '../../shared/resources/registry.ts';
import type { Resource, Scope } from '../../shared/resources/resource.ts';
import { type RunRequest, requestRun } from '../../shared/sync/runs/request-run.ts';
import { resumeStalled } from '../../shared/sync/runs/resume-stalled.ts';
import { workOnRun } from '../../shared/sync/runs/work-on-run.ts';
import type { SyncPorts, SyncSettings } from '../../shared/sync/state/sync-ports.ts';
import { readRecord } from '../../shared/sync/storing/read-record.ts';
import { InMemoryPartitionStore } from '../support/in-memory/partition-store.ts';
import { InMemoryQuarantineStore } from '../support/in-memory/quarantine-store.ts';
import { InMemoryAlertQueue } from '../support/in-memory/queues.ts';
import { heldAs, ModelAutodesk } from '../support/sync/model-autodesk.ts';
import { Dice } from './dice.ts';
import type { Plan } from './plan.ts';
import { altered, type Fates, mortalPorts, type OuterPorts, type PortName } from './ports.ts';
import { Process, Processes } from './processes.ts';
import { WatchedRecordStore, WatchedRunStore } from './watched-stores.ts';
import { InvariantBrokenError, type StoredList, Witness } from './witness.ts';

const START_MS = Date.parse('2026-11-01T00:00:00.000Z');
const TICK_MS = 60_000;
/** How long the queue hides a message that was taken. */
const VISIBILITY_MS = 360_000;
/** Turns after which a history that should end counts as one that never does: so many, and more for each record. */
const MAX_TURNS = 8_000;
const MAX_TURNS_A_RECORD = 400;

/** Short, so that what an overlap is needed for happens often; more than lists lag by. */
const OVERLAP_MS = 120_000;

/** As the worker serves them; other kinds are not sent here. */
async function serve(message: FetchMessage, engine: SyncPorts): Promise<void> {
  if (message.kind === 'run') return workOnRun(message, engine);
  if (message.kind === 'read-record') return readRecord(message, engine);
  throw new TypeError(`Nobody sends ${message.kind} here.`);
}

interface Message {
  body: FetchMessage;
  dueMs: number;
}

/** A deliberate bug, put between the shipped engine and its ports. */
export interface Sabotage {
  name: string;
  settings?: Partial<SyncSettings>;
  /** The ports of one process; `process` and `world` for bugs that have a life of their own. */
  apply?: (ports: OuterPorts, process: Process, world: World) => OuterPorts;
}

/** One list at Autodesk, its mirror, the queue, and the processes that run the shipped engine between them. */
export class World {
  readonly dice: Dice;
  /** Of each list: the one the history is about, after its parents if it has any. */
  readonly witnesses: readonly Witness[];
  readonly model: ModelAutodesk;
  readonly resource: Resource;
  /** The resource that runs are asked for: the parents where there are any, whose runs the list follows. */
  readonly asked: Resource;
  readonly scope: Scope;
  readonly plan: Plan;
  readonly processes: Processes;
  readonly records: WatchedRecordStore;
  readonly runs: WatchedRunStore;
  readonly settings: SyncSettings;
  readonly #partitions = new InMemoryPartitionStore();
  readonly #quarantine = new InMemoryQuarantineStore();
  readonly #outer: OuterPorts;
  readonly #sabotage: Sabotage | undefined;
  readonly #living = new Set<Process>();
  readonly #workers = new Set<Process>();
  #messages: Message[] = [];
  #nextTickMs = START_MS;
  #ticking = false;
  #skewMs = 0;
  #signedOutUntilMs = 0;
  #faults = true;

  constructor(plan: Plan, sabotage?: Sabotage) {
    const resource = findResource(plan.resource);
    if (resource === undefined) throw new TypeError(`There is no resource ${plan.resource}.`);
    this.plan = plan;
    this.resource = resource;
    this.asked = resource.parent === undefined ? resource : requireResource(resource.parent.name);
    this.scope = resource.scope === 'company' ? 'company' : 'account';
    this.dice = new Dice(plan.seed);
    this.processes = new Processes(this.dice, START_MS);
    this.processes.holdProbability = plan.stalls;
    this.model = new ModelAutodesk({
      serverNow: () => this.processes.nowMs,
      pageSize: () => (plan.emptyPages && this.dice.happens(0.2) ? 0 : this.dice.between(1, plan.pageSize)),
      cursors: plan.cursors,
      order: plan.order,
      readById: plan.readById || resource.changes.kind === 'newest-first',
      ...(plan.totals !== 'none' && {
        totalOf: (length: number) => (plan.totals === 'many' ? length * 1_000 : length),
      }),
    });
    this.witnesses = this.lists.map((list) => new Witness(this.model, list, this.scope));
    this.records = new WatchedRecordStore((name) => this.witnessOf(name));
    this.records.isLagging = () => this.#faults && plan.laggingIndex && this.dice.happens(0.5);
    const runs = new WatchedRunStore(this.#partitions);
    runs.onChange = (before, after) =>
      this.witnessOf(after.resource).changed(
        before,
        after,
        (runId) => this.#partitions.partitionsNow(runId),
        (id) => this.records.headNow({ resource: after.resource, id }),
      );
    this.runs = runs;
    this.settings = {
      overlapMs: OVERLAP_MS,
      maxPartitionsInFlight: 3,
      deletionGuardShare: 1,
      enabledResources: this.lists.map(({ name }) => name),
      ...sabotage?.settings,
    };
    this.#sabotage = sabotage;
    this.#outer = {
      api: this.#api(),
      records: this.records,
      quarantine: this.#quarantine,
      runs,
      partitions: this.#partitions,
      fetchQueue: { send: async (message, delaySeconds = 0) => this.#enqueue(message, delaySeconds) },
      alertQueue: new InMemoryAlertQueue(),
    };
  }

  /** The clock of this side, which may be wrong. */
  readonly clock: Clock = {
    now: () => this.processes.nowMs + this.#skewMs,
    sleep: () => Promise.reject(new TypeError('The engine never sleeps.')),
  };

  /** Asks for a run from a process of its own, as the intake does. */
  want(request: Omit<RunRequest, 'resource' | 'scope'>, list: Resource = this.asked): void {
    const witness = this.witnessOf(list.name);
    const askedAt = witness.mark();
    this.#begin(async (engine) => {
      await requestRun({ ...request, resource: list.name, scope: this.scope }, engine);
      witness.accepted({ askedAt, full: request.mode === 'full' });
    });
  }

  /** The lists that are mirrored: the one the history is about, after its parents if it has any. */
  get lists(): readonly Resource[] {
    return this.asked === this.resource ? [this.resource] : [this.asked, this.resource];
  }

  witnessOf(name: string): Witness {
    const witness = this.witnesses.find(({ resource }) => resource.name === name);
    if (witness === undefined) throw new TypeError(`Nobody watches ${name}.`);
    return witness;
  }

  /** The first invariant that was broken, of whatever list. */
  get broken(): InvariantBrokenError | undefined {
    return this.witnesses.map(({ broken }) => broken).find((broken) => broken !== undefined);
  }

  blame(invariant: string, what: string): void {
    this.witnessOf(this.resource.name).blame(invariant, what);
  }

  /** Ends one of the living processes, whatever it is about to do. */
  kill(): void {
    const victim = this.dice.pick([...this.#living]);
    if (victim !== undefined) this.#die(victim);
  }

  /** A moment at which a process may well die. */
  async danger(process: Process): Promise<void> {
    if (this.#faults && this.plan.deaths > 0 && this.dice.happens(0.05)) this.#die(process);
    await this.processes.pass(process);
  }

  jumpClock(): void {
    if (this.plan.clockJumps) this.#skewMs = this.dice.between(-300_000, 300_000);
  }

  signOut(): void {
    this.#signedOutUntilMs = this.processes.nowMs + this.dice.between(60_000, 600_000);
  }

  wait(): void {
    this.processes.nowMs += this.dice.between(1_000, 400_000);
  }

  /** Lets some process go on, a message be delivered, or time pass. */
  async turn(): Promise<void> {
    if (this.processes.nowMs >= this.#nextTickMs) this.#tick();
    if (this.#workers.size < this.plan.workers && this.dice.happens(0.3) && this.#deliver()) return;
    if (await this.processes.turn()) return;
    if (this.#workers.size < this.plan.workers && this.#deliver()) return;
    const nextMessageMs = Math.min(...this.#messages.map(({ dueMs }) => dueMs));
    this.processes.nowMs = Math.min(
      Math.max(this.processes.nowMs, Math.min(nextMessageMs, this.processes.nextOpeningMs)),
      Math.max(this.processes.nowMs, this.#nextTickMs),
    );
  }

  /** From here on nothing goes wrong any more, and everything that was under way comes to rest. */
  async rest(): Promise<void> {
    this.#faults = false;
    this.processes.holdProbability = 0;
    this.#signedOutUntilMs = 0;
    const most = MAX_TURNS + this.plan.records * MAX_TURNS_A_RECORD;
    for (let turns = 0; !(await this.#isQuiet()); turns += 1) {
      if (turns > most) throw new InvariantBrokenError('no rest', 'a run neither ends nor fails');
      if (this.broken !== undefined) return;
      await this.turn();
    }
  }

  /** Asks for a run when all is at rest, and sees it end. */
  async complete(request: Omit<RunRequest, 'resource' | 'scope'>): Promise<void> {
    this.want(request);
    await this.rest();
    for (const { name } of this.lists) {
      const { lastRun } = await this.runs.read(name, this.scope);
      if (lastRun?.status === 'complete') continue;
      this.blame('a run without faults failed', `${name}: ${lastRun?.error?.message ?? 'none ended'}`);
    }
  }

  async stored(resource: Resource): Promise<StoredList> {
    const list: StoredList = new Map();
    for await (const record of this.records.all(resource.name, this.scope, { includeDeleted: true })) {
      const lists: Record<string, Json[]> = {};
      for (const { name } of resource.nested ?? []) {
        const elements = this.records.elements({ resource: name, parentId: record.id });
        lists[name] = [];
        for await (const element of elements) lists[name].push(element.data);
      }
      list.set(heldAs(record), { record, lists });
    }
    return list;
  }

  /** A message that comes from outside, as that of a webhook does; it may come twice, and late. */
  tell(message: FetchMessage, delaySeconds: number): void {
    this.#enqueue(message, delaySeconds);
  }

  #enqueue(body: FetchMessage, delaySeconds: number): void {
    const copies = this.#faults && this.dice.happens(this.plan.duplicates) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = this.#faults && this.dice.happens(this.plan.duplicates) ? this.dice.below(200_000) : 0;
      this.#messages.push({ body, dueMs: this.processes.nowMs + delaySeconds * 1_000 + late });
    }
  }

  #deliver(): boolean {
    const message = this.dice.pick(this.#messages.filter(({ dueMs }) => dueMs <= this.processes.nowMs));
    if (message === undefined) return false;
    const { body } = message;
    message.dueMs = this.processes.nowMs + VISIBILITY_MS;
    const worker = this.#begin(
      (engine) => serve(body, engine),
      (failed) => {
        this.#workers.delete(worker);
        if (failed) message.dueMs = this.processes.nowMs + 1_000;
        else if (!this.#faults || !this.dice.happens(this.plan.duplicates)) {
          this.#messages = this.#messages.filter((other) => other !== message);
        }
      },
    );
    this.#workers.add(worker);
    return true;
  }

  #tick(): void {
    this.#nextTickMs = this.processes.nowMs + TICK_MS;
    if (this.#ticking) return;
    this.#ticking = true;
    const process = this.#begin((engine) =>
      resumeStalled(
        { resources: this.lists.map(({ name }) => name), accountIds: ['account'] },
        engine,
      ).finally(() => {
        this.#ticking = false;
      }),
    );
    this.#whenDead.set(process, () => {
      this.#ticking = false;
    });
  }

  readonly #whenDead = new Map<Process, () => void>();

  #begin(work: (engine: SyncPorts) => Promise<void>, ended: (failed: boolean) => void = () => {}): Process {
    const process = new Process();
    this.#living.add(process);
    const end = (failed: boolean) => {
      if (!process.alive) return;
      this.#living.delete(process);
      if (process.effects > 0) this.blame('done was said too early', `${process.effects} effects`);
      ended(failed);
    };
    const endsMs = this.processes.nowMs + this.plan.workerLifeMs;
    work(this.#engineOf(process, endsMs)).then(
      () => end(false),
      (error: unknown) => {
        if (error instanceof InvariantBrokenError || error instanceof TypeError) {
          this.blame('an unknown failure', error.stack ?? error.message);
        }
        end(true);
      },
    );
    return process;
  }

  #engineOf(process: Process, endsMs: number): SyncPorts {
    // Between the steps of a replacement, a process may fail or die as between two awaits of its ports.
    const pause = async () => {
      await this.processes.pass(process);
      await this.#mayFail(process, 'records');
    };
    const outer = {
      ...this.#outer,
      records: altered(this.#outer.records, {
        put: (version) => this.records.put(version, pause),
        markDeleted: (key, readAt) => this.records.markDeleted(key, readAt, pause),
      }),
    };
    const sabotaged = this.#sabotage?.apply?.(outer, process, this) ?? outer;
    return {
      ...mortalPorts(sabotaged, process, this.#fates),
      clock: this.clock,
      randomness: this.dice,
      log: silentLog,
      metrics: noMetrics,
      usage: new Usage(),
      settings: this.settings,
      timeLeftMs: () => endsMs - this.processes.nowMs,
    };
  }

  #die(process: Process): void {
    this.processes.kill(process);
    this.#living.delete(process);
    this.#workers.delete(process);
    this.#whenDead.get(process)?.();
  }

  readonly #fates: Fates = {
    call: async (process, port, effect) => {
      const effects = port === 'api' ? 0 : 1;
      process.effects += effects;
      try {
        await this.processes.pass(process);
        await this.#mayFail(process, port);
        const result = await effect();
        await this.#mayFail(process, port);
        if (port === 'api' || this.dice.happens(0.1)) await this.processes.pass(process);
        return result;
      } finally {
        process.effects -= effects;
      }
    },
    stream: (process, port, values) => this.#mortalStream(process, port, values),
  };

  async *#mortalStream<Value>(process: Process, port: PortName, values: AsyncIterable<Value>) {
    for await (const value of values) {
      await this.processes.pass(process);
      await this.#mayFail(process, port);
      yield value;
    }
  }

  async #mayFail(process: Process, port: PortName): Promise<void> {
    if (!this.#faults) return;
    if (this.dice.happens(this.plan.deaths / 2)) {
      this.#die(process);
      await this.processes.pass(process);
    }
    if (!this.dice.happens(this.plan.errors / 2)) return;
    if (port !== 'api') throw new Error(`${port} is away`);
    const kind = this.dice.fraction();
    if (kind < 0.5) throw new AutodeskUnavailableError('HTTP 503');
    if (kind < 0.8) throw new RateLimitedError('buildingconnected', this.dice.between(1_000, 90_000));
    if (kind < 0.9) throw new RequestRefusedError('BAD_REQUEST', 400);
    if (kind < 0.95) throw new RequestRefusedError('FORBIDDEN', 403);
    throw new UnexpectedResponseError('HTML');
  }

  #api(): AutodeskApi {
    const sentAt = () => {
      if (this.processes.nowMs < this.#signedOutUntilMs) throw new NeedsConsentError('signed out');
      return isoTime(this.clock.now());
    };
    return {
      list: async (request) => {
        const page = this.model.list(request, sentAt());
        this.witnessOf(request.resource.name).answered(page);
        return page;
      },
      nested: async (request) => this.model.nested(request, sentAt()),
      read: async (resource, scope, id, parentId) => this.model.read(resource, scope, id, sentAt(), parentId),
    };
  }

  async #isQuiet(): Promise<boolean> {
    if (this.#living.size > 0 || this.#messages.length > 0) return false;
    const states = await Promise.all(this.lists.map(({ name }) => this.runs.read(name, this.scope)));
    return states.every(({ activeRun }) => activeRun === undefined);
  }
}
