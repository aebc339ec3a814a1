import { isLoopback } from '../../../shared/addresses.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { seededRandomness } from '../seed/seeded-randomness.ts';
import type { BiddingData, SandboxResource } from './bidding-data.ts';
import { type Happening, LIFE_EVENTS, type LifeEventKind } from './life-events.ts';
import type { EventName } from './webhook-events.ts';

const CALLBACK_TIMEOUT_MS = 5000;

export interface LifeEvent {
  kind: LifeEventKind;
  resource: SandboxResource;
  id: string;
  /** Where the end of a job was told, and the answer's status or why there was none. */
  callback?: { url: string; outcome: number | string };
}

export interface LifePorts {
  clock: Clock;
  fetch: typeof fetch;
  /** Has webhooks tell of an event. */
  tell: (event: EventName, payload: JsonObject) => void;
}

/** The order of events. Within a cycle each part of a sync has something to do, and nothing runs away. */
const CYCLE: readonly LifeEventKind[] = [
  'pair-fails',
  'invite-answered',
  'job-starts',
  'form-changes',
  'job-finishes',
  'pair-heals',
  'invite-sent',
  'pair-advances',
  'pair-fails',
  'invite-withdrawn',
  'pair-heals-quietly',
  'request-changes',
  'opportunity-received',
  'bid-submitted',
  'comment-written',
  'opportunity-decided',
  'comment-edited',
  'comment-removed',
];

/** What happens in the company while somebody watches. The same seed and step bring the same event. */
export class Life {
  /** Where ends of jobs are told. Unset: at the request's own `callbackUrl`, if that is on this machine. */
  callbackUrl: string | undefined;
  /** How many steps there were, over all lives of this sandbox. */
  steps: number;

  readonly #data: BiddingData;
  readonly #seed: string;
  readonly #clock: Clock;
  readonly #fetch: typeof fetch;
  readonly #tell: LifePorts['tell'];
  readonly #persist: () => void;
  #running: { stop: AbortController; ended: Promise<void> } | undefined;

  constructor(
    data: BiddingData,
    seed: string,
    steps: number,
    { clock, fetch, tell }: LifePorts,
    persist: () => void,
  ) {
    this.#data = data;
    this.#seed = seed;
    this.steps = steps;
    this.#clock = clock;
    this.#fetch = fetch;
    this.#tell = tell;
    this.#persist = persist;
  }

  /** The next event of the cycle for which there is a record; undefined in a company where none can happen. */
  async step(): Promise<LifeEvent | undefined> {
    for (let tried = 0; tried < CYCLE.length; tried++) {
      const event = await this.happen(CYCLE[this.steps % CYCLE.length] ?? 'pair-fails');
      if (event !== undefined) return event;
    }
    return undefined;
  }

  /** One event of this kind, or undefined where no record fits it. A finished job has called back by then. */
  async happen(kind: LifeEventKind): Promise<LifeEvent | undefined> {
    const randomness = seededRandomness(`${this.#seed}/life/${this.steps}`);
    this.steps += 1;
    const changed: Happening | undefined = LIFE_EVENTS[kind](this.#data, randomness, this.#clock.now());
    // Before anybody hears of it: who was called back asks for the job, and may do so after a restart.
    this.#persist();
    if (changed === undefined) return undefined;
    const { told, ...record } = changed;
    if (told !== undefined) this.#tell(told.event, told.payload);
    const callback = kind === 'job-finishes' ? await this.#callBack(changed.id) : undefined;
    return { kind, ...record, ...(callback === undefined ? {} : { callback }) };
  }

  /** Steps every `intervalMs` until `stop`. */
  start(intervalMs: number, onEvent: (event: LifeEvent) => void = () => {}): void {
    if (this.#running !== undefined) throw new Error('The sandbox is already live.');
    const stop = new AbortController();
    this.#running = { stop, ended: this.#live(intervalMs, onEvent, stop.signal) };
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.stop.abort();
    await running?.ended;
  }

  async #live(intervalMs: number, onEvent: (event: LifeEvent) => void, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        await this.#clock.sleep(intervalMs, stop);
      } catch (error) {
        if (stop.aborted) return;
        throw error;
      }
      const event = await this.step();
      if (event !== undefined) onEvent(event);
    }
  }

  async #callBack(jobId: string): Promise<LifeEvent['callback']> {
    const job = this.#data.record('data-connector-jobs', jobId);
    const request = this.#data.record('data-connector-requests', String(job?.requestId));
    if (job === undefined || typeof request?.callbackUrl !== 'string') return undefined;
    const url = this.callbackUrl ?? request.callbackUrl;
    if (!isOnThisMachine(url)) return undefined;
    const body = JSON.stringify({
      accountId: job.accountId,
      requestId: job.requestId,
      jobId,
      state: 'complete',
      success: job.completionStatus === 'success',
    });
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(CALLBACK_TIMEOUT_MS);
    try {
      const answer = await this.#fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
      await answer.arrayBuffer();
      return { url, outcome: answer.status };
    } catch (error) {
      // Nothing documents a second try, so a callback that fails is lost, as it may be with Autodesk.
      return { url, outcome: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** The sandbox never calls anything else: the addresses in its records are made up. */
function isOnThisMachine(url: string): boolean {
  const address = URL.parse(url);
  return address !== null && isLoopback(address);
}
