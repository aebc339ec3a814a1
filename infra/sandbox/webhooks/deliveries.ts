import { createHmac, randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { EventName } from '../data/webhook-events.ts';
import { type Hooks, type StoredHook, shown } from './hooks.ts';

/** What goes wrong with the next event, on demand. */
export type DeliveryFault =
  /** It is never sent. */
  | { kind: 'lost' }
  /** It is sent twice. */
  | { kind: 'doubled' }
  /** One that somebody else has signed comes before it. */
  | { kind: 'forged' }
  /** It is sent so much later. */
  | { kind: 'late'; ms: number };

export interface Delivery {
  event: EventName;
  hookId: string;
  /** The status of each answer, or why there was none. */
  outcomes: (number | string)[];
}

const ANSWER_WITHIN_MS = 6_000;

/** Autodesk's four more tries take two days and more. Here they take as many minutes: a sandbox's day has a few. */
const RETRIES_MS = [5_000, 30_000, 120_000, 300_000];
const REACTIVATED_AFTER_MS = 600_000;

export interface DeliveryOptions {
  hooks: Hooks;
  userId: string;
  clock: Clock;
  fetch: typeof fetch;
  /** Waits before the second, third, ... try. */
  retriesMs?: readonly number[];
  /** How long a hook with `autoReactivateHook` stays off. */
  reactivatedAfterMs?: number;
}

/** Tells the hooks of what happens: signs, tries again, and switches off what never answers, as Autodesk does. */
export class Deliveries {
  /** What was sent, oldest first. */
  readonly sent: Delivery[] = [];
  readonly #options: Required<DeliveryOptions>;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #faults: DeliveryFault[] = [];

  constructor(options: DeliveryOptions) {
    this.#options = { retriesMs: RETRIES_MS, reactivatedAfterMs: REACTIVATED_AFTER_MS, ...options };
  }

  /** What goes wrong with the next event that is told. */
  strikeNext(fault: DeliveryFault): void {
    this.#faults.push(fault);
  }

  /** Has every hook of the event called, and does not wait for it. What happens while a hook is off is never told. */
  tell(event: EventName, payload: JsonObject): void {
    const fault = this.#faults.shift();
    if (fault?.kind === 'lost') return;
    for (const hook of this.#options.hooks.all()) {
      if (hook.event !== event || hook.status === 'inactive') continue;
      const work = this.#deliver(hook, payload, fault).catch((error: unknown) => {
        if (!this.#stop.signal.aborted) throw error;
      });
      this.#running.add(work);
      work.finally(() => this.#running.delete(work));
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled([...this.#running]);
  }

  async #deliver(hook: StoredHook, payload: JsonObject, fault: DeliveryFault | undefined): Promise<void> {
    const { hooks, userId, clock, retriesMs } = this.#options;
    if (fault?.kind === 'late') await clock.sleep(fault.ms, this.#stop.signal);
    const body = JSON.stringify({
      version: '1.0',
      resourceUrn: `urn:adsk.bc:${hook.event}`,
      hook: shown(hook, userId),
      payload,
    });
    const deliveryId = randomUUID();
    const delivery: Delivery = { event: hook.event, hookId: hook.hookId, outcomes: [] };
    this.sent.push(delivery);
    if (fault?.kind === 'forged') await this.#call(hook, body, randomUUID(), 'f'.repeat(64));
    for (let tried = 0; ; tried += 1) {
      const outcome = await this.#call(hook, body, deliveryId, hook.token);
      delivery.outcomes.push(outcome);
      if (typeof outcome === 'number' && outcome >= 200 && outcome < 300) break;
      const waitMs = retriesMs[tried];
      if (waitMs === undefined) return this.#switchOff(hook.hookId);
      await clock.sleep(waitMs, this.#stop.signal);
    }
    if (hooks.get(hook.hookId)?.status === 'reactivated') hooks.change(hook.hookId, { status: 'active' });
    if (fault?.kind === 'doubled')
      delivery.outcomes.push(await this.#call(hook, body, deliveryId, hook.token));
  }

  async #switchOff(hookId: string): Promise<void> {
    const { hooks, clock, reactivatedAfterMs } = this.#options;
    hooks.change(hookId, { status: 'inactive' });
    if (hooks.get(hookId)?.autoReactivateHook !== true) return;
    await clock.sleep(reactivatedAfterMs, this.#stop.signal);
    if (hooks.get(hookId)?.status === 'inactive') hooks.change(hookId, { status: 'reactivated' });
  }

  async #call(
    { callbackUrl }: StoredHook,
    body: string,
    deliveryId: string,
    token: string | undefined,
  ): Promise<number | string> {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'x-adsk-delivery-id': deliveryId,
    };
    if (token !== undefined) {
      headers['x-adsk-signature'] = `sha1hash=${createHmac('sha1', token).update(body).digest('hex')}`;
    }
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
      const answer = await this.#options.fetch(callbackUrl, {
        method: 'POST',
        headers,
        body,
        signal,
        redirect: 'error',
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
